"""Series of appointments: the same hour by the clinic's clocks, all or none."""

from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, tokens
from tests.support import people
from tests.support.agendas import Bookable
from varco.accounts.models import User
from varco.clinical.models import Agenda, Appointment, AppointmentSeries, OccupiedTime

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

AURORA = "/v2/tenants/tenant-aurora"
SCOPES = ("openid", "giponext.agenda")
BEFORE = "2027-03-23T09:00:00+01:00"  # a Tuesday; the clocks go forward on the 28th


@pytest.fixture
def headers(gate: TestClient, dario: User, frozen: FrozenClock) -> dict[str, str]:
    app = people.application(people.davide(), scopes=[people.scope(name) for name in SCOPES])
    return bearing(tokens(gate, dario, app, " ".join(SCOPES))["access_token"])


@pytest.fixture
def clinic(dario: User) -> Bookable:
    return Bookable()


def book(gate: TestClient, headers: dict[str, str], clinic: Bookable, **changes: Any) -> Response:
    return gate.post(f"{AURORA}/appointmentseries", json=clinic.body(BEFORE, count=3) | changes, headers=headers)


def test_all_are_at_the_same_hour_though_the_clocks_change(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    room = clinic.offer(clinic.add_agenda("room"))
    answer = book(gate, headers, clinic)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert gate.get(f"{AURORA}/appointmentseries/{made['id']}", headers=headers).json() == made
    listed = gate.get(f"{AURORA}/appointments", params={"seriesId": made["id"]}, headers=headers).json()["items"]
    assert [item["start"] for item in listed] == [BEFORE, "2027-03-30T09:00:00+02:00", "2027-04-06T09:00:00+02:00"]
    assert {(item["roomId"], item["seriesId"], item["state"]) for item in listed} == {(room, made["id"], "booked")}
    assert OccupiedTime.objects.using("clinic").count() == 6
    history = gate.get(f"{AURORA}/appointments/{listed[1]['id']}/history", headers=headers).json()["items"]
    assert [(item["act"], item["start"]) for item in history] == [("booked", "2027-03-30T09:00:00+02:00")]


def test_where_one_cannot_be_had_none_is_booked(gate: TestClient, headers: dict[str, str], clinic: Bookable) -> None:
    other = Bookable()
    taken = other.add_appointment("2027-03-30T09:15:00+02:00")

    def answered(**changes: Any) -> tuple[int, str]:
        answer = book(gate, headers, clinic, **changes)
        assert not AppointmentSeries.objects.using("clinic").exists()
        assert list(Appointment.objects.using("clinic").values_list("pk", flat=True)) == [taken.pk]
        return answer.status_code, answer.json()["error"]

    assert answered(patientId=other.patient) == (409, "patient_clash")
    assert answered(everyDays=365) == (422, "not_bookable")
    assert answered(patientId=10**9) == (422, "invalid_fields")
    assert answered(count=21) == (422, "invalid_fields")
    OccupiedTime.objects.using("clinic").filter(appointment_id=taken.pk).update(appointment_id=None)
    Agenda.objects.using("clinic").filter(pk=clinic.agenda).update(active=False)
    assert answered() == (422, "not_bookable")


def test_a_series_that_overlaps_itself_is_refused_inside_the_transaction(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    """The rules look at what is kept: only the constraint sees the others of the series."""
    Agenda.objects.using("clinic").filter(pk=clinic.agenda).update(buffer_minutes=1440)
    answer = book(gate, headers, clinic, everyDays=1)
    assert (answer.status_code, answer.json()["error"]) == (409, "slot_taken")
    assert not Appointment.objects.using("clinic").exists()
    assert not OccupiedTime.objects.using("clinic").exists()
