"""Rows of a clinic's agendas, written straight to the models: what a booking needs."""

from typing import Any

from varco.clinical.agenda.instants import instant
from varco.clinical.models import (
    Agenda,
    AgendaHold,
    AgendaHours,
    AgendaTreatment,
    Appointment,
    AppointmentSeries,
    OccupiedTime,
    Patient,
    Treatment,
)

START = "2027-03-30T09:00:00+02:00"
"""A Tuesday after the clocks have changed, some weeks after the tests' own day."""


class Bookable:
    """A doctor's agenda that is open all day, every day, a treatment of half an hour in it, and a patient."""

    def __init__(
        self,
        tenant_id: str = "tenant-aurora",
        *,
        database: str = "clinic",
        opens: int = 0,
        closes: int = 1440,
        **rules: Any,
    ) -> None:
        self.tenant_id = tenant_id
        self.database = database
        self.agenda = self.add_agenda("doctor", **rules)
        self.treatment: int = (
            Treatment.objects.using(database)
            .create(tenant_id=tenant_id, name="Visita", code="V", duration_minutes=30)
            .pk
        )
        self.offer(self.agenda)
        self.patient = self.add_patient()
        for weekday in range(1, 8):
            self.add_hours(weekday, opens, closes)

    def add_agenda(self, kind: str, **rules: Any) -> int:
        made = Agenda.objects.using(self.database).create(
            tenant_id=self.tenant_id, name=f"Agenda {kind}", kind=kind, **rules
        )
        return int(made.pk)

    def offer(self, agenda: int) -> int:
        """The treatment is done in an agenda, or in one of several rooms or with one of several machines."""
        AgendaTreatment.objects.using(self.database).create(
            tenant_id=self.tenant_id, treatment_id=self.treatment, agenda_id=agenda
        )
        return agenda

    def add_hours(self, weekday: int, opens: int, closes: int, **more: Any) -> None:
        AgendaHours.objects.using(self.database).create(
            tenant_id=self.tenant_id, agenda_id=self.agenda, weekday=weekday, opens=opens, closes=closes, **more
        )

    def add_patient(self) -> int:
        made = Patient.objects.using(self.database).create(
            tenant_id=self.tenant_id, first_name="Mario", last_name="Rossi", search_name="rossi mario"
        )
        return int(made.pk)

    def body(self, start: str = START, **changes: Any) -> dict[str, Any]:
        """What books an appointment."""
        wanted = {"agendaId": self.agenda, "treatmentId": self.treatment, "patientId": self.patient, "start": start}
        return wanted | changes

    def add_appointment(self, start: str = START, **fields: Any) -> Appointment:
        """An appointment of half an hour, with its time."""
        at = instant(start)
        columns = {"tenant_id": self.tenant_id, "agenda_id": self.agenda, "start_at": at.at, "end_at": at.at + 1800}
        made = Appointment.objects.using(self.database).create(
            **columns,
            offset_minutes=at.offset,
            patient_id=self.patient,
            treatment_id=self.treatment,
            booked_by="user-x",
            **fields,
        )
        OccupiedTime.objects.using(self.database).create(**columns, appointment_id=made.pk)
        return made

    def add_hold(self, person: str, application: int, expires_at: int, start: str = START) -> AgendaHold:
        """A hold of half an hour, with its time."""
        at = instant(start)
        columns = {"tenant_id": self.tenant_id, "agenda_id": self.agenda, "start_at": at.at, "end_at": at.at + 1800}
        made = AgendaHold.objects.using(self.database).create(
            **columns, offset_minutes=at.offset, treatment_id=self.treatment, person=person, application_id=application,
            expires_at=expires_at,
        )  # fmt: skip
        OccupiedTime.objects.using(self.database).create(**columns, hold_id=made.pk, expires_at=expires_at)
        return made

    def add_series(self) -> int:
        """The row of a series of two."""
        made = AppointmentSeries.objects.using(self.database).create(
            tenant_id=self.tenant_id, patient_id=self.patient, treatment_id=self.treatment, count=2
        )
        return int(made.pk)
