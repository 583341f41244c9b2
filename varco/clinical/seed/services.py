"""Writing invented data, once for each tenant, and taking it away."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import transaction
from django.db.models import Model

from varco import clock
from varco.clinical import access_models
from varco.clinical.identifiers import kept
from varco.clinical.models import Agenda, Patient, PatientIdentifier
from varco.clinical.seed import bookings
from varco.clinical.seed.patients import invented
from varco.databases import CLINIC_ALIASES


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
            made = rows.bulk_create(
                Patient(tenant_id=tenant_id, **asdict(person)) for person in invented(seed, patients)
            )
            PatientIdentifier.objects.using(database).bulk_create(
                PatientIdentifier(
                    tenant_id=tenant_id,
                    patient_id=row.pk,
                    kind=item.kind,
                    issuer=item.issuer.casefold(),
                    value=item.value,
                )
                for row in made
                for item in kept(row.identifiers, row.fiscal_code, date.min)
                if item.value != row.fiscal_code
            )
        calendars = Agenda.objects.using(database)
        if not calendars.filter(tenant_id=tenant_id).exists():
            doctors = calendars.bulk_create(
                Agenda(tenant_id=tenant_id, name=name, doctor_name=doctor, color=color)
                for name, doctor, color in agendas
            )
        if doctors:
            known = list(rows.filter(tenant_id=tenant_id).values_list("pk", flat=True).order_by("pk")[:500])
            bookings.add(bookings.Clinic(tenant_id, database, seed, ZoneInfo(zone), clock.now()), doctors, known)


def empty(tenant_id: str, *, database: str) -> None:
    """Take away what a sandbox keeps; who read it when stays recorded. Raises `ValueError` outside the sandbox database."""
    if database != CLINIC_ALIASES[1]:
        raise ValueError(f"the data of {database} is not invented")
    with transaction.atomic(using=database):
        for model in _kept_by_a_clinic():
            model._default_manager.using(database).filter(tenant_id=tenant_id).delete()


def _kept_by_a_clinic() -> Iterator[type[Model]]:
    """Every kind of row that a tenant keeps, but for who has read what."""
    for model in apps.get_app_config(Patient._meta.app_label).get_models():
        names = {field.name for field in model._meta.get_fields()}
        if "tenant_id" in names and model.__module__ != access_models.__name__:
            yield model
