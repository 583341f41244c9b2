"""Writing invented data, once for each tenant, and taking it away."""

from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction

from varco.clinical.models import Agenda, Patient
from varco.clinical.seed.patients import invented
from varco.databases import CLINIC_ALIASES

SEEDED = (Patient, Agenda)
"""What a tenant is given here, in an order in which it can be taken away."""


def fill(
    tenant_id: str, *, database: str, seed: str, patients: int, agendas: Sequence[tuple[str, str, str]] = ()
) -> None:
    """Give a tenant (by its public id) so many patients, and agendas as (name, doctor, colour); what it has stays.

    `database` is the alias of the one that holds its clinical data. The same seed makes the same people.
    """
    with transaction.atomic(using=database):
        rows = Patient.objects.using(database)
        if not rows.filter(tenant_id=tenant_id).exists():
            rows.bulk_create(Patient(tenant_id=tenant_id, **asdict(person)) for person in invented(seed, patients))
        calendars = Agenda.objects.using(database)
        if not calendars.filter(tenant_id=tenant_id).exists():
            calendars.bulk_create(
                Agenda(tenant_id=tenant_id, name=name, doctor_name=doctor, color=color)
                for name, doctor, color in agendas
            )


def empty(tenant_id: str, *, database: str) -> None:
    """Take away what a sandbox keeps; who read it when stays recorded. Raises `ValueError` outside the sandbox database."""
    if database != CLINIC_ALIASES[1]:
        raise ValueError(f"the data of {database} is not invented")
    with transaction.atomic(using=database):
        for model in SEEDED:
            model._default_manager.using(database).filter(tenant_id=tenant_id).delete()
