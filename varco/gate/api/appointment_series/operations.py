"""Series of appointments (S50): all of them, or none."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from varco.audit.tags import Tag
from varco.clinical.agenda.instants import Instant, local_text
from varco.gate.api.appointment_series import sql
from varco.gate.api.appointment_series.schema import BODY_EXAMPLE, EXAMPLE, Series, SeriesFields, SeriesRow
from varco.gate.api.appointments import booking, errors
from varco.gate.api.appointments.sql import ADD_APPOINTMENT, FORGET_ENDED_HOLDS, PATIENT_THERE
from varco.gate.api.availabilities import reading
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.errors import not_found
from varco.gate.store import BoundStatement, Further

SERIES = "/v2/tenants/{tenantId}/appointmentseries"


@write_operation(
    "POST",
    SERIES,
    resource="appointments",
    summary="Book a series of appointments",
    body=SeriesFields,
    response=Series,
    success=201,
    audit=Tag.APPOINTMENT_BOOKED,
    example=EXAMPLE,
    body_example=BODY_EXAMPLE,
)
async def create_appointment_series(call: WriteCall[SeriesFields, None]) -> Write[SeriesRow]:
    """Book all of them. Raises `OAuthError` as a booking does, for the first that cannot be had; then none is booked."""
    body, tenant = call.body, call.tenant_id
    first = booking.read_instant("start", body.start)
    if await call.clinic.one(PATIENT_THERE(tenant_id=tenant, id=body.patient_id)) is None:
        raise errors.unknown("patientId", "The clinic has no patient of this number.")
    where = await reading.place(call)
    found: list[booking.Place] = []
    for start in _starts(first, ZoneInfo(where.zone), body.count, body.every_days):
        place = await booking.place(call, booking.Wanted(body.agenda_id, body.treatment_id, start))
        await booking.clash(call, body.patient_id, place, allowed=False)
        found.append(place)
    every = {number: span for place in found for number, span in place.spans.items()}
    now = call.now_ms // 1000
    return Write(
        sql.ADD_SERIES(
            tenant_id=tenant, patient_id=body.patient_id, treatment_id=body.treatment_id, count=body.count, created_at=now
        ),
        detail=lambda row: {"patient": row.patient_id, "series": row.id},
        present=_present,
        further=[
            *booking.turns(every, body.patient_id),
            *(FORGET_ENDED_HOLDS(tenant_id=tenant, agenda_id=number, now=now) for number in every),
            *(step for place in found for step in _taking(call, place)),
            lambda row: sql.REFUSE_SERIES_CLASH(tenant_id=tenant, series_id=row.id),
            lambda row: sql.ADD_STEPS_OF_SERIES(tenant_id=tenant, series_id=row.id),
        ],
        conflicts={
            sql.OCCUPY_FOR_SERIES: errors.slot_taken(),
            sql.REFUSE_FULL_DAY: errors.not_bookable("daily_cap"),
            sql.REFUSE_SERIES_CLASH: errors.patient_clash(),
        },
    )  # fmt: skip


def _starts(first: Instant, zone: ZoneInfo, count: int, every_days: int) -> Sequence[Instant]:
    """The same hour by the clocks of the zone, so many days apart; the first as it was sent."""
    local = dt.datetime.fromtimestamp(first.at, zone)
    found = [first]
    for number in range(1, count):
        moment = local + dt.timedelta(days=number * every_days)
        # An hour that is left out that day is the one after it, as clocks show it.
        at = int(moment.timestamp())
        offset = dt.datetime.fromtimestamp(at, zone).utcoffset() or dt.timedelta()
        found.append(Instant(at, int(offset.total_seconds()) // 60))
    return found


def _taking(call: WriteCall[SeriesFields, None], place: booking.Place) -> list[Further]:
    """The steps that add one of the series and take its time."""
    tenant, slot = call.tenant_id, place.slot

    def added(row: SeriesRow) -> BoundStatement[object]:
        caller = call.caller
        return ADD_APPOINTMENT(
            tenant_id=tenant, patient_id=row.patient_id, treatment_id=row.treatment_id, clash=False, series_id=row.id,
            booked_by=caller.person.sub, booked_by_name=caller.person.name, booked_through=caller.client.name,
            application_id=caller.client.application_id, created_at=row.created_at, **place.columns,
        )  # fmt: skip

    def occupied(number: int, end: int) -> Further:
        at = {"tenant_id": tenant, "agenda_id": number, "start_at": slot.start, "end_at": end}
        return lambda row: sql.OCCUPY_FOR_SERIES(series_id=row.id, **at)

    steps: list[Further] = [added, *(occupied(number, span[1]) for number, span in place.spans.items())]
    if place.daily_cap:
        day = {"day_start": place.day[0], "day_end": place.day[1], "daily_cap": place.daily_cap}
        steps.append(lambda row: sql.REFUSE_FULL_DAY(tenant_id=tenant, series_id=row.id, start_at=slot.start, **day))
    return steps


@read_operation(
    f"{SERIES}/{{seriesId}}",
    resource="appointments",
    summary="One series of appointments",
    response=Series,
    audit=Tag.APPOINTMENT_READ,
    example=EXAMPLE,
)
async def get_appointment_series(call: Call[None]) -> OperationResult:
    """One series by id. Raises `OAuthError` (404), also for one of another clinic."""
    row = await call.clinic.one(sql.SERIES(tenant_id=call.tenant_id, id=call.path["seriesId"]))
    if row is None:
        raise not_found(f"series {call.path['seriesId']}")
    return OperationResult(_present(row), {"patient": row.patient_id, "series": row.id})


def _present(row: SeriesRow) -> Series:
    return Series(
        id=row.id,
        patient_id=row.patient_id,
        treatment_id=row.treatment_id,
        count=row.count,
        created_at=local_text(row.created_at, dt.UTC),
    )
