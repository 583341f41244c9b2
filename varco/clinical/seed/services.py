"""Writing invented data, once for each tenant."""

from collections.abc import Sequence
from dataclasses import asdict
from zoneinfo import ZoneInfo

from django.db import transaction

from varco import clock
from varco.clinical.models import Agenda, Patient
from varco.clinical.seed import bookings
from varco.clinical.seed.patients import invented


def fill(
    tenant_id: str,
    *,
    database: str,
    seed: str,
    patients: int,
    agendas: Sequence[tuple[str, str, str]] = (),
    zone: str = "Europe/Rome",
) -> None:
    """Give a tenant (by its public id) so many patients, and agendas as (name, doctor, colour); what it has stays.

    New agendas have hours, treatments, and appointments around today by the clocks of the zone. `database` is the alias of the one
    that holds the tenant's clinical data. The same seed makes the same people.
    """
    with transaction.atomic(using=database):
        doctors: Sequence[Agenda] = ()
        rows = Patient.objects.using(database)
        if not rows.filter(tenant_id=tenant_id).exists():
            rows.bulk_create(Patient(tenant_id=tenant_id, **asdict(person)) for person in invented(seed, patients))
        calendars = Agenda.objects.using(database)
        if not calendars.filter(tenant_id=tenant_id).exists():
            doctors = calendars.bulk_create(
                Agenda(tenant_id=tenant_id, name=name, doctor_name=doctor, color=color)
                for name, doctor, color in agendas
            )
        if doctors:
            known = list(rows.filter(tenant_id=tenant_id).values_list("pk", flat=True).order_by("pk")[:500])
            bookings.add(bookings.Clinic(tenant_id, database, seed, ZoneInfo(zone), clock.now()), doctors, known)
