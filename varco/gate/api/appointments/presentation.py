"""Appointments as programs see them: instants with the offset that they were sent with."""

import datetime as dt
from collections.abc import Callable

from varco.clinical.agenda.instants import Instant, local_text
from varco.gate.api.appointments.schema import Appointment, AppointmentRow, AppointmentStep
from varco.gate.api.appointments.sql import StepRow


def presenter(zone: str) -> Callable[[AppointmentRow], Appointment]:
    """What turns rows into appointments, for a clinic in a time zone."""

    def present(row: AppointmentRow) -> Appointment:
        return Appointment(
            id=row.id, agenda_id=row.agenda_id, room_id=row.room_id, machine_id=row.machine_id, patient_id=row.patient_id,
            treatment_id=row.treatment_id, start=str(Instant(row.start_at, row.offset_minutes)),
            end=str(Instant(row.end_at, row.offset_minutes)), time_zone=zone, state=row.state, clash=row.clash,
            cancel_reason=row.cancel_reason, series_id=row.series_id, booked_by=row.booked_by,
            booked_by_name=row.booked_by_name, booked_through=row.booked_through,
            created_at=local_text(row.created_at, dt.UTC), version=row.version,
        )  # fmt: skip

    return present


def present_step(row: StepRow) -> AppointmentStep:
    """A line of an appointment's history."""
    return AppointmentStep(
        id=row.id, at=local_text(row.at, dt.UTC), act=row.act, state=row.state, agenda_id=row.agenda_id,
        start=str(Instant(row.start_at, row.offset_minutes)), end=str(Instant(row.end_at, row.offset_minutes)),
        person=row.person, person_name=row.person_name, application=row.application_name,
    )  # fmt: skip
