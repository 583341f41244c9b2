"""What patients agree and object to, who speaks for them, and what comes of it at eighteen (S47)."""

from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, tokens
from tests.gate.test_patients import AURORA
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import AccessRecord, PatientGuardian
from varco.tenants.models import Membership

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

# The tests' day is 15 January 2027.
MINOR, OF_AGE = "2009-01-20", "1980-01-01"
DAY = 86_400


@pytest.fixture
def token(gate: TestClient, dario: User, app: Registered) -> str:
    Membership.objects.filter(user=dario).update(permissions="patients.read patients.write patients.anonymise")
    found: str = tokens(gate, dario, app)["access_token"]
    return found


def patient(gate: TestClient, token: str, birth: str | None, first: str = "Ada") -> dict[str, Any]:
    body = {"firstName": first, "lastName": "Neri", "birthDate": birth}
    made: dict[str, Any] = gate.post(AURORA, json=body, headers=bearing(token)).json()
    return made


def post(gate: TestClient, token: str, one: dict[str, Any], name: str, body: Any, *version: int) -> Response:
    headers = bearing(token) | ({"If-Match": f'"{version[0]}"'} if version else {})
    return gate.post(f"{AURORA}/{one['id']}/{name}", json=body, headers=headers)


def listed(gate: TestClient, token: str, one: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gate.get(f"{AURORA}/{one['id']}/{name}", headers=bearing(token)).json()["items"]
    return found


def test_a_consent_is_given_withdrawn_and_given_anew(gate: TestClient, token: str, dario: User) -> None:
    ada = patient(gate, token, OF_AGE)
    answer = post(gate, token, ada, "consents", {"kind": "privacy", "textVersion": "2026.1", "givenOn": "2026-12-01"})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["givenBy"], made["state"], made["recordedBy"], made["version"]) == (
        "patient",
        "given",
        dario.public_id,
        1,
    )
    path = answer.headers["location"].removeprefix("https://api.example")
    assert gate.get(path, headers=bearing(token)).json() == made
    name = f"consents/{made['id']}"
    gone = post(gate, token, ada, f"{name}/withdraw", {}, 1).json()
    assert (gone["state"], gone["withdrawnOn"]) == ("withdrawn", "2027-01-15")
    assert post(gate, token, ada, f"{name}/withdraw", {}, 2).json()["error"] == "wrong_state"
    assert post(gate, token, ada, f"{name}/confirm", {}, 2).json()["error"] == "wrong_state"
    again = post(gate, token, ada, "consents", {"kind": "privacy", "textVersion": "2027.1"}).json()
    assert listed(gate, token, ada, "consents") == [gone, again]
    assert again["givenOn"] == "2027-01-15"
    record = AccessRecord.objects.using("clinic").get(operation="patient.consent_taken_back", outcome="ok")
    assert (record.patients, record.detail) == (str(ada["id"]), f'{{"consent":{made["id"]}}}')
    other = patient(gate, token, OF_AGE, "Bea")
    assert gate.get(f"{AURORA}/{other['id']}/{name}", headers=bearing(token)).status_code == 404
    assert post(gate, token, other, f"{name}/withdraw", {}, 2).status_code == 404
    future = post(gate, token, ada, "consents", {"kind": "privacy", "textVersion": "1", "givenOn": "2027-02-01"})
    assert future.json()["fields"][0]["field"] == "givenOn"


def test_what_a_mother_agreed_to_is_confirmed_at_eighteen(
    gate: TestClient, token: str, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    ada = patient(gate, token, MINOR)
    mother = post(gate, token, ada, "guardians", {"name": "Anna Neri", "relation": "mother"}).json()
    body = {"kind": "treatment", "textVersion": "1", "guardianId": mother["id"]}
    made = post(gate, token, ada, "consents", body).json()
    assert (made["givenBy"], made["confirmFrom"], made["state"]) == ("guardian", "2027-01-20", "given")
    assert post(gate, token, ada, f"consents/{made['id']}/confirm", {}, 1).status_code == 409
    frozen.advance(5 * DAY)
    token = tokens(gate, dario, app)["access_token"]
    assert listed(gate, token, ada, "consents")[0]["state"] == "toConfirm"
    assert post(gate, token, ada, "consents", body).json()["fields"][0]["field"] == "guardianId"
    confirmed = post(gate, token, ada, f"consents/{made['id']}/confirm", {}, 1).json()
    assert (confirmed["state"], confirmed["confirmedOn"]) == ("given", "2027-01-20")


def test_only_who_speaks_for_the_patient_on_that_day_agrees_for_them(gate: TestClient, token: str) -> None:
    ada, bea = patient(gate, token, OF_AGE), patient(gate, token, MINOR, "Bea")
    guardian = {"name": "Nora Neri", "relation": "guardian", "validTo": "2026-12-31"}
    court = post(gate, token, ada, "guardians", guardian).json()
    mother = post(gate, token, ada, "guardians", {"name": "Anna Neri", "relation": "mother"}).json()
    body = {"kind": "treatment", "textVersion": "1"}
    asked = [
        (ada, court["id"], "2026-12-31", 201),
        (ada, court["id"], "2027-01-01", 422),
        (ada, mother["id"], "2026-12-31", 422),
        (bea, mother["id"], "2026-12-31", 422),
        (ada, 10**12, "2026-12-31", 422),
    ]
    for one, guardian_id, day, status in asked:
        sent = body | {"guardianId": guardian_id, "givenOn": day}
        assert post(gate, token, one, "consents", sent).status_code == status, (guardian_id, day)


def test_a_guardian_is_changed_and_ended_and_belongs_to_one_patient(gate: TestClient, token: str) -> None:
    ada, bea = patient(gate, token, MINOR), patient(gate, token, MINOR, "Bea")
    wrong = {"name": " ", "relation": "mother", "validFrom": "2026-02-01", "validTo": "2026-01-01"}
    fields = post(gate, token, ada, "guardians", wrong).json()["fields"]
    assert [fault["field"] for fault in fields] == ["name", "validTo"]
    made = post(gate, token, ada, "guardians", {"name": " Anna Neri ", "relation": "mother", "phone": "06 5"}).json()
    headers = bearing(token) | {"If-Match": '"1"'}
    path = f"{AURORA}/{ada['id']}/guardians/{made['id']}"
    changed = gate.patch(path, json={"validTo": "2027-06-30", "phone": None}, headers=headers).json()
    assert changed == made | {"name": "Anna Neri", "validTo": "2027-06-30", "phone": "", "version": 2}
    assert listed(gate, token, ada, "guardians") == [changed]
    assert gate.get(path, headers=bearing(token)).json() == changed
    others = path.replace(f"/{ada['id']}/", f"/{bea['id']}/")
    assert gate.get(others, headers=bearing(token)).status_code == 404
    assert gate.patch(others, json={}, headers=bearing(token) | {"If-Match": '"2"'}).status_code == 404


def test_an_opposition_has_a_history(gate: TestClient, token: str) -> None:
    ada = patient(gate, token, OF_AGE)
    assert listed(gate, token, ada, "oppositions") == []
    for opposed, since in ((True, "2026-03-01"), (False, None)):
        assert post(gate, token, ada, "oppositions", {"opposed": opposed, "since": since}).status_code == 200
    history = listed(gate, token, ada, "oppositions")
    assert [(item["opposed"], item["since"]) for item in history] == [(True, "2026-03-01"), (False, "2027-01-15")]
    late = post(gate, token, ada, "oppositions", {"opposed": True, "since": "2028-01-01"})
    assert late.json()["fields"][0]["field"] == "since"


def test_nothing_is_written_for_whoever_was_anonymised_and_who_spoke_for_them_is_gone(
    gate: TestClient, token: str
) -> None:
    ada = patient(gate, token, MINOR)
    post(gate, token, ada, "guardians", {"name": "Anna Neri", "relation": "mother"})
    post(gate, token, ada, "consents", {"kind": "privacy", "textVersion": "1"})
    assert post(gate, token, ada, "anonymise", {}, 1).status_code == 200
    assert not PatientGuardian.objects.using("clinic").exists()
    assert len(listed(gate, token, ada, "consents")) == 1
    for name, body in (
        ("consents", {"kind": "privacy", "textVersion": "1"}),
        ("guardians", {"name": "Anna", "relation": "mother"}),
        ("oppositions", {"opposed": True}),
    ):
        assert post(gate, token, ada, name, body).json()["error"] == "wrong_state"
