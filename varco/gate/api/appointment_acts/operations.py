"""Acts on appointments (S50): each keeps the number and adds to the history."""

from varco.audit.tags import Tag
from varco.clinical.agenda import states
from varco.gate.api.appointment_acts.schema import (
    CANCEL_EXAMPLE,
    MOVE_EXAMPLE,
    TRANSITION_EXAMPLE,
    Cancel,
    Move,
    Transition,
)
from varco.gate.api.appointments import booking, errors, sql
from varco.gate.api.appointments.operations import APPOINTMENT, detail
from varco.gate.api.appointments.presentation import presenter
from varco.gate.api.appointments.schema import EXAMPLE, Appointment, AppointmentRow
from varco.gate.api.availabilities import reading
from varco.gate.api.calls import Write, WriteCall
from varco.gate.api.holds import using
from varco.gate.api.operations import write_operation
from varco.gate.store import Further
from varco.gate.store.sql.places import PlaceRow


@write_operation(
    "POST",
    f"{APPOINTMENT}/cancel",
    resource="appointments",
    summary="Cancel an appointment",
    body=Cancel,
    response=Appointment,
    current=sql.APPOINTMENT,
    audit=Tag.APPOINTMENT_CANCELLED,
    example=EXAMPLE,
    body_example=CANCEL_EXAMPLE,
)
async def cancel_appointment(call: WriteCall[Cancel, AppointmentRow]) -> Write[AppointmentRow]:
    """Free its time, and keep what it was. Raises `OAuthError` (422) for one that has begun, or is cancelled."""
    where = await reading.place(call)
    free = sql.FREE_APPOINTMENT(tenant_id=call.tenant_id, appointment_id=call.current.id)
    return _changed(call, where, "cancelled", "cancelled", call.body.reason, free)


@write_operation(
    "POST",
    f"{APPOINTMENT}/transition",
    resource="appointments",
    summary="Give an appointment another state",
    body=Transition,
    response=Appointment,
    current=sql.APPOINTMENT,
    audit=Tag.APPOINTMENT_CHANGED,
    example=EXAMPLE,
    body_example=TRANSITION_EXAMPLE,
)
async def change_appointment_state(call: WriteCall[Transition, AppointmentRow]) -> Write[AppointmentRow]:
    """Go on by the table of transitions. Raises `OAuthError` (422) for what is not in it, or not yet, or not any more."""
    return _changed(call, await reading.place(call), call.body.to, "changed", "")


def _changed(
    call: WriteCall[Cancel, AppointmentRow] | WriteCall[Transition, AppointmentRow],
    where: PlaceRow,
    to: str,
    act: str,
    reason: str,
    *further: Further,
) -> Write[AppointmentRow]:
    row, now = call.current, call.now_ms // 1000
    day = booking.day_around(where, row.start_at)
    if rule := states.refusal(row.state, to, now=now, start=row.start_at, day=day):
        raise errors.not_allowed_now(rule)
    return Write(
        sql.CHANGE_STATE(
            tenant_id=call.tenant_id, id=row.id, version=row.version, state=to, cancel_reason=reason, now=now
        ),
        detail=detail,
        present=presenter(where.zone),
        further=[*further, booking.step(call, act)],
    )


@write_operation(
    "POST",
    f"{APPOINTMENT}/move",
    resource="appointments",
    summary="Move an appointment to another time",
    body=Move,
    response=Appointment,
    current=sql.APPOINTMENT,
    audit=Tag.APPOINTMENT_MOVED,
    example=EXAMPLE,
    body_example=MOVE_EXAMPLE,
)
async def move_appointment(call: WriteCall[Move, AppointmentRow]) -> Write[AppointmentRow]:
    """Take the new time and free the old one, at once. Raises `OAuthError`: 409, 422 as a booking does."""
    row, body, now = call.current, call.body, call.now_ms // 1000
    start = booking.read_instant("start", body.start)
    if row.state not in states.MOVABLE:
        raise errors.not_allowed_now("transition_not_allowed")
    if row.start_at <= now:
        raise errors.not_allowed_now("in_the_past")
    hold = body.hold_id or 0
    if hold:
        await using.own_hold(call, hold)
    agenda = body.agenda_id or row.agenda_id
    wanted = booking.Wanted(agenda, row.treatment_id, start, body.room_id or 0, own_hold=hold, own_appointment=row.id)
    found = await booking.place(call, wanted)
    clash = await booking.clash(call, row.patient_id, found, allowed=body.allow_clash, own=row.id)
    return Write(
        sql.MOVE_APPOINTMENT(
            tenant_id=call.tenant_id, id=row.id, version=row.version, clash=clash, now=now, **found.columns
        ),
        detail=detail,
        present=presenter(found.where.zone),
        further=[
            *booking.taking(call, found, row.patient_id, clash_allowed=body.allow_clash, hold=hold),
            *using.ended(call, hold),
            booking.step(call, "moved"),
        ],
        conflicts=booking.conflicts(),
    )
