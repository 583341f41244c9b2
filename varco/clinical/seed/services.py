"""Writing invented data, once for each tenant."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from django.db import transaction

from varco.clinical.identifiers import kept
from varco.clinical.models import Agenda, Patient, PatientIdentifier
from varco.clinical.seed.patients import invented


def fill(
    tenant_id: str, *, database: str, seed: str, patients: int, agendas: Sequence[tuple[str, str, str]] = ()
) -> None:
    """Give a tenant (by its public id) so many patients, and agendas as (name, doctor, colour); what it has stays.

    `database` is the alias of the one that holds its clinical data. The same seed makes the same people.
    """
    with transaction.atomic(using=database):
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
            calendars.bulk_create(
                Agenda(tenant_id=tenant_id, name=name, doctor_name=doctor, color=color)
                for name, doctor, color in agendas
            )
