"""Appointments (S27, S49, S50)."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from varco.audit.tags import Tag
from varco.clinical.agenda.local_days import local_day
from varco.gate.api import lists
from varco.gate.api.appointments import booking, errors, sql
from varco.gate.api.appointments.presentation import present_step, presenter
from varco.gate.api.appointments.schema import (
    BODY_EXAMPLE,
    EXAMPLE,
    STEP_EXAMPLE,
    Appointment,
    AppointmentFields,
    AppointmentRow,
    AppointmentsQuery,
    AppointmentStep,
)
from varco.gate.api.availabilities import reading
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall
from varco.gate.api.checks import malformed
from varco.gate.api.holds import using
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.errors import not_found
from varco.gate.store import BoundStatement
from varco.gate.store.sql.places import PlaceRow
from varco.json_fields import FieldFault
from varco.paging import Page, Paging, Window

APPOINTMENTS = "/v2/tenants/{tenantId}/appointments"
APPOINTMENT = f"{APPOINTMENTS}/{{appointmentId}}"
_FIRST, _LAST = dt.date(1970, 1, 2), dt.date(2199, 12, 31)


@read_operation(
    APPOINTMENTS,
    resource="appointments",
    summary="Appointments of the clinic, by day, agenda, patient and series",
    query=AppointmentsQuery,
    response=Page[Appointment],
    audit=Tag.APPOINTMENTS_LISTED,
    example=EXAMPLE,
)
async def list_appointments(call: Call[AppointmentsQuery]) -> OperationResult:
    """In the order of their time, the cancelled ones too."""
    where = await reading.place(call)
    part = lists.window(call)
    rows = await call.clinic.all(_statement(call, part, where))
    found = lists.answer(call, rows, part, lambda row: (row.start_at, row.id), presenter(where.zone))
    patients = list(dict.fromkeys(item.patient_id for item in found.items))
    return OperationResult(found, {"patients": patients})


def _statement(call: Call[AppointmentsQuery], part: Window, where: PlaceRow) -> BoundStatement[AppointmentRow]:
    query, zone = call.query, ZoneInfo(where.zone)
    for name, day in (("from", query.from_), ("to", query.to)):
        if day is not None and not _FIRST <= day <= _LAST:
            raise malformed([FieldFault(name, "out_of_range", f"This must be a day from {_FIRST} to {_LAST}.")])
    since = local_day(zone, query.from_ or _FIRST).start
    after_start, after_id = part.key or (since, 0)
    values: dict[str, Any] = {
        "tenant_id": call.tenant_id,
        "after_start": after_start,
        "after_id": after_id,
        "until": local_day(zone, query.to or _LAST).start,
        "limit": part.fetch,
        "offset": part.skip,
    }
    if query.series_id and not (query.patient_id or query.agenda_id):
        return sql.APPOINTMENTS_OF_SERIES(**values, series_id=query.series_id)
    if query.series_id:
        raise malformed([FieldFault("seriesId", "not_allowed", "Send seriesId without agendaId and patientId.")])
    if query.patient_id:
        return sql.APPOINTMENTS_OF_PATIENT(**values, patient_id=query.patient_id, agenda_id=query.agenda_id)
    if query.agenda_id:
        return sql.APPOINTMENTS_OF_AGENDA(**values, agenda_id=query.agenda_id)
    return sql.APPOINTMENTS(**values)


@read_operation(
    APPOINTMENT,
    resource="appointments",
    summary="One appointment of the clinic",
    response=Appointment,
    audit=Tag.APPOINTMENT_READ,
    example=EXAMPLE,
)
async def get_appointment(call: Call[None]) -> OperationResult:
    """One appointment by id. Raises `OAuthError` (404), also for one of another clinic."""
    row, where = await _one(call), await reading.place(call)
    return OperationResult(presenter(where.zone)(row), detail(row), version=row.version)


@read_operation(
    f"{APPOINTMENT}/history",
    resource="appointments",
    summary="What happened to an appointment",
    query=Paging,
    response=Page[AppointmentStep],
    audit=Tag.APPOINTMENT_READ,
    example=STEP_EXAMPLE,
)
async def get_appointment_history(call: Call[Paging]) -> OperationResult:
    """From its booking on. Raises `OAuthError` (404)."""
    appointment = await _one(call)
    part = lists.window(call)
    (after_id,) = part.key or (0,)
    values = {"tenant_id": call.tenant_id, "appointment_id": appointment.id, "after_id": after_id}
    rows = await call.clinic.all(sql.STEPS(**values, limit=part.fetch, offset=part.skip))
    return OperationResult(lists.answer(call, rows, part, lambda row: (row.id,), present_step), detail(appointment))


@write_operation(
    "POST",
    APPOINTMENTS,
    resource="appointments",
    summary="Book an appointment",
    body=AppointmentFields,
    response=Appointment,
    success=201,
    audit=Tag.APPOINTMENT_BOOKED,
    example=EXAMPLE,
    body_example=BODY_EXAMPLE,
)
async def create_appointment(call: WriteCall[AppointmentFields, None]) -> Write[AppointmentRow]:
    """Book a time that is free. Raises `OAuthError`: 409 for one that is not, 422 for one that the clinic does not offer."""
    body, caller = call.body, call.caller
    start = booking.read_instant("start", body.start)
    if await call.clinic.one(sql.PATIENT_THERE(tenant_id=call.tenant_id, id=body.patient_id)) is None:
        raise errors.unknown("patientId", "The clinic has no patient of this number.")
    hold = body.hold_id or 0
    if hold:
        await using.own_hold(call, hold)
    wanted = booking.Wanted(body.agenda_id, body.treatment_id, start, body.room_id or 0, own_hold=hold)
    found = await booking.place(call, wanted)
    clash = await booking.clash(call, body.patient_id, found, allowed=body.allow_clash)
    return Write(
        sql.ADD_APPOINTMENT(
            tenant_id=call.tenant_id, patient_id=body.patient_id, treatment_id=body.treatment_id, clash=clash, series_id=None,
            booked_by=caller.person.sub, booked_by_name=caller.person.name, booked_through=caller.client.name,
            application_id=caller.client.application_id, created_at=call.now_ms // 1000, **found.columns,
        ),
        detail=detail,
        present=presenter(found.where.zone),
        further=[
            *booking.taking(call, found, body.patient_id, clash_allowed=body.allow_clash, hold=hold),
            *using.ended(call, hold),
            booking.step(call, "booked"),
        ],
        conflicts=booking.conflicts(),
    )  # fmt: skip


async def _one(call: Call[Any]) -> AppointmentRow:
    number = call.path["appointmentId"]
    row = await call.clinic.one(sql.APPOINTMENT(tenant_id=call.tenant_id, id=number))
    if row is None:
        raise not_found(f"appointment {number}")
    return row


def detail(row: AppointmentRow) -> dict[str, int]:
    """What the record of access says of an appointment."""
    return {"patient": row.patient_id, "appointment": row.id}
