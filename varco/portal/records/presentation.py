"""Access records as tables show and export them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from varco.clinical.access.records import Wanted
from varco.clinical.models import AccessRecord
from varco.portal.records import table, words

SHOWN = 3
"""Patients of a record that are named in its row; the rest is folded up."""

COLUMNS = (
    "at", "person_name", "person", "person_kind", "application_name", "operation", "category", "patients", "detail", "outcome",
    "network", "request_id",
)  # fmt: skip


def heading() -> list[str]:
    """The names of the columns of an export."""
    return [
        _("Time (UTC)"), _("Person"), _("Id of the person"), _("Kind of person"), _("Application"), _("Operation"), _("Category"),
        _("Patients"), _("Detail"), _("Outcome"), _("Network"), _("Request id"),
    ]  # fmt: skip


def exported(wanted: Wanted) -> Iterator[Sequence[object]]:
    """The lines of an export."""
    for at, name, person, kind, application, operation, category, patients, detail, outcome, *rest in wanted.in_parts(
        COLUMNS
    ):
        yield [
            table.moment(at), name, person, words.kind(kind), application, words.operation(operation), category, patients, detail,
            words.outcome(outcome), *rest,
        ]  # fmt: skip


def displayed(record: AccessRecord) -> dict[str, Any]:
    """One record as the page shows it."""
    patients = record.patients.split()
    return {
        "record": record,
        "operation": words.operation(record.operation),
        "kind": words.kind(record.person_kind),
        "outcome": words.outcome(record.outcome),
        "by_itself": words.by_itself(record.detail),
        "patients": patients[:SHOWN],
        "folded": patients[SHOWN:],
    }
