"""What a clinic keeps about the times of a treatment, read for the rules of `varco.clinical.agenda`."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from varco.clinical.agenda.availability import (
    LONGEST,
    Agenda,
    Block,
    Clinic,
    Closure,
    Exceptional,
    Look,
    Need,
)
from varco.clinical.agenda.local_days import Span, local_day
from varco.gate.api.availabilities import sql
from varco.gate.api.calls import Call, WriteCall
from varco.gate.api.treatments.schema import TreatmentRow
from varco.gate.api.treatments.sql import TREATMENT
from varco.gate.store.sql.places import PLACE_OF_TENANT, PlaceRow

DOCTORS_AT_ONCE = 20
"""Doctors' agendas of one call; the others that are looked into are rooms and machines."""

AnyCall = Call[Any] | WriteCall[Any, Any]


class Offer(NamedTuple):
    """A treatment, and where it is done; hours and the like are read for some days of some agendas only."""

    treatment: TreatmentRow
    doctors: Sequence[Agenda]
    rooms: Sequence[Agenda]
    machines: Sequence[Agenda]


async def place(call: AnyCall) -> PlaceRow:
    """Where the caller's clinic is."""
    found = await call.context.platform.one(PLACE_OF_TENANT(tenant=call.tenant_id))
    assert found is not None  # noqa: S101 - the token is of this tenant
    return found


async def offer(call: AnyCall, treatment_id: int) -> Offer | None:
    """A treatment of the clinic and its agendas; None if the clinic has none of this id."""
    treatment = await call.clinic.one(TREATMENT(tenant_id=call.tenant_id, id=treatment_id))
    if treatment is None:
        return None
    rows = await call.clinic.all(sql.AGENDAS_OF_TREATMENT(tenant_id=call.tenant_id, treatment_id=treatment_id))
    agendas = [
        Agenda(
            row.id, row.kind, row.active, row.minutes or treatment.duration_minutes, row.step_minutes or 1, row.buffer_minutes,
            row.lead_minutes, row.horizon_days, row.daily_cap,
        )
        for row in rows
    ]  # fmt: skip
    doctors, rooms, machines = (
        [item for item in agendas if item.kind == kind] for kind in ("doctor", "room", "machine")
    )
    return Offer(treatment, doctors, rooms, machines)


class When(NamedTuple):
    """Where a clinic is, the first and the last day that are looked at, the moment, and whose own time counts as free."""

    where: PlaceRow
    first: dt.date
    last: dt.date
    now: int
    hold_id: int = 0
    appointment_id: int = 0


async def look(call: AnyCall, offered: Offer, doctors: Sequence[Agenda], when: When) -> tuple[Look, Sequence[Agenda]]:
    """Read all that bears on some days (the last one included) of some doctors; also answers the doctors with their hours."""
    rest = sql.AT_ONCE - len(doctors)
    others = [*offered.rooms[: rest // 2], *offered.machines[: rest // 2]]
    zone = ZoneInfo(when.where.zone)
    since, until = local_day(zone, when.first).start - LONGEST, local_day(zone, when.last).end + LONGEST
    of = {"tenant_id": call.tenant_id, **sql.numbers([item.id for item in (*doctors, *others)])}
    span: dict[str, Any] = {"first_day": when.first, "last_day": when.last}
    clinic = call.clinic
    hours: dict[int, list[Block]] = defaultdict(list)
    for row in await clinic.all(sql.HOURS(**of)):
        treatments = frozenset(map(int, row.treatments.split()))
        hours[row.agenda_id].append(
            Block(row.weekday, row.opens, row.closes, row.is_break, row.valid_from, row.valid_to, treatments)
        )
    exceptions: dict[int, list[Exceptional]] = defaultdict(list)
    for other in await clinic.all(sql.EXCEPTIONS(**of, **span)):
        exceptions[other.agenda_id].append(
            Exceptional(other.first_day, other.last_day, other.opens, other.closes, other.is_open)
        )
    closures = [
        Closure(row.first_day, row.last_day, row.name, row.is_open)
        for row in await clinic.all(sql.CLOSURES(tenant_id=call.tenant_id, **span))
    ]
    taken: dict[int, list[Span]] = defaultdict(list)
    own = {"hold_id": when.hold_id, "appointment_id": when.appointment_id}
    for item in await clinic.all(sql.TAKEN(**of, **own, since=since, until=until, now=when.now)):
        taken[item.agenda_id].append((item.start_at, item.end_at))
    for spans in taken.values():
        spans.sort()

    def whole(agenda: Agenda) -> Agenda:
        return agenda._replace(blocks=hours.get(agenda.id, ()), exceptions=exceptions.get(agenda.id, ()))

    known = {item.id: whole(item) for item in others}
    need = Need(
        offered.treatment.id,
        [known[item.id] for item in offered.rooms if item.id in known],
        [known[item.id] for item in offered.machines if item.id in known],
    )
    return Look(Clinic(zone, when.where.local_holiday, closures), need, taken, when.now), [
        whole(item) for item in doctors
    ]
