"""Patients added and changed over the API: what is sent stands there, and what is wrong is told field by field."""

import datetime as dt
import json
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.gate.conftest import MakeGate, bearing, tokens, written
from tests.gate.test_patients import identifier
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.event import Subject, event_columns
from varco.audit.models import Event
from varco.audit.tags import Tag
from varco.clinical.models import AccessRecord, Patient, PendingEvent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

AURORA = "/v2/tenants/tenant-aurora/patients"
ANNA = {
    "firstName": "Anna",
    "lastName": "Nèri D'Amato",
    "fiscalCode": "nrenna85m41h501p",
    "birthDate": "1985-08-01",
    "sex": "F",
    "email": "anna@posta.example",
    "phone": "+39 06 555",
}
DAMATO = {
    "field": "lastName",
    "code": "does_not_fit_fiscal_code",
    "message": "The fiscal code is of another last name.",
    "messageIt": "Il codice fiscale riporta un altro valore: cognome.",
}


@pytest.fixture
def token(gate: TestClient, dario: User, app: Registered) -> str:
    found: str = tokens(gate, dario, app)["access_token"]
    return found


def add(gate: TestClient, token: str, body: Any = ANNA, **headers: str) -> Response:
    return gate.post(AURORA, json=body, headers=bearing(token) | headers)


def change(gate: TestClient, token: str, patient: dict[str, Any], body: Any, **headers: str) -> Response:
    """Change a patient on the version it was read with, unless another `if_match` is given."""
    condition = headers.pop("if_match", f'"{patient["version"]}"')
    sent = bearing(token) | ({"If-Match": condition} if condition else {})
    return gate.patch(f"{AURORA}/{patient['id']}", json=body, headers=sent)


def faults(answer: Response) -> dict[str, str]:
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid_fields"), answer.text
    return {fault["field"]: fault["code"] for fault in answer.json()["fields"]}


def test_a_patient_is_added_and_found_where_the_answer_says(gate: TestClient, token: str) -> None:
    answer = add(gate, token)
    assert answer.status_code == 201
    made = answer.json()
    code = "NRENNA85M41H501P"
    expected = ANNA | {"id": made["id"], "version": 1, "fiscalCode": code, "birthPlace": "", "phoneE164": ""}
    assert made == expected | {"state": "active", "identifiers": [identifier("fiscalCode", code)], "warnings": [DAMATO]}
    del made["warnings"]
    assert answer.headers["location"] == f"https://api.example{AURORA}/{made['id']}"
    assert (answer.headers["etag"], answer.headers["cache-control"]) == ('"1"', "no-store")
    read = gate.get(f"{AURORA}/{made['id']}", headers=bearing(token))
    assert (read.json(), read.headers["etag"]) == (made, '"1"')
    found = gate.get(AURORA, params={"name": "damato neri"}, headers=bearing(token)).json()["items"]
    assert found == [made]
    stored = Patient.objects.using("clinic").get()
    assert (stored.tenant_id, stored.birth_date) == ("tenant-aurora", dt.date(1985, 8, 1))


def test_names_are_all_that_a_patient_needs(gate: TestClient, token: str) -> None:
    for _ in range(2):  # none has a fiscal code, so none has another's
        answer = add(gate, token, {"firstName": "  Anna ", "lastName": "Neri"})
        assert answer.status_code == 201
        assert (
            answer.json() | {"firstName": "Anna", "fiscalCode": "", "birthDate": None, "sex": "", "identifiers": []}
            == answer.json()
        )


def test_a_change_says_what_changes_and_the_rest_stays(gate: TestClient, token: str) -> None:
    made = add(gate, token).json()
    answer = change(gate, token, made, {"lastName": "Bianchi", "birthDate": None, "phone": None})
    del made["warnings"]
    expected = made | {"lastName": "Bianchi", "birthDate": None, "phone": "", "version": 2}
    warnings = answer.json()["warnings"]
    assert [warning["field"] for warning in warnings] == ["lastName"]
    assert (answer.status_code, answer.json(), answer.headers["etag"]) == (
        200,
        expected | {"warnings": warnings},
        '"2"',
    )
    assert gate.get(f"{AURORA}/{made['id']}", headers=bearing(token)).json() == expected
    assert gate.get(AURORA, params={"name": "bianchi"}, headers=bearing(token)).json()["items"] == [expected]


def test_a_change_of_an_older_version_is_a_409_with_the_version_of_now(gate: TestClient, token: str) -> None:
    made = add(gate, token).json()
    assert change(gate, token, made, {"phone": "1"}).status_code == 200
    answer = change(gate, token, made, {"phone": "2"})
    assert (answer.status_code, answer.json()["error"], answer.json()["version"]) == (409, "version_conflict", 2)
    assert answer.headers["etag"] == '"2"'
    assert Patient.objects.using("clinic").get().phone == "1"
    # A proxy that compresses makes an ETag weak: the version in it counts.
    assert change(gate, token, made, {"phone": "3"}, if_match='W/"2"').status_code == 200


@pytest.mark.parametrize(
    ("condition", "status", "error"),
    [
        ("", 428, "precondition_required"),
        ("*", 428, "precondition_required"),
        ("1", 400, "invalid_request"),
        ('"one"', 400, "invalid_request"),
        ('"1", "2"', 400, "invalid_request"),
    ],
)
def test_a_change_without_the_etag_of_a_version_is_refused(
    gate: TestClient, token: str, condition: str, status: int, error: str
) -> None:
    answer = change(gate, token, add(gate, token).json(), {"phone": "1"}, if_match=condition)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert Patient.objects.using("clinic").get().version == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("firstName", "", "required"),
        ("firstName", "   ", "required"),
        ("firstName", None, "wrong_type"),
        ("firstName", 7, "wrong_type"),
        ("lastName", "a" * 81, "too_long"),
        ("lastName", "Neri\nBianchi", "invalid_format"),
        ("lastName", "Neri\u202eirE", "invalid_format"),
        ("lastName", "Neri\0", "invalid_format"),
        ("lastName", "Neri\u3164", "invalid_format"),
        ("firstName", "An\u200dna", "invalid_format"),
        ("fiscalCode", "RSSMRA80A01H501", "invalid_format"),
        ("fiscalCode", "RSSMRA80Z01H501U", "invalid_format"),
        ("fiscalCode", "12345678901", "wrong_check"),
        ("fiscalCode", "RSSMRA80A01H501Z", "wrong_check"),
        ("birthPlace", "Roma", "invalid_format"),
        ("identifiers", {}, "wrong_type"),
        ("birthDate", "1985-02-30", "invalid_format"),
        ("birthDate", "1.8.1985", "invalid_format"),
        ("birthDate", "2027-01-18", "out_of_range"),
        ("birthDate", "1785-08-01", "out_of_range"),
        ("sex", "X", "not_allowed"),
        ("email", "anna", "invalid_format"),
        ("phone", "call me", "invalid_format"),
        ("id", 7, "unknown_field"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_a_code(
    gate: TestClient, token: str, field: str, value: Any, code: str
) -> None:
    answer = add(gate, token, ANNA | {field: value})
    assert faults(answer) == {field: code}
    for fault in answer.json()["fields"]:
        assert fault["message"].endswith(".")
        assert fault["messageIt"].endswith(".")
        assert fault["message"] != fault["messageIt"]
    assert not Patient.objects.using("clinic").exists()


def test_all_that_is_wrong_is_told_at_once_with_the_nearest_name_of_an_unknown_field(
    gate: TestClient, token: str
) -> None:
    answer = add(gate, token, {"first_name": "Anna", "sex": "f", "phone": []})
    assert faults(answer) == {
        "first_name": "unknown_field",
        "firstName": "required",
        "lastName": "required",
        "sex": "not_allowed",
        "phone": "wrong_type",
    }
    messages = {fault["field"]: fault["message"] for fault in answer.json()["fields"]}
    assert "firstName" in messages["first_name"]


@pytest.mark.parametrize(
    ("content", "media", "expected"),
    [
        (b"{", "application/json", (400, "invalid_request")),
        (b"", "application/json", (400, "invalid_request")),
        (b'{"firstName": "\xff"}', "application/json", (400, "invalid_request")),
        (b"[" * 60_000, "application/json", (400, "invalid_request")),
        (b"[]", "application/json", (422, "invalid_fields")),
        (b"firstName=Anna", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
        (b'{"firstName": "Anna"}', "", (415, "unsupported_media_type")),
        (b"x" * 2_000_000, "application/json", (413, "request_too_large")),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_in_its_own_words(
    gate: TestClient, token: str, content: bytes, media: str, expected: tuple[int, str]
) -> None:
    headers = bearing(token) | ({"Content-Type": media} if media else {})
    answer = gate.post(AURORA, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == expected


def test_a_fiscal_code_is_one_patient_s(gate: TestClient, token: str, app: Registered) -> None:
    made = add(gate, token).json()
    again = add(gate, token, ANNA | {"firstName": "Another", "fiscalCode": "NRENNA85M41H501P"})
    assert (again.status_code, again.json()["error"]) == (409, "already_exists")
    assert again.json()["fields"][0]["field"] == "fiscalCode"
    other = add(gate, token, {"firstName": "Bea", "lastName": "Neri"}).json()
    assert change(gate, token, other, {"fiscalCode": made["fiscalCode"]}).status_code == 409
    # Of another clinic nothing is known.
    levante = tokens(gate, people.lia(), app)["access_token"]
    answer = gate.post("/v2/tenants/tenant-levante/patients", json=ANNA, headers=bearing(levante))
    assert answer.status_code == 201


def test_writes_are_recorded_in_full_and_once_without_what_was_written(
    gate: TestClient, token: str, dario: User, app: Registered
) -> None:
    made = add(gate, token)
    changed = change(gate, token, made.json(), {"phone": "1", "email": None})
    assert change(gate, token, made.json(), {"phone": "2"}).status_code == 409
    assert add(gate, token, {}).status_code == 422
    # In the transaction of the write itself, even if nothing more happens.
    records = list(AccessRecord.objects.using("clinic").order_by("id"))
    patient = str(made.json()["id"])
    assert [(record.operation, record.patients, record.detail, record.request_id) for record in records] == [
        ("patient.added", patient, "", made.headers["x-request-id"]),
        ("patient.changed", patient, '{"fields":["email","phone"]}', changed.headers["x-request-id"]),
    ]
    record = records[0]
    assert (record.person, record.person_name, record.tenant_id) == (dario.public_id, "Dario Aurora", "tenant-aurora")
    assert (record.application_name, record.network, record.outcome) == ("Agenda Facile", "192.0.2.7", "ok")


def test_an_event_of_the_last_release_that_was_carried_over_before_a_crash_stands_there_once(gate: TestClient) -> None:
    columns = event_columns(
        Tag.PATIENT_ADDED, 1, Subject(), actor="", actor_name="", ip="", request_id="r", detail='{"patient": 1}'
    )
    pending = PendingEvent.objects.using("clinic").create(event_id="r", event=json.dumps(columns))
    written(gate)
    pending.save(using="clinic", force_insert=True)  # as if it had not been forgotten any more
    written(gate)
    assert Event.objects.filter(tag="patient.added").count() == 1
    assert not PendingEvent.objects.using("clinic").exists()


def test_a_sandbox_s_patients_are_written_into_the_sandbox(gate: TestClient, app: Registered) -> None:
    token = tokens(gate, people.sandro(), app)["access_token"]
    answer = gate.post("/v2/tenants/tenant-sandbox/patients", json=ANNA, headers=bearing(token))
    assert answer.status_code == 201
    assert Patient.objects.using("sandbox").count() == 1
    assert not Patient.objects.using("clinic").exists()


def test_writes_count_against_the_limit_and_say_what_is_left(make_gate: MakeGate, dario: User, app: Registered) -> None:
    gate = make_gate(rate_limit="2")
    token = tokens(gate, dario, app)["access_token"]
    first = add(gate, token)
    assert first.headers["ratelimit-limit"] == "2"
    add(gate, token, {})
    assert add(gate, token, {"firstName": "B", "lastName": "C"}).status_code == 429
