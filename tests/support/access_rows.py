"""Access records as the gate writes them, as many as are wanted."""

from collections.abc import Iterable, Sequence
from typing import Any

from varco.clinical.models import AccessRecord
from varco.proof import upkeep

START = 1_799_000_000_000  # epoch milliseconds

FIELDS: dict[str, Any] = {
    "tenant_id": "tenant-aurora",
    "operation": "patient.read",
    "category": "patients",
    "person": "sub-dario",
    "person_name": "Dario Aurora",
    "person_kind": "staff",
    "application_id": 1,
    "application_name": "Agenda Facile",
    "outcome": "ok",
    "network": "192.0.2.7",
    "request_id": "request",
}


def record(number: int = 0, patients: Sequence[int] = (1,), alias: str = "clinic", **fields: Any) -> AccessRecord:
    """One record, a second after the one of the number before."""
    words = FIELDS | {"at": START + number * 1000, "patients": " ".join(map(str, patients))} | fields
    return AccessRecord.objects.using(alias).create(**words)


def records(numbers: Iterable[int], **fields: Any) -> list[AccessRecord]:
    """Several records of one clinic, linked."""
    made = [record(number, [number % 5 + 1], **fields) for number in numbers]
    upkeep.link_rows()
    return made
