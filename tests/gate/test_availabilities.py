"""Free slots and treatments over the API: what the clinic keeps at this moment, by its own clocks."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, tokens
from tests.support import people
from tests.support.agendas import Bookable
from varco.accounts.models import User
from varco.clinical.models import AgendaException, ClinicClosure, OccupiedTime
from varco.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

AURORA = "/v2/tenants/tenant-aurora"
SCOPES = ("openid", "giponext.agenda", "giponext.treatments")
CHANGE = "2027-03-28"  # the clocks go forward; also Easter


@pytest.fixture
def headers(gate: TestClient, dario: User) -> dict[str, str]:
    app = people.application(people.davide(), scopes=[people.scope(name) for name in SCOPES])
    return bearing(tokens(gate, dario, app, " ".join(SCOPES))["access_token"])


@pytest.fixture
def clinic(dario: User) -> Bookable:
    return Bookable(opens=9 * 60, closes=11 * 60, step_minutes=30)


def asked(gate: TestClient, headers: dict[str, str], clinic: Bookable, **query: Any) -> dict[str, Any]:
    start = query.pop("begin", "2027-03-23")
    query = {"treatmentId": clinic.treatment, "from": start} | query
    answer = gate.get(f"{AURORA}/availabilities", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def starts(found: dict[str, Any]) -> list[str]:
    return [slot["start"] for slot in found["items"]]


def test_slots_stand_in_the_hours_of_the_clinic_s_clocks(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    found = asked(gate, headers, clinic, to="2027-03-25", limit=3)
    assert starts(found) == ["2027-03-23T09:00:00+01:00", "2027-03-23T09:30:00+01:00", "2027-03-23T10:00:00+01:00"]
    assert found["earliest"] == {
        "agendaId": clinic.agenda,
        "roomId": None,
        "machineId": None,
        "treatmentId": clinic.treatment,
        "start": "2027-03-23T09:00:00+01:00",
        "end": "2027-03-23T09:30:00+01:00",
    }
    assert (found["timeZone"], found["hasMore"], found["emptyDays"]) == ("Europe/Rome", True, [])
    rest = asked(gate, headers, clinic, to="2027-03-25", after=found["next"])
    assert [text[8:16] for text in starts(rest)] == ["23T10:30", "24T09:00", "24T09:30", "24T10:00", "24T10:30"]
    assert (rest["offset"], rest["earliest"], rest["hasMore"]) == (3, None, False)
    assert starts(asked(gate, headers, clinic, to="2027-03-25", offset=7)) == ["2027-03-24T10:30:00+01:00"]


def test_a_zone_of_its_own_and_the_day_of_the_change(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    ClinicClosure.objects.using("clinic").create(
        tenant_id="tenant-aurora", first_day=dt.date(2027, 3, 28), last_day=dt.date(2027, 3, 28), is_open=True
    )
    days = {"begin": "2027-03-27", "to": "2027-03-29", "limit": 200}
    found = asked(gate, headers, clinic, **days)
    assert starts(found)[::4] == ["2027-03-27T09:00:00+01:00", "2027-03-28T09:00:00+02:00"]
    Tenant.objects.update(zone="Atlantic/Azores")
    found = asked(gate, headers, clinic, **days)
    assert starts(found)[::4] == ["2027-03-27T09:00:00-01:00", "2027-03-28T09:00:00Z"]
    assert found["timeZone"] == "Atlantic/Azores"


def test_what_is_taken_is_gone_with_the_next_call_and_explained(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    day = dt.datetime(2027, 3, 23, 9, tzinfo=ZoneInfo("Europe/Rome"))
    nine = int(day.timestamp())
    taken: dict[str, Any] = {"tenant_id": "tenant-aurora", "agenda_id": clinic.agenda}
    OccupiedTime.objects.using("clinic").create(**taken, start_at=nine, end_at=nine + 5400)
    assert starts(asked(gate, headers, clinic, to="2027-03-24")) == ["2027-03-23T10:30:00+01:00"]
    OccupiedTime.objects.using("clinic").create(**taken, start_at=nine + 5400, end_at=nine + 7200)
    AgendaException.objects.using("clinic").create(
        tenant_id="tenant-aurora", agenda_id=clinic.agenda, first_day=day.date() + dt.timedelta(days=1), last_day=dt.date(2027, 3, 25)
    )  # fmt: skip
    found = asked(gate, headers, clinic, begin="2027-03-23", to="2027-03-30", explain="true", limit=1)
    assert starts(found) == ["2027-03-26T09:00:00+01:00"]
    assert [(item["day"][-2:], item["rule"], item["name"]) for item in found["emptyDays"]] == [
        ("23", "booked", ""),
        ("24", "exception", ""),
        ("25", "exception", ""),
        ("28", "holiday", "Easter Sunday"),
        ("29", "holiday", "Easter Monday"),
    ]


def test_a_hold_that_is_over_takes_nothing(
    gate: TestClient, headers: dict[str, str], clinic: Bookable, frozen: FrozenClock
) -> None:
    nine = int(dt.datetime(2027, 3, 23, 8, tzinfo=dt.UTC).timestamp())
    OccupiedTime.objects.using("clinic").create(
        tenant_id="tenant-aurora", agenda_id=clinic.agenda, start_at=nine, end_at=nine + 7200, expires_at=frozen.seconds
    )
    assert len(starts(asked(gate, headers, clinic, to="2027-03-24"))) == 4
    OccupiedTime.objects.using("clinic").update(expires_at=frozen.seconds + 1)
    assert starts(asked(gate, headers, clinic, to="2027-03-24")) == []


def test_a_needed_room_is_told_and_its_time_counts(gate: TestClient, headers: dict[str, str], clinic: Bookable) -> None:
    room, other = clinic.offer(clinic.add_agenda("room")), clinic.offer(clinic.add_agenda("room", active=False))
    found = asked(gate, headers, clinic, to="2027-03-24")
    assert {slot["roomId"] for slot in found["items"]} == {room}
    treatment = gate.get(f"{AURORA}/treatments/{clinic.treatment}", headers=headers).json()
    assert treatment == {
        "id": clinic.treatment, "name": "Visita", "code": "V", "durationMinutes": 30, "vatCode": "N4", "active": True,
        "agendaIds": [clinic.agenda], "roomIds": [room, other], "machineIds": [],
    }  # fmt: skip
    assert gate.get(f"{AURORA}/treatments", headers=headers).json()["items"] == [treatment]


def test_what_cannot_be_asked_is_told_by_parameter(gate: TestClient, headers: dict[str, str], clinic: Bookable) -> None:
    theirs = Bookable("tenant-levante")
    known = {"treatmentId": str(clinic.treatment)}
    for query, field in (
        ({}, "treatmentId"),
        (known | {"from": "2027-03-01", "to": "2027-04-02"}, "to"),
        (known | {"from": "2027-03-01", "to": "2027-03-01"}, "to"),
        (known | {"from": "9999-12-31"}, "from"),
        (known | {"from": "2027-02-30"}, "from"),
        (known | {"agendaIds": "7,"}, "agendaIds"),
        (known | {"explain": "yes"}, "explain"),
    ):
        answer = gate.get(f"{AURORA}/availabilities", params=query, headers=headers)
        assert (answer.status_code, [item["field"] for item in answer.json()["fields"]]) == (400, [field]), answer.text
    for query in ({"treatmentId": str(theirs.treatment)}, known | {"agendaIds": str(theirs.agenda)}):
        assert gate.get(f"{AURORA}/availabilities", params=query, headers=headers).status_code == 404


def test_a_treatment_in_many_agendas_is_asked_for_by_agenda(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    for _ in range(20):
        clinic.offer(clinic.add_agenda("doctor"))
    query = {"treatmentId": clinic.treatment}
    answer = gate.get(f"{AURORA}/availabilities", params=query, headers=headers)
    assert (answer.status_code, answer.json()["fields"][0]["code"]) == (400, "too_many")
    assert starts(asked(gate, headers, clinic, agendaIds=clinic.agenda, limit=1)) == ["2027-03-23T09:00:00+01:00"]
