"""One booking: whether a time may be had, and the statements that take it (S50).

The rules are asked before the transaction, by what is kept at that moment. What must hold among those who book at the same moment
holds inside it: each takes its turn, and the database refuses a time that is taken, a full day, a patient in two places.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from varco.clinical.agenda import availability as rules
from varco.clinical.agenda.instants import Instant, instant
from varco.clinical.agenda.local_days import MINUTE, Span, day_of, local_day
from varco.gate.api import checks
from varco.gate.api.appointments import errors, sql
from varco.gate.api.appointments.schema import AppointmentRow
from varco.gate.api.availabilities import reading
from varco.gate.api.body import invalid_fields
from varco.gate.api.calls import WriteCall
from varco.gate.store import BoundStatement, Further, Statement
from varco.gate.store.sql.places import PlaceRow
from varco.json_fields import FieldFault
from varco.protocol.errors import OAuthError

OVERBOOK = "overbook"
"""The access, in the catalogue's `[api.appointments]`, of who may book a patient twice at one time."""

_STRIPES = 1024
"""Rows of turns, for agendas and for patients each."""

AnyWrite = WriteCall[Any, Any]


class Wanted(NamedTuple):
    """What somebody wants to book; `own_hold` and `own_appointment` count as free."""

    agenda: int
    treatment: int
    start: Instant
    room: int = 0
    own_hold: int = 0
    own_appointment: int = 0


class Place(NamedTuple):
    """A time that may be had: the slot, what is taken of which agenda, and where the clinic is."""

    slot: rules.Slot
    start: Instant
    spans: Mapping[int, Span]
    where: PlaceRow
    day: Span
    daily_cap: int

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of an appointment or hold at this time."""
        slot = self.slot
        return {
            "agenda_id": slot.agenda,
            "room_id": slot.room or None,
            "machine_id": slot.machine or None,
            "start_at": slot.start,
            "end_at": slot.end,
            "offset_minutes": self.start.offset,
        }


def read_instant(field: str, text: str) -> Instant:
    """An instant of a body. Raises `OAuthError` (422) for one that cannot be, such as on 30 February."""
    try:
        return instant(text)
    except ValueError:
        fault = FieldFault(
            field, "invalid_format", "This must be an instant that exists, such as 2027-03-30T09:00:00+02:00."
        )
        raise invalid_fields([fault]) from None


async def place(call: AnyWrite, wanted: Wanted) -> Place:
    """Find whether a time may be had. Raises `OAuthError`: 409 for one that is taken, 422 for what the clinic does not offer."""
    where = await reading.place(call)
    offered = await reading.offer(call, wanted.treatment)
    if offered is None or not offered.treatment.active:
        raise errors.unknown("treatmentId", "The clinic has no such treatment that can be booked.")
    doctors = [item for item in offered.doctors if item.id == wanted.agenda]
    if not doctors:
        raise errors.unknown("agendaId", "The treatment is not done in an agenda of this number.")
    if wanted.room and wanted.room not in {item.id for item in offered.rooms}:
        raise errors.unknown("roomId", "The treatment is not done in a room of this number.")
    zone, now = ZoneInfo(where.zone), call.now_ms // 1000
    day = day_of(zone, wanted.start.at)
    when = reading.When(where, day, day, now, wanted.own_hold, wanted.own_appointment)
    look, (agenda,) = await reading.look(call, offered, doctors, when)
    slot = look.bookable(agenda, wanted.start.at, wanted.room)
    if isinstance(slot, rules.Emptied):
        raise errors.slot_taken(slot.rule) if slot.rule in errors.TAKEN_RULES else errors.not_bookable(slot.rule)
    buffers = {item.id: item.buffer for item in (agenda, *offered.rooms, *offered.machines)}
    taken = [number for number in (slot.agenda, slot.room, slot.machine) if number]
    spans = {number: (slot.start, slot.end + buffers[number] * MINUTE) for number in sorted(taken)}
    local = local_day(zone, day)
    return Place(slot, wanted.start, spans, where, (local.start, local.end), agenda.daily_cap)


async def clash(call: AnyWrite, patient: int, found: Place, *, allowed: bool, own: int = 0) -> bool:
    """Whether the patient has something else then, which is allowed. Raises `OAuthError`: 403, 409."""
    if allowed:
        needed = call.context.catalog.api["appointments"].permissions[OVERBOOK]
        checks.permission(needed, call.caller)
    at = {"start_at": found.slot.start, "end_at": found.slot.end, "since": found.slot.start - rules.LONGEST}
    row = await call.clinic.one(sql.CLASHING(tenant_id=call.tenant_id, patient_id=patient, appointment_id=own, **at))
    if row is not None and not allowed:
        raise errors.patient_clash()
    return row is not None


def turns(agendas: Mapping[int, Span], patient: int) -> list[BoundStatement[None]]:
    """Take the turns of agendas and (unless 0) a patient, in one order everywhere, so that no two wait for each other."""
    rows = {number % _STRIPES for number in agendas} | ({_STRIPES + patient % _STRIPES} if patient else set())
    return [sql.TAKE_TURN(id=row) for row in sorted(rows)]


def taking(call: AnyWrite, found: Place, patient: int, *, clash_allowed: bool, hold: int = 0) -> list[Further]:
    """The steps by which the appointment that was written has its time; what it had before is free."""
    tenant = call.tenant_id
    start, end = found.slot.start, found.slot.end
    steps: list[Further] = [*turns(found.spans, patient)]
    steps += [
        sql.FORGET_ENDED_HOLDS(tenant_id=tenant, agenda_id=number, now=call.now_ms // 1000) for number in found.spans
    ]
    if hold:
        steps.append(sql.FREE_HOLD(tenant_id=tenant, hold_id=hold))
    steps.append(lambda row: sql.FREE_APPOINTMENT(tenant_id=tenant, appointment_id=row.id))
    steps += [_occupy(tenant, number, span) for number, span in found.spans.items()]
    own = {"tenant_id": tenant, "agenda_id": found.slot.agenda}
    if found.daily_cap:
        day = {"day_start": found.day[0], "day_end": found.day[1], "daily_cap": found.daily_cap}
        steps.append(lambda row: sql.REFUSE_BEYOND_CAP(appointment_id=row.id, **own, **day))
    if not clash_allowed:
        at = {"patient_id": patient, "start_at": start, "end_at": end, "since": start - rules.LONGEST}
        steps.append(lambda row: sql.REFUSE_CLASH(appointment_id=row.id, **own, **at))
    return steps


def _occupy(tenant: str, number: int, span: Span) -> Further:
    at = {"tenant_id": tenant, "agenda_id": number, "start_at": span[0], "end_at": span[1]}
    return lambda row: sql.OCCUPY(appointment_id=row.id, **at)


def step(call: AnyWrite, act: str) -> Further:
    """The line of an appointment's history that says what was done."""
    caller, now = call.caller, call.now_ms // 1000

    def written(row: AppointmentRow) -> BoundStatement[None]:
        return sql.ADD_STEP(
            tenant_id=caller.tenant.id, appointment_id=row.id, at=now, act=act, state=row.state, agenda_id=row.agenda_id,
            start_at=row.start_at, end_at=row.end_at, offset_minutes=row.offset_minutes, person=caller.person.sub,
            person_name=caller.person.name, application_name=caller.client.name,
        )  # fmt: skip

    return written


def conflicts() -> Mapping[Statement[Any], OAuthError]:
    """What is answered where somebody was faster after all."""
    return {
        sql.OCCUPY: errors.slot_taken(),
        sql.REFUSE_BEYOND_CAP: errors.not_bookable("daily_cap"),
        sql.REFUSE_CLASH: errors.patient_clash(),
    }


def day_around(where: PlaceRow, start: int) -> Span:
    """The first instant of the day of an appointment, and of the next one."""
    zone = ZoneInfo(where.zone)
    local = local_day(zone, day_of(zone, start))
    return local.start, local.end
