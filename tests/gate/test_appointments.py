"""Appointments over the API: booked in a free time, echoed as they were sent, moved, cancelled, and led from state to state."""

from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, tokens, written
from tests.support import people
from tests.support.agendas import START, Bookable
from varco.accounts.models import User
from varco.clinical import services as clinical
from varco.clinical.models import AccessRecord, Agenda, Appointment, OccupiedTime

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

AURORA = "/v2/tenants/tenant-aurora/appointments"
LATER = "2027-03-30T10:00:00+02:00"
SCOPES = ("openid", "giponext.agenda")


@pytest.fixture
def app(transactional_db: None, frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide(), scopes=[people.scope(name) for name in SCOPES])


@pytest.fixture
def headers(gate: TestClient, dario: User, app: people.Registered) -> dict[str, str]:
    return bearing(tokens(gate, dario, app, " ".join(SCOPES))["access_token"])


@pytest.fixture
def clinic(dario: User) -> Bookable:
    return Bookable(opens=480, closes=1080)


def book(gate: TestClient, headers: dict[str, str], body: dict[str, Any]) -> Response:
    return gate.post(AURORA, json=body, headers=headers)


def booked(gate: TestClient, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    answer = book(gate, headers, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def act(gate: TestClient, headers: dict[str, str], made: dict[str, Any], name: str, **body: Any) -> Response:
    sent = headers | {"If-Match": f'"{made["version"]}"'}
    return gate.post(f"{AURORA}/{made['id']}/{name}", json=body, headers=sent)


def refused(answer: Response) -> tuple[int, str, str]:
    told = answer.json()
    return answer.status_code, told["error"], told.get("rule", "")


def test_an_appointment_is_booked_and_read_as_it_was_sent(
    gate: TestClient, headers: dict[str, str], clinic: Bookable, dario: User
) -> None:
    room = clinic.offer(clinic.add_agenda("room", buffer_minutes=10))
    answer = book(gate, headers, clinic.body("2027-03-30T07:00:00Z"))
    made = answer.json()
    assert made == {
        "id": made["id"], "agendaId": clinic.agenda, "roomId": room, "machineId": None, "patientId": clinic.patient,
        "treatmentId": clinic.treatment, "start": "2027-03-30T07:00:00Z", "end": "2027-03-30T07:30:00Z",
        "timeZone": "Europe/Rome", "state": "booked", "clash": False, "cancelReason": "", "seriesId": None,
        "bookedBy": dario.public_id, "bookedByName": "Dario Aurora", "bookedThrough": "Agenda Facile",
        "createdAt": made["createdAt"], "version": 1,
    }  # fmt: skip
    assert answer.headers["location"] == f"https://api.example{AURORA}/{made['id']}"
    read = gate.get(f"{AURORA}/{made['id']}", headers=headers)
    assert (read.json(), read.headers["etag"]) == (made, '"1"')
    taken = OccupiedTime.objects.using("clinic").order_by("agenda_id").values_list("agenda_id", "start_at", "end_at")
    at = Appointment.objects.using("clinic").get().start_at
    assert list(taken) == [(clinic.agenda, at, at + 1800), (room, at, at + 2400)]
    written(gate)
    record = AccessRecord.objects.using("clinic").get(operation="appointment.booked")
    assert (record.patients, record.detail) == (str(clinic.patient), f'{{"appointment":{made["id"]}}}')


def test_a_time_is_given_once_and_the_slot_is_gone(gate: TestClient, headers: dict[str, str], clinic: Bookable) -> None:
    booked(gate, headers, clinic.body())
    other = clinic.add_patient()
    for start in (START, "2027-03-30T09:15:00+02:00", "2027-03-30T06:45:00Z"):
        answer = book(gate, headers, clinic.body(start, patientId=other))
        assert refused(answer) == (409, "slot_taken", "booked")
    booked(gate, headers, clinic.body("2027-03-30T09:30:00+02:00", patientId=other))
    query: dict[str, str | int] = {"treatmentId": clinic.treatment, "from": "2027-03-30", "to": "2027-03-31"}
    free = gate.get("/v2/tenants/tenant-aurora/availabilities", params=query, headers=headers).json()["items"]
    assert [slot["start"][11:16] for slot in free][:4] == ["08:00", "08:15", "08:30", "10:00"]


NOT_OFFERED = {
    "2027-03-30T07:00:00+02:00": "no_hours",
    "2027-03-29T09:00:00+02:00": "holiday",
    "2026-03-30T09:00:00+02:00": "past",
    "2029-03-29T09:00:00+02:00": "horizon",
}
NO_INSTANTS = (
    "2027-03-30T09:00:00",
    "2027-02-30T09:00:00+01:00",
    "2027-03-30T09:00:30+02:00",
    "2027-03-30T09:00:00+23:00",
    "9999-03-30T09:00:00+02:00",
)


def test_a_time_that_the_clinic_does_not_offer_is_refused_by_its_rule(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    for start, rule in NOT_OFFERED.items():
        assert refused(book(gate, headers, clinic.body(start))) == (422, "not_bookable", rule)
    for start in NO_INSTANTS:
        answer = book(gate, headers, clinic.body(start))
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "start")
    assert not OccupiedTime.objects.using("clinic").exists()


def test_numbers_of_another_clinic_are_those_of_nothing(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    theirs = Bookable("tenant-levante")
    wrong: list[tuple[str, Any]] = [
        ("agendaId", theirs.agenda),
        ("treatmentId", theirs.treatment),
        ("patientId", theirs.patient),
        ("roomId", theirs.agenda),
        ("holdId", int(theirs.add_hold("user-x", 1, 2_000_000_000).pk)),
    ]
    for field, number in wrong:
        answer = book(gate, headers, clinic.body(**{field: number}))
        assert (answer.status_code, answer.json()["fields"][0]) == (
            422,
            answer.json()["fields"][0] | {"field": field, "code": "not_found"},
        )
    assert not Appointment.objects.using("clinic").exists()


def test_a_cancelled_appointment_stays_and_its_time_is_free(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    made = booked(gate, headers, clinic.body())
    answer = act(gate, headers, made, "cancel", reason="patient")
    assert answer.json() == made | {"state": "cancelled", "cancelReason": "patient", "version": 2}
    again = booked(gate, headers, clinic.body())
    assert again["id"] != made["id"]
    assert refused(act(gate, headers, answer.json(), "cancel"))[1:] == ("not_allowed_now", "transition_not_allowed")


def test_a_move_keeps_number_and_history_and_frees_the_old_time(
    gate: TestClient, headers: dict[str, str], clinic: Bookable
) -> None:
    made = booked(gate, headers, clinic.body())
    overlapping = act(
        gate, headers, made, "move", start="2027-03-30T09:15:00+02:00"
    ).json()  # its own time is no hindrance
    moved = act(gate, headers, overlapping, "move", start=LATER).json()
    assert moved == made | {"start": LATER, "end": "2027-03-30T10:30:00+02:00", "version": 3}
    booked(gate, headers, clinic.body(patientId=clinic.add_patient()))
    assert refused(act(gate, headers, moved, "move", start=START))[:2] == (409, "slot_taken")
    act(gate, headers, moved, "cancel")
    history = gate.get(f"{AURORA}/{made['id']}/history", params={"limit": 3}, headers=headers).json()
    assert [(item["act"], item["start"][11:16], item["state"]) for item in history["items"]] == [
        ("booked", "09:00", "booked"),
        ("moved", "09:15", "booked"),
        ("moved", "10:00", "booked"),
    ]
    last = gate.get(f"{AURORA}/{made['id']}/history", params={"after": history["next"]}, headers=headers).json()
    assert [(item["act"], item["state"], item["application"]) for item in last["items"]] == [
        ("cancelled", "cancelled", "Agenda Facile")
    ]


def test_what_has_begun_is_neither_moved_nor_cancelled(
    gate: TestClient, dario: User, app: people.Registered, clinic: Bookable, frozen: FrozenClock
) -> None:
    row = clinic.add_appointment()
    frozen.advance(row.start_at - frozen.seconds)
    headers = bearing(tokens(gate, dario, app, " ".join(SCOPES))["access_token"])
    made = {"id": row.pk, "version": 1}
    assert refused(act(gate, headers, made, "cancel")) == (422, "not_allowed_now", "in_the_past")
    assert refused(act(gate, headers, made, "move", start="2027-04-30T09:00:00+02:00"))[2] == "in_the_past"
    for number, state in enumerate(("waiting", "inCare", "done", "inCare", "waiting", "absent"), 1):
        answer = act(gate, headers, {"id": row.pk, "version": number}, "transition", to=state)
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    frozen.advance(15 * 3600)  # midnight
    headers = bearing(tokens(gate, dario, app, " ".join(SCOPES))["access_token"])
    late = act(gate, headers, {"id": row.pk, "version": 7}, "transition", to="booked")
    assert refused(late) == (422, "not_allowed_now", "undo_too_late")


def test_a_state_comes_when_it_may(gate: TestClient, headers: dict[str, str], clinic: Bookable) -> None:
    made = booked(gate, headers, clinic.body())
    assert refused(act(gate, headers, made, "transition", to="waiting"))[2] == "too_early"
    assert refused(act(gate, headers, made, "transition", to="done"))[2] == "transition_not_allowed"
    assert act(gate, headers, made, "transition", to="cancelled").status_code == 422
    assert act(gate, headers, made, "transition", to="confirmed").json()["state"] == "confirmed"
    assert act(gate, headers, made, "cancel").status_code == 409  # of the version before


def test_a_patient_is_in_two_places_only_where_somebody_may_and_wants_it(
    gate: TestClient, headers: dict[str, str], clinic: Bookable, app: people.Registered
) -> None:
    other = Bookable()
    booked(gate, headers, clinic.body())
    twice = other.body("2027-03-30T09:15:00+02:00", patientId=clinic.patient)
    assert refused(book(gate, headers, twice))[:2] == (409, "patient_clash")
    silvia = bearing(tokens(gate, people.silvia(), app, " ".join(SCOPES))["access_token"])
    answer = book(gate, silvia, twice | {"allowClash": True})
    assert (answer.status_code, answer.json()["required"]) == (403, "agenda.overbook")
    assert booked(gate, headers, twice | {"allowClash": True})["clash"] is True
    free = other.body(LATER, patientId=clinic.patient)
    assert booked(gate, headers, free | {"allowClash": True})["clash"] is False  # there was none


def test_a_full_day_takes_no_more(gate: TestClient, headers: dict[str, str], clinic: Bookable) -> None:
    Agenda.objects.using("clinic").filter(pk=clinic.agenda).update(daily_cap=1)
    booked(gate, headers, clinic.body())
    answer = book(gate, headers, clinic.body(LATER, patientId=clinic.add_patient()))
    assert refused(answer) == (422, "not_bookable", "daily_cap")
    booked(gate, headers, clinic.body("2027-03-31T09:00:00+02:00"))


def test_lists_are_by_day_agenda_and_patient(gate: TestClient, headers: dict[str, str], clinic: Bookable) -> None:
    other = Bookable()
    made = [
        clinic.add_appointment(START).pk,
        clinic.add_appointment(LATER).pk,
        other.add_appointment("2027-03-30T23:30:00+02:00").pk,
        clinic.add_appointment("2027-03-31T00:00:00+02:00").pk,
    ]
    Bookable("tenant-levante").add_appointment()

    def listed(**query: Any) -> list[int]:
        found: list[int] = []
        for _ in range(9):
            answer = gate.get(AURORA, params={"limit": 2} | query, headers=headers)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += [item["id"] for item in page["items"]]
            if not page["hasMore"]:
                break
            query["after"] = page["next"]
        return found

    assert listed() == made
    assert listed(**{"from": "2027-03-30", "to": "2027-03-31"}) == made[:3]
    assert listed(**{"from": "2027-03-31"}) == made[3:]
    assert listed(agendaId=clinic.agenda, to="2027-03-31") == made[:2]
    assert listed(patientId=clinic.patient) == [made[0], made[1], made[3]]
    assert listed(patientId=clinic.patient, agendaId=other.agenda) == []
    assert gate.get(AURORA, params={"seriesId": 1, "agendaId": 1}, headers=headers).status_code == 400
    assert gate.get(AURORA, params={"from": "9999-12-31"}, headers=headers).status_code == 400
    written(gate)
    record = AccessRecord.objects.using("clinic").filter(operation="appointments.listed").order_by("pk").first()
    assert record is not None
    assert record.patients == str(clinic.patient)


def test_a_slot_is_held_booked_by_who_holds_it_and_free_when_the_hold_is_over(
    gate: TestClient, headers: dict[str, str], clinic: Bookable, app: people.Registered, frozen: FrozenClock
) -> None:
    holds = "/v2/tenants/tenant-aurora/holds"
    slot = {name: value for name, value in clinic.body().items() if name != "patientId"}

    def held() -> dict[str, Any]:
        answer = gate.post(holds, json=slot, headers=headers)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    hold = held()
    assert gate.get(f"{holds}/{hold['id']}", headers=headers).json() == hold
    assert refused(gate.post(holds, json=slot, headers=headers))[:2] == (409, "slot_taken")
    silvia = bearing(tokens(gate, people.silvia(), app, " ".join(SCOPES))["access_token"])
    assert book(gate, silvia, clinic.body()).status_code == 409
    assert book(gate, silvia, clinic.body(holdId=hold["id"])).json()["fields"][0]["field"] == "holdId"
    release: dict[str, Any] = {"json": {}, "headers": silvia | {"If-Match": '"1"'}}
    assert gate.post(f"{holds}/{hold['id']}/release", **release).status_code == 404
    release["headers"] = headers | {"If-Match": '"1"'}
    assert gate.post(f"{holds}/{hold['id']}/release", **release).status_code == 200
    hold = held()
    made = booked(gate, headers, clinic.body(holdId=hold["id"]))
    assert gate.get(f"{holds}/{hold['id']}", headers=headers).status_code == 404
    assert act(gate, headers, made, "cancel").status_code == 200
    hold = held()
    frozen.advance(300)
    assert gate.get(f"{holds}/{hold['id']}", headers=headers).status_code == 404
    assert book(gate, headers, clinic.body(holdId=hold["id"])).status_code == 422
    booked(gate, silvia, clinic.body())
    frozen.advance(1)
    assert clinical.sweep()["holds of clinic"] == 1
    assert OccupiedTime.objects.using("clinic").count() == 1
