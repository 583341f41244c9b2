"""Two records of one patient: refused before there are two, merged by people, and taken apart again (S48)."""

from functools import partial
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.gate.conftest import MakeGate, bearing, tokens
from tests.gate.test_idempotency import racing
from tests.gate.test_patients import AURORA, identifier, names, patient
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import AccessRecord, Patient, PatientIdentifier, PatientMerge
from varco.tenants.models import Membership

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

CODE = "RSSMRA80A01H501U"
MARIO = {"firstName": "Mario", "lastName": "Rossi", "birthDate": "1980-01-01"}
PASSPORT = {"kind": "passport", "value": "YB1", "issuer": "IT"}


@pytest.fixture
def token(gate: TestClient, dario: User, app: Registered) -> str:
    Membership.objects.filter(user=dario).update(
        permissions="patients.read patients.write patients.merge patients.anonymise"
    )
    found: str = tokens(gate, dario, app)["access_token"]
    return found


def add(gate: TestClient, token: str, **fields: Any) -> Response:
    return gate.post(AURORA, json=MARIO | fields, headers=bearing(token))


def act(gate: TestClient, token: str, one: dict[str, Any], name: str, **body: Any) -> Response:
    headers = bearing(token) | {"If-Match": f'"{one["version"]}"'}
    return gate.post(f"{AURORA}/{one['id']}/{name}", json=body, headers=headers)


def read(gate: TestClient, token: str, one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = gate.get(f"{AURORA}/{one['id']}", headers=bearing(token)).json()
    return found


def test_whoever_may_be_there_already_is_told_by_id_and_no_obstacle(gate: TestClient, token: str, dario: User) -> None:
    made = add(gate, token).json()
    assert add(gate, token, birthDate="1980-01-02").status_code == 201
    again = add(gate, token, firstName="MARIO")
    assert (again.status_code, again.json()["error"], again.json()["candidates"]) == (
        409,
        "possible_duplicate",
        [made["id"]],
    )
    record = AccessRecord.objects.using("clinic").order_by("-id")[0]
    assert (record.outcome, record.patients) == ("possible_duplicate", str(made["id"]))
    assert add(gate, token, allowDuplicate=True).status_code == 201
    with_phone = add(gate, token, birthDate=None, phone="06 555 0123", lastName="Verdi").json()
    told = add(gate, token, birthDate=None, phone="+39 065550123", lastName="Verdi").json()
    assert told["candidates"] == [with_phone["id"]]
    Membership.objects.filter(user=dario).update(permissions="patients.write")
    assert "candidates" not in add(gate, token).json()


def test_one_fiscal_code_is_one_patient_s_whatever_is_allowed(gate: TestClient, token: str) -> None:
    made = add(gate, token, fiscalCode=CODE).json()
    again = add(gate, token, fiscalCode=CODE, lastName="Verdi", allowDuplicate=True)
    assert (again.status_code, again.json()["error"]) == (409, "already_exists")
    assert again.json()["candidates"] == [made["id"]]


def test_a_merge_gives_the_identifiers_and_unmerging_gives_them_back(gate: TestClient, token: str) -> None:
    one = add(gate, token, identifiers=[PASSPORT]).json()
    other = add(gate, token, fiscalCode=CODE, allowDuplicate=True, phone="06 5550123").json()
    answer = act(gate, token, one, "merge", duplicateId=other["id"])
    assert answer.status_code == 200, answer.text
    together = answer.json()
    assert together == one | {
        "version": 2,
        "fiscalCode": CODE,
        "identifiers": [identifier(**PASSPORT), identifier("fiscalCode", CODE)],
    }
    assert read(gate, token, one) == together
    gone = gate.get(f"{AURORA}/{other['id']}", headers=bearing(token))
    assert (gone.status_code, gone.json()["error"], gone.json()["mergedInto"]) == (404, "merged", one["id"])
    assert act(gate, token, other, "archive").json()["error"] == "merged"
    for query in ({"name": "rossi"}, {"fiscalCode": CODE}, {"phone": "065550123"}, {}):
        assert names(gate, token, **query) == ([] if "phone" in query else ["Rossi Mario"])
    assert act(gate, token, one, "unmerge", duplicateId=other["id"]).status_code == 409
    apart = act(gate, token, together, "unmerge", duplicateId=other["id"])
    assert apart.json() == one | {"version": 3}
    assert read(gate, token, other) == other | {"version": 3}
    assert names(gate, token, fiscalCode=CODE) == ["Rossi Mario"]
    records = AccessRecord.objects.using("clinic").filter(operation__in=("patient.merged", "patient.unmerged"))
    both = f"{one['id']} {other['id']}"
    assert [(record.outcome, record.patients) for record in records if record.outcome == "ok"] == [("ok", both)] * 2


def test_only_another_record_of_the_same_clinic_is_merged_and_once(gate: TestClient, token: str) -> None:
    one = add(gate, token).json()
    theirs = patient("Rossi", "Mario", "tenant-levante")
    for wrong in (one["id"], theirs.pk, 10**15):
        answer = act(gate, token, one, "merge", duplicateId=wrong)
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "duplicateId")
        assert act(gate, token, one, "unmerge", duplicateId=wrong).status_code == 422
    assert not PatientMerge.objects.using("clinic").exists()


def test_of_merges_at_the_same_moment_no_two_take_one_record_and_none_go_in_a_ring(
    make_gate: MakeGate, dario: User, app: Registered, token: str
) -> None:
    gates = [make_gate(), make_gate()]
    rows = [patient("Rossi", f"Mario {number}") for number in range(3)]
    made = [{"id": row.pk, "version": 1} for row in rows]
    pairs = [(0, 1), (1, 0), (1, 2), (2, 1), (2, 0), (0, 2)]
    answers = racing(
        [
            partial(act, gates[at % 2], token, made[one], "merge", duplicateId=made[other]["id"])
            for at, (one, other) in enumerate(pairs)
        ]
    )
    assert {answer.status_code for answer in answers} <= {200, 404, 409, 422, 503}
    won = [pair for pair, answer in zip(pairs, answers, strict=True) if answer.status_code == 200]
    assert won
    left = {row.pk: row.merged_into for row in Patient.objects.using("clinic")}
    assert sorted(into for into in left.values() if into) == sorted(made[one]["id"] for one, _ in won)
    for row in rows:
        passed = [row.pk]
        while into := left[passed[-1]]:
            assert into not in passed
            passed.append(into)


def test_an_archived_patient_comes_back_and_is_not_archived_twice(gate: TestClient, token: str) -> None:
    one = add(gate, token).json()
    archived = act(gate, token, one, "archive").json()
    assert archived == one | {"state": "archived", "version": 2}
    assert names(gate, token, name="rossi") == []
    assert add(gate, token).json()["candidates"] == [one["id"]]
    twice = act(gate, token, archived, "archive")
    assert (twice.status_code, twice.json()["error"]) == (409, "wrong_state")
    assert act(gate, token, archived, "restore").json() == one | {"version": 3}
    assert names(gate, token, name="rossi") == ["Rossi Mario"]


def test_of_whoever_was_anonymised_nothing_is_left_but_the_number(gate: TestClient, token: str) -> None:
    one = add(gate, token, fiscalCode=CODE, identifiers=[PASSPORT], email="mario@posta.example").json()
    other = add(gate, token, allowDuplicate=True, identifiers=[PASSPORT | {"value": "YB2"}]).json()
    third = add(gate, token, allowDuplicate=True, phone="06 555 0123").json()
    third = act(gate, token, other, "merge", duplicateId=third["id"]).json()
    one = act(gate, token, one, "merge", duplicateId=third["id"]).json()
    answer = act(gate, token, one, "anonymise")
    assert answer.status_code == 200, answer.text
    assert {name: value for name, value in answer.json().items() if value} == {
        "id": one["id"],
        "state": "anonymised",
        "version": 3,
    }
    for row in Patient.objects.using("clinic").values():
        texts = " ".join(str(value) for value in row.values())
        assert not any(word in texts.casefold() for word in ("mario", "rossi", "yb", "1980", "555", CODE.casefold()))
    assert not PatientIdentifier.objects.using("clinic").exists()
    assert set(PatientMerge.objects.using("clinic").values_list("taken", "fiscal_code", "identifiers")) == {
        ("[]", "", "")
    }
    assert names(gate, token) == names(gate, token, state="archived") == []
    changed = gate.patch(f"{AURORA}/{one['id']}", json={"phone": "1"}, headers=bearing(token) | {"If-Match": '"3"'})
    assert (changed.status_code, changed.json()["error"]) == (409, "wrong_state")
