"""Access records as rows of chains, one stream a clinic, and the index of their patients, which is made with the link."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections

from varco.chains.kinds import ChainedKind
from varco.clinical.models import AccessChain, AccessPatient, AccessRecord

COLUMNS = (
    "at", "tenant_id", "operation", "category", "person", "person_name", "person_kind", "application_id", "application_name",
    "outcome", "patients", "detail", "network", "request_id",
)  # fmt: skip
"""What the digests speak of."""

Rows = Sequence[tuple[int, Mapping[str, Any]]]


def kind(alias: str) -> ChainedKind:
    """The access records of one of the clinical databases."""
    return ChainedKind(
        alias=alias,
        prefix=alias,
        field="tenant_id",
        records=AccessRecord.objects.using(alias).all,
        states=AccessChain.objects.using(alias).all,
        columns=COLUMNS,
        linked=lambda rows: _enter(alias, rows),
        derived=lambda rows: _misfit(alias, rows),
        forget=lambda keys: _forget(alias, keys),
    )


def entries(rows: Rows) -> set[tuple[int, int, str, int]]:
    """What the index has to say of some records: record, patient, clinic, time."""
    return {(pk, int(patient), row["tenant_id"], row["at"]) for pk, row in rows for patient in row["patients"].split()}


def _enter(alias: str, rows: Rows) -> None:
    """Enter records into the index. By SQL: as models, each entry would cost three times what its record does."""
    text = f"INSERT INTO {AccessPatient._meta.db_table} (record_id, patient_id, tenant_id, at) VALUES (%s, %s, %s, %s)"  # noqa: S608
    with connections[alias].cursor() as cursor:
        cursor.executemany(f"{text} ON CONFLICT DO NOTHING", sorted(entries(rows)))


def _misfit(alias: str, rows: Rows) -> int | None:
    keys = [pk for pk, _ in rows]
    found = AccessPatient.objects.using(alias).filter(record_id__in=keys)
    different = entries(rows) ^ set(found.values_list("record_id", "patient_id", "tenant_id", "at"))
    wrong = {entry[0] for entry in different}
    return next((pk for pk in keys if pk in wrong), None)


def _forget(alias: str, keys: Sequence[int]) -> None:
    AccessPatient.objects.using(alias).filter(record_id__in=keys).delete()
