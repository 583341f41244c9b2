"""Holds of slots (S50)."""

import datetime as dt
from collections.abc import Callable

from varco.audit.tags import Tag
from varco.clinical.agenda.instants import Instant, local_text
from varco.clinical.agenda.local_days import Span
from varco.gate.api.appointments import booking, errors
from varco.gate.api.appointments.sql import FORGET_ENDED_HOLDS, FREE_HOLD
from varco.gate.api.availabilities import reading
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall
from varco.gate.api.holds import sql, using
from varco.gate.api.holds.schema import BODY_EXAMPLE, EXAMPLE, Hold, HoldFields, HoldRow, Release
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.errors import not_found
from varco.gate.store import Further

HOLDS = "/v2/tenants/{tenantId}/holds"
HOLD = f"{HOLDS}/{{holdId}}"
SECONDS = 300
"""How long a slot is kept."""


@write_operation(
    "POST",
    HOLDS,
    resource="holds",
    summary="Keep a slot for five minutes",
    body=HoldFields,
    response=Hold,
    success=201,
    audit=Tag.HOLD_PLACED,
    example=EXAMPLE,
    body_example=BODY_EXAMPLE,
)
async def create_hold(call: WriteCall[HoldFields, None]) -> Write[HoldRow]:
    """Keep a slot that is free. Raises `OAuthError`: 409 for one that is not, 422 for one that the clinic does not offer."""
    body, tenant, now = call.body, call.tenant_id, call.now_ms // 1000
    start = booking.read_instant("start", body.start)
    found = await booking.place(call, booking.Wanted(body.agenda_id, body.treatment_id, start, body.room_id or 0))
    caller = call.caller
    return Write(
        sql.ADD_HOLD(
            tenant_id=tenant, treatment_id=body.treatment_id, person=caller.person.sub,
            application_id=caller.client.application_id, expires_at=now + SECONDS, now=now, **found.columns,
        ),
        detail=_detail,
        present=_presenter(found.where.zone),
        further=[
            *booking.turns(found.spans, 0),
            *(FORGET_ENDED_HOLDS(tenant_id=tenant, agenda_id=number, now=now) for number in found.spans),
            *(_occupy(tenant, number, span) for number, span in found.spans.items()),
        ],
        conflicts={sql.OCCUPY_FOR_HOLD: errors.slot_taken()},
    )  # fmt: skip


@read_operation(HOLD, resource="holds", summary="One hold of your own", response=Hold, example=EXAMPLE)
async def get_hold(call: Call[None]) -> OperationResult:
    """A hold that is not over. Raises `OAuthError` (404), also for somebody else's."""
    number = call.path["holdId"]
    row = await call.clinic.one(sql.HOLD(tenant_id=call.tenant_id, id=number))
    if row is None or not using.is_own(call, row) or row.expires_at <= call.context.now_ms() // 1000:
        raise not_found(f"hold {number}")
    where = await reading.place(call)
    return OperationResult(_presenter(where.zone)(row), version=row.version)


def _occupy(tenant: str, number: int, span: Span) -> Further:
    at = {"tenant_id": tenant, "agenda_id": number, "start_at": span[0], "end_at": span[1]}
    return lambda row: sql.OCCUPY_FOR_HOLD(hold_id=row.id, expires_at=row.expires_at, **at)


@write_operation(
    "POST",
    f"{HOLD}/release",
    resource="holds",
    summary="Give a slot back that was kept",
    body=Release,
    response=Hold,
    current=sql.HOLD,
    audit=Tag.HOLD_RELEASED,
    example=EXAMPLE,
    body_example=Release(),
)
async def release_hold(call: WriteCall[Release, HoldRow]) -> Write[HoldRow]:
    """End a hold before its time. Raises `OAuthError` (404) for somebody else's."""
    row = call.current
    if not using.is_own(call, row):
        raise not_found(f"holdId {row.id}")
    where = await reading.place(call)
    return Write(
        sql.END_HOLD(tenant_id=call.tenant_id, id=row.id, version=row.version),
        detail=_detail,
        present=_presenter(where.zone),
        further=[FREE_HOLD(tenant_id=call.tenant_id, hold_id=row.id)],
    )


def _presenter(zone: str) -> Callable[[HoldRow], Hold]:
    def present(row: HoldRow) -> Hold:
        return Hold(
            id=row.id, agenda_id=row.agenda_id, room_id=row.room_id, machine_id=row.machine_id,
            treatment_id=row.treatment_id, start=str(Instant(row.start_at, row.offset_minutes)),
            end=str(Instant(row.end_at, row.offset_minutes)), time_zone=zone,
            expires_at=local_text(row.expires_at, dt.UTC), version=row.version,
        )  # fmt: skip

    return present


def _detail(row: HoldRow) -> dict[str, int]:
    return {"hold": row.id}
