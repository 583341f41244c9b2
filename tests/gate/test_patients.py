"""Patients over the API: found, paged, recorded, and out of reach for everybody else."""

import base64
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, tokens
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import AccessRecord, Patient
from varco.clinical.names import search_name
from varco.registry.models import BlockedApplication
from varco.tenants.models import Membership

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

AURORA = "/v2/tenants/tenant-aurora/patients"


def patient(
    last: str, first: str, tenant: str = "tenant-aurora", database: str = "clinic", **fields: object
) -> Patient:
    return Patient.objects.using(database).create(
        tenant_id=tenant, first_name=first, last_name=last, search_name=search_name(last, first), **fields
    )


@pytest.fixture
def token(gate: TestClient, dario: User, app: Registered) -> str:
    found: str = tokens(gate, dario, app)["access_token"]
    return found


def identifier(kind: str, value: str, **others: object) -> dict[str, object]:
    """An identifier as it is answered."""
    return {"kind": kind, "value": value, "issuer": "", "validFrom": None, "validTo": None, "current": True} | others


def names(gate: TestClient, token: str, **query: str | int) -> list[str]:
    answer = gate.get(AURORA, params=query, headers=bearing(token))
    assert answer.status_code == 200, answer.text
    return [f"{item['lastName']} {item['firstName']}" for item in answer.json()["items"]]


def test_one_patient_in_full(gate: TestClient, token: str) -> None:
    rossi = patient(
        "Rossi",
        "Mario",
        fiscal_code="RSSMRA80A01H501Z",
        birth_date=dt.date(1980, 1, 1),
        sex="M",
        email="mario@rossi.example",
        phone="+39 06 555",
    )
    expected = {
        "id": rossi.pk,
        "firstName": "Mario",
        "lastName": "Rossi",
        "fiscalCode": "RSSMRA80A01H501Z",
        "birthDate": "1980-01-01",
        "sex": "M",
        "email": "mario@rossi.example",
        "phone": "+39 06 555",
        "phoneE164": "",
        "birthPlace": "",
        "state": "active",
        "identifiers": [identifier("fiscalCode", "RSSMRA80A01H501Z")],
        "version": 1,
    }
    assert gate.get(f"{AURORA}/{rossi.pk}", headers=bearing(token)).json() == expected
    listed = gate.get(AURORA, headers=bearing(token)).json()
    assert listed == {"items": [expected], "offset": 0, "limit": 50, "hasMore": False}


def test_names_are_found_in_any_case_with_or_without_accents(gate: TestClient, token: str) -> None:
    for last, first in (("D'Amàto", "Nicolò"), ("Damiani", "Anna"), ("Østergård", "Åse"), ("Rossi", "Maria Pia")):
        patient(last, first)
    assert names(gate, token, name="d'amato") == ["D'Amàto Nicolò"]
    assert names(gate, token, name="DAM") == ["D'Amàto Nicolò", "Damiani Anna"]
    assert names(gate, token, name="nicolo damato") == ["D'Amàto Nicolò"]
    assert names(gate, token, name="ostergard") == ["Østergård Åse"]
    assert names(gate, token, name="pia ross") == ["Rossi Maria Pia"]
    assert names(gate, token, name="ossi") == []
    assert names(gate, token, name="d amato") == names(gate, token, name="amato") == ["D'Amàto Nicolò"]
    assert names(gate, token, name="mariapia ross") == ["Rossi Maria Pia"]
    assert names(gate, token, name="100%_") == []
    for no_word in ("%", "_", "';--", "..."):
        assert names(gate, token, name=no_word) == []
    assert len(names(gate, token, name=" ")) == 4


def test_a_fiscal_code_is_exact(gate: TestClient, token: str) -> None:
    patient("Rossi", "Mario", fiscal_code="RSSMRA80A01H501Z")
    patient("Verdi", "Mario", fiscal_code="VRDMRA80A01H501K")
    assert names(gate, token, fiscalCode=" rssmra80a01 h501z ") == ["Rossi Mario"]
    assert names(gate, token, identifier="rssmra80a01h501z") == ["Rossi Mario"]
    assert names(gate, token, fiscalCode="RSSMRA80A01H501") == []
    assert names(gate, token, fiscalCode="RSSMRA80A01H501Z", name="verdi") == []


def test_a_telephone_number_and_a_date_of_birth_find_whoever_has_them(gate: TestClient, token: str) -> None:
    born = dt.date(1980, 1, 1)
    patient("Rossi", "Mario", phone="347 123 4567", phone_e164="+393471234567", birth_date=born)
    patient("Rossi", "Anna", phone="+39 3471234567", phone_e164="+393471234567")
    patient("Verdi", "Ada", birth_date=born)
    assert names(gate, token, phone="0039 347 1234567") == ["Rossi Anna", "Rossi Mario"]
    assert names(gate, token, phone="3471234567", name="mario") == ["Rossi Mario"]
    assert names(gate, token, birthDate="1980-01-01") == ["Rossi Mario", "Verdi Ada"]
    assert names(gate, token, birthDate="1980-01-01", phone="347 1234567") == ["Rossi Mario"]
    assert names(gate, token, phone="12") == names(gate, token, birthDate="1980-01-02") == []


def test_archived_patients_are_found_where_they_are_asked_for(gate: TestClient, token: str) -> None:
    patient("Rossi", "Anna")
    patient("Rossi", "Mario", state="archived", fiscal_code="RSSMRA80A01H501U")
    patient("Verdi", "Ada", state="archived")
    assert names(gate, token) == names(gate, token, name="rossi") == ["Rossi Anna"]
    assert names(gate, token, state="archived") == ["Rossi Mario", "Verdi Ada"]
    assert names(gate, token, state="archived", name="ross") == ["Rossi Mario"]
    assert names(gate, token, state="archived", fiscalCode="RSSMRA80A01H501U") == ["Rossi Mario"]
    assert names(gate, token, fiscalCode="RSSMRA80A01H501U") == []


def test_pages_are_stable_and_tell_whether_there_is_more(gate: TestClient, token: str) -> None:
    for number in range(5):
        patient("Rossi", "Mario", phone=str(number))
    seen = []
    for offset in (0, 2, 4):
        page = gate.get(AURORA, params={"offset": offset, "limit": 2}, headers=bearing(token)).json()
        assert (page["offset"], page["limit"], page["hasMore"]) == (offset, 2, offset < 4)
        seen += [item["phone"] for item in page["items"]]
    assert seen == ["0", "1", "2", "3", "4"]


def walked(gate: TestClient, token: str, address: str, **query: str | int) -> Iterator[dict[str, Any]]:
    """The pages of a list, each from the `next` of the one before."""
    page = gate.get(address, params=query, headers=bearing(token)).json()
    yield page
    while page["hasMore"]:
        page = gate.get(address, params=query | {"after": page["next"]}, headers=bearing(token)).json()
        yield page
    assert "next" not in page


@pytest.mark.parametrize("name", ["", "ro"])
def test_next_goes_on_where_a_page_ended_whatever_is_added_before(gate: TestClient, token: str, name: str) -> None:
    for number in range(5):  # two words of each begin as the search does, and three are alike
        patient("Rossi", "Rosa" if number < 3 else f"Romeo {number}", phone=str(number))
    every = gate.get(AURORA, params={"name": name}, headers=bearing(token)).json()["items"]
    assert [item["phone"] for item in every] == ["3", "4", "0", "1", "2"]
    seen, offsets = [], []
    for page in walked(gate, token, AURORA, name=name, limit=2):
        seen += page["items"]
        offsets.append(page["offset"])
        patient("Aiello", "Rocco")
    assert seen == every
    assert offsets == [0, 2, 4]


def test_next_tells_nothing_and_belongs_to_its_list(gate: TestClient, token: str, app: Registered) -> None:
    for number in range(2):
        patient("Rossi", f"Mario {number}")
        patient("Rossi", f"Mario {number}", "tenant-levante")
    after = gate.get(AURORA, params={"limit": 1}, headers=bearing(token)).json()["next"]
    assert b"rossi" not in base64.urlsafe_b64decode(after + "==")
    levante = "/v2/tenants/tenant-levante/patients"
    theirs = bearing(tokens(gate, people.lia(), app)["access_token"])
    altered = ("A" if after[-9] != "A" else "B").join((after[:-9], after[-8:]))
    answers = [gate.get(AURORA, params={"after": sent}, headers=bearing(token)) for sent in ("x", "a" * 40, altered)]
    answers.append(gate.get(levante, params={"after": after}, headers=theirs))
    for answer in answers:
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (400, "after")
    both = gate.get(AURORA, params={"after": after, "offset": 1}, headers=bearing(token))
    assert (both.status_code, both.json()["fields"][0]["code"]) == (400, "not_allowed")


def test_an_offset_too_far_from_the_beginning_says_what_to_send_instead(gate: TestClient, token: str) -> None:
    assert names(gate, token, offset=10_000) == []
    answer = gate.get(AURORA, params={"offset": 10_001}, headers=bearing(token))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    (fault,) = answer.json()["fields"]
    assert (fault["field"], fault["code"]) == ("offset", "out_of_range")
    assert "from 0 to 10000. Further on, send the next of a page as after." in fault["message"]


@pytest.mark.parametrize("number", ["1e1", "10.0", "1_0", "+10", " 10", "٣", "0x10", ""])
def test_a_number_is_written_in_digits(gate: TestClient, token: str, number: str) -> None:
    for name in ("limit", "offset"):
        answer = gate.get(AURORA, params={name: number}, headers=bearing(token))
        assert (answer.status_code, answer.json()["fields"][0]["code"]) == (400, "wrong_type")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", ["limit"]),
        ("limit=201&offset=-1", ["limit", "offset"]),
        ("limit=ten", ["limit"]),
        ("offset=99999999999999999999", ["offset"]),
        ("nome=rossi", ["nome"]),
        ("name=a&name=b", ["name"]),
        ("name=%00", ["name"]),
        ("name=" + "a" * 101, ["name"]),
        ("fiscalCode=RSS-MRA", ["fiscalCode"]),
        ("fiscalCode=A&identifier=B", ["identifier"]),
        ("birthDate=1980-02-30&state=merged", ["birthDate", "state"]),
        ("name=%ff", [""]),
    ],
)
def test_a_wrong_query_is_400_and_names_every_fault(
    gate: TestClient, token: str, query: str, fields: list[str]
) -> None:
    answer = gate.get(f"{AURORA}?{query}", headers=bearing(token))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert sorted(fault["field"] for fault in answer.json()["fields"]) == fields


def test_an_id_has_one_spelling(gate: TestClient, token: str) -> None:
    rossi = patient("Rossi", "Mario")
    statuses = [gate.get(f"{AURORA}/{text}", headers=bearing(token)).status_code for text in (rossi.pk, f"0{rossi.pk}")]
    assert statuses == [200, 404]


def test_another_clinic_is_as_unknown_as_one_that_does_not_exist(gate: TestClient, token: str, app: Registered) -> None:
    people.lia()
    theirs = patient("Bianchi", "Lia", "tenant-levante")
    answers = [
        gate.get(path, headers=bearing(token))
        for path in (
            "/v2/tenants/tenant-levante/patients",
            "/v2/tenants/tenant-nowhere/patients",
            f"/v2/tenants/tenant-levante/patients/{theirs.pk}",
            f"{AURORA}/{theirs.pk}",
            f"{AURORA}/999999",
            f"{AURORA}/abc",
            f"{AURORA}/99999999999999999999",
            f"{AURORA}/-1",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.json()["error"], answer.json()["message"]) for answer in answers}) == 1
    assert names(gate, token) == []


def test_the_sandbox_and_production_do_not_see_each_other(gate: TestClient, token: str, app: Registered) -> None:
    sandro = people.sandro()
    patient("Finto", "Paziente", "tenant-sandbox", "sandbox")
    patient("Vero", "Paziente", "tenant-sandbox", "clinic")  # could not be, and would not be seen
    theirs = tokens(gate, sandro, app)["access_token"]
    seen = gate.get("/v2/tenants/tenant-sandbox/patients", headers=bearing(theirs)).json()["items"]
    assert [item["lastName"] for item in seen] == ["Finto"]
    assert gate.get(AURORA, headers=bearing(theirs)).status_code == 404
    assert gate.get("/v2/tenants/tenant-sandbox/patients", headers=bearing(token)).status_code == 404


def test_without_the_scope_the_layer_is_scope_and_the_person_can_fix_it(
    gate: TestClient, dario: User, app: Registered
) -> None:
    answer = gate.get(AURORA, headers=bearing(tokens(gate, dario, app, "openid")["access_token"]))
    told = answer.json()
    assert answer.status_code == 403
    assert (told["layer"], told["required"], told["fixableBy"]) == ("scope", "giponext.patients", "person")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert told["requestId"] == answer.headers["x-request-id"]


def test_without_the_permission_the_layer_is_permission_and_the_manager_can_fix_it(
    gate: TestClient, app: Registered
) -> None:
    carla = people.member("Carla", "Aurora", "accountant")
    answer = gate.get(AURORA, headers=bearing(tokens(gate, carla, app)["access_token"]))
    told = answer.json()
    assert answer.status_code == 403
    assert (told["layer"], told["required"], told["fixableBy"]) == ("permission", "patients.read", "manager")


def test_a_scope_that_is_approved_no_more_names_the_application(
    gate: TestClient, token: str, dario: User, app: Registered
) -> None:
    app.revision.scopes = [people.scope("openid")]
    app.revision.save()
    type(app.application).objects.update(version=2)
    told = gate.get(AURORA, headers=bearing(token)).json()
    assert (told["layer"], told["required"]) == ("application", "giponext.patients")


def test_a_blocked_application_meets_the_tenant_s_policy(
    gate: TestClient, token: str, dario: User, app: Registered
) -> None:
    BlockedApplication.objects.create(tenant=dario.membership.tenant, application=app.application, blocked_by=dario)
    answer = gate.get(AURORA, headers=bearing(token))
    assert (answer.status_code, answer.json()["layer"]) == (403, "tenant policy")


def test_who_read_which_patients_is_recorded_without_their_names(
    gate: TestClient, token: str, dario: User, app: Registered
) -> None:
    rossi = patient("Rossi", "Mario")
    listed = gate.get(AURORA, params={"name": "rossi"}, headers=bearing(token))
    gate.get(f"{AURORA}/{rossi.pk}", headers=bearing(token))
    gate.get(f"{AURORA}/999", headers=bearing(token))
    records = list(AccessRecord.objects.using("clinic").order_by("id"))
    assert [(record.operation, record.outcome, record.patients, record.detail) for record in records] == [
        ("patients.listed", "ok", str(rossi.pk), ""),
        ("patient.read", "ok", str(rossi.pk), ""),
        ("patient.read", "not_found", "", '{"asked":{"patientId":"999"}}'),
    ]
    record = records[0]
    assert (record.person, record.person_name, record.tenant_id) == (dario.public_id, "Dario Aurora", "tenant-aurora")
    assert (record.application_id, record.application_name) == (app.application.pk, "Agenda Facile")
    assert (record.network, record.request_id) == ("192.0.2.7", listed.headers["x-request-id"])
    assert (record.category, record.person_kind) == ("patients", "staff")


def test_whoever_belongs_to_the_clinic_for_a_time_is_recorded_as_an_integrator(
    gate: TestClient, token: str, dario: User
) -> None:
    Membership.objects.filter(user=dario).update(expires_at=4102444800)
    gate.get(AURORA, headers=bearing(token))
    assert AccessRecord.objects.using("clinic").get().person_kind == "integrator"


def test_what_the_rights_do_not_cover_is_recorded_with_its_outcome_and_what_is_badly_put_is_not(
    gate: TestClient, token: str, dario: User
) -> None:
    gate.get(AURORA, params={"limit": "many"}, headers=bearing(token))
    Membership.objects.filter(user=dario).update(permissions="")
    assert gate.get(f"{AURORA}/7", headers=bearing(token)).status_code == 403
    gate.get("/v2/tenants/tenant-levante/patients/7", headers=bearing(token))
    records = AccessRecord.objects.using("clinic").order_by("id")
    assert [(record.tenant_id, record.outcome, record.patients) for record in records] == [
        ("tenant-aurora", "forbidden", ""),
        ("tenant-aurora", "not_found", ""),
    ]


def test_without_a_token_nothing_is_told(gate: TestClient) -> None:
    for path in (AURORA, "/v2/tenants/tenant-nowhere/patients", f"{AURORA}/1"):
        answer = gate.get(path)
        assert (answer.status_code, answer.json()["error"]) == (401, "token_required")
