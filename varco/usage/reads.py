"""What an application makes use of, of what was approved for it."""

from collections.abc import Mapping
from typing import NamedTuple

from varco import clock
from varco.audit.tags import Tag
from varco.registry.models import Application
from varco.usage import queries

DAYS = 60
"""How long nothing but reads has to be all that an application did, before it is told that reading would do."""


class Acts(NamedTuple):
    """The operations of a resource of the API, by their tags."""

    reads: frozenset[str]
    writes: frozenset[str]


ACTS: Mapping[str, Acts] = {
    "patients": Acts(
        frozenset({Tag.PATIENT_READ, Tag.PATIENTS_LISTED}),
        frozenset(
            {
                Tag.PATIENT_ADDED,
                Tag.PATIENT_CHANGED,
                Tag.PATIENT_MERGED,
                Tag.PATIENT_UNMERGED,
                Tag.PATIENT_ARCHIVED,
                Tag.PATIENT_RESTORED,
                Tag.PATIENT_ANONYMISED,
                Tag.PATIENT_CONSENTED,
                Tag.PATIENT_CONSENT_CONFIRMED,
                Tag.PATIENT_CONSENT_TAKEN_BACK,
                Tag.PATIENT_GUARDIAN_ADDED,
                Tag.PATIENT_GUARDIAN_CHANGED,
                Tag.PATIENT_OPPOSITION_RECORDED,
            }
        ),
    ),
    "holds": Acts(frozenset(), frozenset({Tag.HOLD_PLACED, Tag.HOLD_RELEASED})),
    "appointments": Acts(
        frozenset({Tag.APPOINTMENT_READ, Tag.APPOINTMENTS_LISTED}),
        frozenset({Tag.APPOINTMENT_BOOKED, Tag.APPOINTMENT_MOVED, Tag.APPOINTMENT_CANCELLED, Tag.APPOINTMENT_CHANGED}),
    ),
}
"""By resource. A test compares them with the operations of the API."""


def only_read(application: Application) -> frozenset[str]:
    """The resources that an application read in the last `DAYS` days and never changed; none before what is in force is so old."""
    live = application.live_revision
    if live is None or (live.decided_at or clock.now()) > clock.now() - DAYS * 86_400:
        return frozenset()
    called = queries.called(application.pk, DAYS)
    return frozenset(name for name, acts in ACTS.items() if called & acts.reads and not called & acts.writes)
