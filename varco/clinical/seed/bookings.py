"""Invented hours, treatments and appointments: some weeks before today and some after, always the same ones for one seed and day."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from varco.clinical.agenda.local_days import MINUTE, day_of, holiday, local_day
from varco.clinical.models import (
    Agenda,
    AgendaHours,
    AgendaTreatment,
    Appointment,
    AppointmentStep,
    OccupiedTime,
    Treatment,
)

TREATMENTS = (("Prima visita", "PV", 45), ("Visita di controllo", "VC", 30), ("Medicazione", "ME", 15))
SCAN = ("Ecografia", "ECO", 30)
ROOMS = ("Sala 1", "Sala 2")
MACHINE = "Ecografo"
MORNING, AFTERNOON = (9 * 60, 13 * 60), (14 * 60, 18 * 60)
PLACES = (540, 585, 630, 690, 735, 840, 885, 930, 990)
"""Minutes of the day at which somebody may have an appointment of 45 minutes; at half past ten, before the break, of 30."""
WEEKS_BEFORE, WEEKS_AFTER = 2, 3


class Clinic(NamedTuple):
    """Whose bookings are invented: the tenant, the alias of its database, the seed, its zone, and what time it is."""

    tenant_id: str
    database: str
    seed: str
    zone: ZoneInfo
    now: int


def add(clinic: Clinic, doctors: Sequence[Agenda], patients: Sequence[int]) -> None:
    """Give agendas hours and treatments, with rooms and a machine, and fill some of their time."""
    extra = [*((name, Agenda.Kind.ROOM) for name in ROOMS), (MACHINE, Agenda.Kind.MACHINE)]
    others = Agenda.objects.using(clinic.database).bulk_create(
        Agenda(tenant_id=clinic.tenant_id, name=name, kind=kind) for name, kind in extra
    )
    AgendaHours.objects.using(clinic.database).bulk_create(_hours(clinic, doctors))
    treatments = Treatment.objects.using(clinic.database).bulk_create(
        Treatment(tenant_id=clinic.tenant_id, name=name, code=code, duration_minutes=minutes)
        for name, code, minutes in (*TREATMENTS, SCAN)
    )
    *visits, scan = treatments
    done = [(visit, doctor) for visit in visits for doctor in doctors]
    done += [(scan, agenda) for agenda in (*doctors, *others)]
    AgendaTreatment.objects.using(clinic.database).bulk_create(
        AgendaTreatment(tenant_id=clinic.tenant_id, treatment_id=treatment.pk, agenda_id=agenda.pk)
        for treatment, agenda in done
    )
    if patients:
        _write(clinic, list(_appointments(clinic, doctors, visits, patients)))


def _hours(clinic: Clinic, doctors: Sequence[Agenda]) -> Iterator[AgendaHours]:
    for doctor in doctors:
        for weekday in range(1, 6):
            for (opens, closes), is_break in ((MORNING, False), (AFTERNOON, False), ((660, 675), True)):
                yield AgendaHours(
                    tenant_id=clinic.tenant_id, agenda_id=doctor.pk, weekday=weekday, opens=opens, closes=closes, is_break=is_break
                )  # fmt: skip


def _appointments(
    clinic: Clinic, doctors: Sequence[Agenda], visits: Sequence[Treatment], patients: Sequence[int]
) -> Iterator[Appointment]:
    chance = random.Random(f"varco/bookings/{clinic.seed}")  # noqa: S311 - the same every time, and no secret
    today = day_of(clinic.zone, clinic.now)
    for number in range(-7 * WEEKS_BEFORE, 7 * WEEKS_AFTER):
        day = today + dt.timedelta(days=number)
        if day.isoweekday() > 5 or holiday(day):
            continue
        (piece, *_) = local_day(clinic.zone, day).pieces
        free = chance.sample(patients, len(patients))  # nobody is in two places on one day
        for doctor in doctors:
            for minute in PLACES:
                if not free or chance.random() < 0.45:
                    continue
                start = piece.midnight + minute * MINUTE
                visit = chance.choice([visit for visit in visits if minute != 630 or visit.duration_minutes <= 30])
                made = _appointment(clinic, doctor, visit, start, chance)
                made.patient_id = free.pop()
                yield made


def _appointment(clinic: Clinic, doctor: Agenda, visit: Treatment, start: int, chance: random.Random) -> Appointment:
    states = (("done", "absent", "cancelled"), (17, 1, 1)) if start < clinic.now else (("booked", "confirmed"), (2, 1))
    offset = dt.datetime.fromtimestamp(start, clinic.zone).utcoffset() or dt.timedelta()
    return Appointment(
        tenant_id=clinic.tenant_id, agenda_id=doctor.pk, treatment_id=visit.pk, start_at=start,
        end_at=start + visit.duration_minutes * MINUTE, offset_minutes=int(offset.total_seconds()) // 60,
        state=chance.choices(*states)[0], booked_by="", booked_by_name="Accettazione", booked_through="",
        created_at=min(clinic.now, start) - chance.randrange(1, 20) * 86_400,
    )  # fmt: skip


def _write(clinic: Clinic, rows: Sequence[Appointment]) -> None:
    database, tenant = clinic.database, clinic.tenant_id
    made = Appointment.objects.using(database).bulk_create(rows)
    AppointmentStep.objects.using(database).bulk_create(
        AppointmentStep(
            tenant_id=tenant, appointment_id=row.pk, at=row.created_at, act="booked", state="booked", agenda_id=row.agenda_id,
            start_at=row.start_at, end_at=row.end_at, offset_minutes=row.offset_minutes, person="", person_name=row.booked_by_name,
        )
        for row in made
    )  # fmt: skip
    OccupiedTime.objects.using(database).bulk_create(
        OccupiedTime(
            tenant_id=tenant, agenda_id=row.agenda_id, start_at=row.start_at, end_at=row.end_at, appointment_id=row.pk
        )
        for row in made
        if row.state != "cancelled"
    )
