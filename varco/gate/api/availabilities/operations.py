"""Free slots (S27, S49)."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from zoneinfo import ZoneInfo

from varco.clinical.agenda import availability as rules
from varco.clinical.agenda.instants import local_text
from varco.clinical.agenda.local_days import day_of
from varco.gate.api import lists
from varco.gate.api.availabilities import reading
from varco.gate.api.availabilities.schema import (
    DAYS_MAX,
    EXAMPLE,
    Availabilities,
    AvailabilitiesQuery,
    EmptyDay,
    Slot,
)
from varco.gate.api.calls import Call, OperationResult
from varco.gate.api.checks import malformed
from varco.gate.api.operations import read_operation
from varco.gate.errors import not_found
from varco.json_fields import FieldFault

DAYS_AT_ONCE = 40
"""Days of agendas that are computed before others get their turn: about a millisecond."""


@read_operation(
    "/v2/tenants/{tenantId}/availabilities",
    resource="availabilities",
    summary="Free slots for a treatment",
    query=AvailabilitiesQuery,
    response=Availabilities,
    example=EXAMPLE,
)
async def list_availabilities(call: Call[AvailabilitiesQuery]) -> OperationResult:
    """Computed from what is kept at this moment. Raises `OAuthError` (404) for a treatment or an agenda that the clinic has not."""
    query, now = call.query, call.context.now_ms() // 1000
    where = await reading.place(call)
    zone = ZoneInfo(where.zone)
    days = _days(query, day_of(zone, now))
    part = lists.window(call)
    offered = await reading.offer(call, query.treatment_id)
    if offered is None:
        raise not_found(f"treatment {query.treatment_id}")
    when = reading.When(where, days[0], days[-1], now)
    look, agendas = await reading.look(call, offered, _chosen(query, offered), when)
    if not offered.treatment.active:
        agendas = [agenda._replace(active=False) for agenda in agendas]
    key = part.key or (0, 0)
    begun = [day for day in days if part.key is None or day >= day_of(zone, int(key[0]))]
    rows: list[rules.Slot] = []
    passed = part.skip
    async for slot in _slots(look, agendas, begun):
        if (slot.start, slot.agenda) <= key:
            continue
        if passed:
            passed -= 1
            continue
        rows.append(slot)
        if len(rows) >= part.fetch:
            break

    def slot_of(slot: rules.Slot) -> Slot:
        start, end = local_text(slot.start, zone), local_text(slot.end, zone)
        return Slot(slot.agenda, slot.room or None, slot.machine or None, query.treatment_id, start, end)

    page = lists.answer(call, rows, part, lambda row: (row.start, row.agenda), slot_of)
    first = page.items[0] if page.items and not page.offset else None
    empty = [item async for item in _empty(look, agendas, days)] if query.explain else []
    return OperationResult(
        Availabilities(
            items=page.items, offset=page.offset, limit=page.limit, has_more=page.has_more, next=page.next,
            time_zone=where.zone, earliest=first, empty_days=empty,
        )
    )  # fmt: skip


async def _slots(
    look: rules.Look, agendas: Sequence[rules.Agenda], days: Sequence[dt.date]
) -> AsyncIterator[rules.Slot]:
    """The slots in order, day by day: nothing is computed that is not asked for."""
    done = 0
    for day in days:
        found: list[rules.Slot] = []
        for agenda in agendas:
            found += look.slots(agenda, day)
            done += 1
            if done % DAYS_AT_ONCE == 0:
                await asyncio.sleep(0)
        for slot in sorted(found):
            yield slot


async def _empty(look: rules.Look, agendas: Sequence[rules.Agenda], days: Sequence[dt.date]) -> AsyncIterator[EmptyDay]:
    done = 0
    for agenda in agendas:
        for day in days:
            if why := look.emptied(agenda, day):
                yield EmptyDay(agenda.id, day, why.rule, why.name)
            done += 1
            if done % DAYS_AT_ONCE == 0:
                await asyncio.sleep(0)


def _days(query: AvailabilitiesQuery, today: dt.date) -> list[dt.date]:
    """The days that are asked for. Raises `OAuthError` (400) for none, or too many."""
    first = query.from_ or today
    if not dt.date(2000, 1, 1) <= first < dt.date(2100, 1, 1):
        raise malformed([FieldFault("from", "out_of_range", "This must be a day from 2000 to 2099.")])
    to = query.to or first + dt.timedelta(days=7)
    span = (to - first).days
    if not 1 <= span <= DAYS_MAX:
        message = f"This must be 1 to {DAYS_MAX} days after from."
        raise malformed([FieldFault("to", "out_of_range", message)])
    return [first + dt.timedelta(days=number) for number in range(span)]


def _chosen(query: AvailabilitiesQuery, offered: reading.Offer) -> Sequence[rules.Agenda]:
    """The doctors' agendas to look into. Raises `OAuthError`: 400 for too many, 404 for one in which the treatment is not done."""
    wanted = [int(text) for text in query.agenda_ids.split(",") if text]
    of = {item.id: item for item in offered.doctors}
    for number in wanted:
        if number not in of:
            raise not_found(f"agenda {number} with treatment {query.treatment_id}")
    found = [of[number] for number in dict.fromkeys(wanted)] if wanted else list(offered.doctors)
    if len(found) > reading.DOCTORS_AT_ONCE:
        message = f"Name at most {reading.DOCTORS_AT_ONCE} agendas: the treatment is done in {len(offered.doctors)}."
        raise malformed([FieldFault("agendaIds", "too_many", message)])
    return found
