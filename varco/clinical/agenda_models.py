"""Agendas and what is booked in them.

As in `models`, `tenant_id` is plain text; what refers to another row keeps its number. Days are dates, hours are minutes of the day
by the clinic's clocks, moments are epoch seconds. What is found by the numbers of some agendas has no index that begins with the
tenant: PostgreSQL, where it plans for any tenant, would take all rows of a large one for few.
"""

from typing import ClassVar

from django.db import models

from varco import clock
from varco.validators import ReadableText


class Agenda(models.Model):
    """A calendar of a tenant that appointments are booked in: one doctor's, or that of a room or a machine that they need."""

    class Kind(models.TextChoices):
        """Whose it is."""

        DOCTOR = "doctor", "Doctor"
        ROOM = "room", "Room"
        MACHINE = "machine", "Machine"

    tenant_id = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    doctor_name = models.CharField(max_length=160, blank=True, default="")
    color = models.CharField(max_length=7, blank=True, default="")  # "#rrggbb", as the clinic's own calendar shows it
    active = models.BooleanField(default=True)  # whether new appointments may be booked
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.DOCTOR, db_default=Kind.DOCTOR)
    step_minutes = models.PositiveIntegerField(default=15, db_default=15)  # between two starts
    buffer_minutes = models.PositiveIntegerField(default=0, db_default=0)  # that stay free after each appointment
    lead_minutes = models.PositiveIntegerField(default=0, db_default=0)  # from now to the first start
    horizon_days = models.PositiveIntegerField(default=365, db_default=365)  # from now to the last start
    daily_cap = models.PositiveIntegerField(default=0, db_default=0)  # appointments of a day at most; 0: any
    created_at = models.BigIntegerField(default=clock.now)
    updated_at = models.BigIntegerField(default=clock.now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "name", "id"], name="agenda_by_name")
        ]

    def __str__(self) -> str:
        return self.name


class AgendaHours(models.Model):
    """Hours of a weekday of an agenda, or a break in them."""

    tenant_id = models.CharField(max_length=40)
    agenda_id = models.BigIntegerField()
    weekday = models.PositiveSmallIntegerField()  # 1 is Monday
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()
    is_break = models.BooleanField(default=False)
    valid_from = models.DateField(null=True, blank=True, default=None)
    valid_to = models.DateField(null=True, blank=True, default=None)  # the last day
    treatments = models.CharField(max_length=400, blank=True, default="")  # numbers, with blanks between; empty: all

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="hours_of_a_day",
                condition=models.Q(weekday__range=(1, 7), opens__lt=models.F("closes"), closes__lte=1440),
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["agenda_id"], name="hours_of_agenda")]

    def __str__(self) -> str:
        return f"{self.agenda_id}: {self.weekday} {self.opens}-{self.closes}"


class AgendaException(models.Model):
    """Days on which an agenda has other hours than in other weeks: more (`is_open`), or fewer."""

    tenant_id = models.CharField(max_length=40)
    agenda_id = models.BigIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    opens = models.PositiveSmallIntegerField(default=0)
    closes = models.PositiveSmallIntegerField(default=1440)
    is_open = models.BooleanField(default=False)
    note = models.CharField(max_length=120, blank=True, default="", validators=[ReadableText()])

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agenda_id", "last_day"], name="exceptions_of_agenda")
        ]

    def __str__(self) -> str:
        return f"{self.agenda_id}: {self.first_day} to {self.last_day}"


class ClinicClosure(models.Model):
    """Days on which a clinic is closed, or open although they are holidays; holidays need no row."""

    tenant_id = models.CharField(max_length=40)
    first_day = models.DateField()
    last_day = models.DateField()
    name = models.CharField(max_length=120, blank=True, default="", validators=[ReadableText()])
    is_open = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "last_day"], name="closures_of_clinic")
        ]

    def __str__(self) -> str:
        return self.name


class Treatment(models.Model):
    """Something that a clinic does for its patients, and how long it takes."""

    tenant_id = models.CharField(max_length=40)
    name = models.CharField(max_length=120, validators=[ReadableText()])
    code = models.CharField(max_length=20, blank=True, default="", validators=[ReadableText()])
    duration_minutes = models.PositiveSmallIntegerField()
    vat_code = models.CharField(max_length=4, default="N4")  # N4: exempt (health services); or a rate in per cent
    active = models.BooleanField(default=True)
    created_at = models.BigIntegerField(default=clock.now)
    updated_at = models.BigIntegerField(default=clock.now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "name", "id"], name="treatment_by_name")
        ]

    def __str__(self) -> str:
        return self.name


class AgendaTreatment(models.Model):
    """That a treatment is done in an agenda: by that doctor, or in one of these rooms and with one of these machines."""

    tenant_id = models.CharField(max_length=40)
    treatment_id = models.BigIntegerField()
    agenda_id = models.BigIntegerField()
    minutes = models.PositiveSmallIntegerField(default=0)  # how long it takes this doctor; 0: as the treatment says

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["treatment_id", "agenda_id"], name="treatment_of_agenda_once"),
        ]

    def __str__(self) -> str:
        return f"{self.treatment_id} in {self.agenda_id}"


class AppointmentSeries(models.Model):
    """Appointments that were booked as one."""

    tenant_id = models.CharField(max_length=40)
    patient_id = models.BigIntegerField()
    treatment_id = models.BigIntegerField()
    count = models.PositiveSmallIntegerField()
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return f"series {self.pk}"


class Appointment(models.Model):
    """A patient's time in an agenda. What is cancelled stays; `version` grows with each change."""

    tenant_id = models.CharField(max_length=40)
    agenda_id = models.BigIntegerField()
    room_id = models.BigIntegerField(null=True, blank=True, default=None)
    machine_id = models.BigIntegerField(null=True, blank=True, default=None)
    patient_id = models.BigIntegerField()
    treatment_id = models.BigIntegerField()
    start_at = models.BigIntegerField()
    end_at = models.BigIntegerField()
    offset_minutes = models.SmallIntegerField()  # that the start was written with
    state = models.CharField(max_length=10, default="booked")
    clash = models.BooleanField(default=False)  # the patient has something else at that time, which somebody wanted
    cancel_reason = models.CharField(max_length=10, blank=True, default="")
    series_id = models.BigIntegerField(null=True, blank=True, default=None)
    booked_by = models.CharField(max_length=40)  # the person's public id
    booked_by_name = models.CharField(max_length=254, blank=True, default="")
    booked_through = models.CharField(max_length=80, blank=True, default="")  # the application's name
    application_id = models.BigIntegerField(null=True, blank=True, default=None)
    version = models.PositiveIntegerField(default=1)
    created_at = models.BigIntegerField(default=clock.now)
    updated_at = models.BigIntegerField(default=clock.now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "start_at", "id"], name="appointment_by_time"),
            models.Index(fields=["tenant_id", "agenda_id", "start_at", "id"], name="appointment_of_agenda"),
            models.Index(fields=["tenant_id", "patient_id", "start_at", "id"], name="appointment_of_patient"),
            models.Index(fields=["tenant_id", "series_id", "start_at"], name="appointment_of_series"),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"


class AppointmentStep(models.Model):
    """Something that happened to an appointment: how it came to be what it is."""

    tenant_id = models.CharField(max_length=40)
    appointment_id = models.BigIntegerField()
    at = models.BigIntegerField()
    act = models.CharField(max_length=10)  # booked, moved, cancelled, or changed: to another state
    state = models.CharField(max_length=10)  # afterwards
    agenda_id = models.BigIntegerField()
    start_at = models.BigIntegerField()
    end_at = models.BigIntegerField()
    offset_minutes = models.SmallIntegerField()
    person = models.CharField(max_length=40)
    person_name = models.CharField(max_length=254, blank=True, default="")
    application_name = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "appointment_id", "id"], name="step_of_appointment")
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.act}"


class AgendaHold(models.Model):
    """A slot that is kept for somebody for some minutes, while a patient decides."""

    tenant_id = models.CharField(max_length=40)
    agenda_id = models.BigIntegerField()
    room_id = models.BigIntegerField(null=True, blank=True, default=None)
    machine_id = models.BigIntegerField(null=True, blank=True, default=None)
    treatment_id = models.BigIntegerField()
    start_at = models.BigIntegerField()
    end_at = models.BigIntegerField()
    offset_minutes = models.SmallIntegerField()
    person = models.CharField(max_length=40)
    application_id = models.BigIntegerField()
    expires_at = models.BigIntegerField(db_index=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return f"hold {self.pk}"


class OccupiedTime(models.Model):
    """A time that one appointment or hold has to itself in the agenda of a doctor, a room or a machine; two never overlap (S50).

    The database sees to that, whoever writes: by an exclusion constraint on PostgreSQL, by a trigger on SQLite, which has one
    writer at a time (migration 0010). Appointments keep whole minutes. A row is added and deleted, and never changed.
    """

    tenant_id = models.CharField(max_length=40)
    agenda_id = models.BigIntegerField()
    start_at = models.BigIntegerField()
    end_at = models.BigIntegerField()  # with the buffer after it
    appointment_id = models.BigIntegerField(null=True, blank=True, default=None)
    hold_id = models.BigIntegerField(null=True, blank=True, default=None)
    expires_at = models.BigIntegerField(null=True, blank=True, default=None)  # of a hold

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="occupied_forwards", condition=models.Q(start_at__lte=models.F("end_at"))),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agenda_id", "start_at"], name="occupied_of_agenda"),
            models.Index(fields=["appointment_id"], name="occupied_by_appointment"),
            models.Index(fields=["hold_id"], name="occupied_by_hold", condition=models.Q(hold_id__isnull=False)),
            models.Index(
                fields=["agenda_id", "expires_at"],
                name="occupied_until",
                condition=models.Q(expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agenda_id}: {self.start_at} to {self.end_at}"


class BookingLock(models.Model):
    """A turn: what is booked at one moment in one agenda, or for one patient, goes one after the other.

    Each booking takes the rows of its agendas and its patient first. There are few, shared by all whose numbers leave the same rest.
    """

    id = models.IntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.pk)
