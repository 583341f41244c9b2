"""Nobody gets a time that somebody else has, however many ask at the same moment (S50)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import MakeGate, bearing, tokens
from tests.support import people
from tests.support.agendas import START, Bookable
from tests.support.races import race
from varco.accounts.models import User
from varco.clinical.models import AgendaHold, Appointment, OccupiedTime

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

AURORA = "/v2/tenants/tenant-aurora"
SCOPES = ("openid", "giponext.agenda")


@pytest.fixture
def app(transactional_db: None, frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide(), scopes=[people.scope(name) for name in SCOPES])


@pytest.fixture
def gates(make_gate: MakeGate) -> list[TestClient]:
    return [make_gate(rate_limit="100000"), make_gate(rate_limit="100000")]


@pytest.fixture
def headers(gates: list[TestClient], dario: User, app: people.Registered) -> dict[str, str]:
    return bearing(tokens(gates[0], dario, app, " ".join(SCOPES))["access_token"])


def outcomes(answers: list[Response]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for answer in answers:
        key = answer.status_code, answer.json().get("error", "")
        found[key] = found.get(key, 0) + 1
    return found


ONE_WINS = {(201, ""): 1, (409, "slot_taken"): 49}


def test_fifty_who_book_one_slot_are_one_who_has_it_and_49_who_are_told(
    gates: list[TestClient], headers: dict[str, str], dario: User
) -> None:
    clinic = Bookable()
    room = clinic.offer(clinic.add_agenda("room"))
    patients = [clinic.add_patient() for _ in range(50)]

    def book(at: int) -> Response:
        body = clinic.body(patientId=patients[at])
        return gates[at % 2].post(f"{AURORA}/appointments", json=body, headers=headers)

    assert outcomes(race(book)) == ONE_WINS
    assert Appointment.objects.using("clinic").count() == 1
    assert set(OccupiedTime.objects.using("clinic").values_list("agenda_id", flat=True)) == {clinic.agenda, room}


def test_one_room_is_not_given_to_two_doctors(gates: list[TestClient], headers: dict[str, str], dario: User) -> None:
    clinic = Bookable()
    clinic.offer(clinic.add_agenda("room"))
    first = clinic.agenda
    doctors = [first]
    for _ in range(9):
        clinic.agenda = clinic.offer(clinic.add_agenda("doctor"))
        clinic.add_hours(2, 0, 1440)
        doctors.append(clinic.agenda)
    patients = [clinic.add_patient() for _ in range(10)]

    def book(at: int) -> Response:
        body = clinic.body(patientId=patients[at], agendaId=doctors[at])
        return gates[at % 2].post(f"{AURORA}/appointments", json=body, headers=headers)

    assert outcomes(race(book, 10)) == {(201, ""): 1, (409, "slot_taken"): 9}


def test_one_patient_is_not_sent_to_two_places_and_a_day_takes_no_more_than_it_takes(
    gates: list[TestClient], headers: dict[str, str], dario: User
) -> None:
    clinic, others = Bookable(), [Bookable() for _ in range(9)]
    agendas = [clinic, *others]

    def book(at: int) -> Response:
        body = agendas[at].body(patientId=clinic.patient)
        return gates[at % 2].post(f"{AURORA}/appointments", json=body, headers=headers)

    assert outcomes(race(book, 10)) == {(201, ""): 1, (409, "patient_clash"): 9}
    capped = Bookable(daily_cap=3)
    patients = [capped.add_patient() for _ in range(10)]

    def on_one_day(at: int) -> Response:
        body = capped.body(f"2027-03-31T{at + 8:02}:00:00+02:00", patientId=patients[at])
        return gates[at % 2].post(f"{AURORA}/appointments", json=body, headers=headers)

    assert outcomes(race(on_one_day, 10)) == {(201, ""): 3, (422, "not_bookable"): 7}


def test_holds_moves_and_bookings_meet_in_one_slot(
    gates: list[TestClient], headers: dict[str, str], dario: User
) -> None:
    clinic = Bookable()
    elsewhere = [clinic.add_appointment(f"2027-03-30T1{at}:00:00+02:00") for at in range(3)]
    patients = [clinic.add_patient() for _ in range(3)]
    acts: list[Callable[[TestClient], Response]] = [
        *(_posting("holds", clinic.body() | {"patientId": None}, headers) for _ in range(3)),
        *(_posting("appointments", clinic.body(patientId=number), headers) for number in patients),
        *(
            _posting(f"appointments/{row.pk}/move", {"start": START}, headers | {"If-Match": '"1"'})
            for row in elsewhere
        ),
    ]
    answers = race(lambda at: acts[at](gates[at % 2]), len(acts))
    assert sorted(answer.status_code for answer in answers)[1:] == [409] * 8
    taken = OccupiedTime.objects.using("clinic").filter(agenda_id=clinic.agenda).count()
    held = AgendaHold.objects.using("clinic").count()
    assert taken == Appointment.objects.using("clinic").count() + held


def _posting(path: str, body: dict[str, Any], headers: dict[str, str]) -> Callable[[TestClient], Response]:
    sent = {name: value for name, value in body.items() if value is not None}
    return lambda gate: gate.post(f"{AURORA}/{path}", json=sent, headers=headers)


def test_twins_of_one_key_book_once_and_hear_the_same(
    gates: list[TestClient], headers: dict[str, str], dario: User
) -> None:
    clinic = Bookable()

    def book(at: int) -> Response:
        sent = headers | {"Idempotency-Key": "one"}
        return gates[at % 2].post(f"{AURORA}/appointments", json=clinic.body(), headers=sent)

    answers = race(book, 8)
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert Appointment.objects.using("clinic").count() == 1


def test_the_database_itself_refuses_times_that_overlap(transactional_db: None) -> None:
    clinic = Bookable()
    row = clinic.add_appointment()
    times = OccupiedTime.objects.using("clinic")
    base: dict[str, Any] = {"tenant_id": "tenant-aurora", "agenda_id": clinic.agenda}
    for start, end in ((-60, 60), (0, 1800), (1740, 3600), (60, 120), (-600, 3600)):
        with pytest.raises(IntegrityError):
            times.create(**base, start_at=row.start_at + start, end_at=row.start_at + end)
    times.create(**base, start_at=row.start_at - 1800, end_at=row.start_at)
    times.create(**base, start_at=row.end_at, end_at=row.end_at + 60)
    other = times.create(**base | {"agenda_id": clinic.agenda + 1}, start_at=row.start_at, end_at=row.end_at)
    with pytest.raises(DatabaseError):
        times.filter(pk=other.pk).update(agenda_id=clinic.agenda)
