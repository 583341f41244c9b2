"""How the parts of the service stand, for the status page. Needs Django set up."""

from django.db import DatabaseError

from varco.config import Settings
from varco.ops import health
from varco.status.models import Part, State

MAIL_LATE = 900
"""Seconds after which mail that waits makes the part only half a good one."""


def check(settings: Settings) -> dict[Part, State]:
    """Look at every part once. What is found is logged by `/readyz` and the doctor, not here."""
    found = {
        Part.SIGN_IN: _database("default"),
        Part.CLINICS: _database("clinic"),
        Part.SANDBOXES: _database("sandbox"),
    }
    if found[Part.SIGN_IN] is State.DOWN:
        return found
    try:
        if health.key_faults() or health.lost_kinds():
            found[Part.SIGN_IN] = State.DOWN
        if settings.smtp_url and not settings.demo:
            found[Part.MAIL] = _mail()
    except DatabaseError:  # it went away meanwhile
        found[Part.SIGN_IN] = State.DOWN
    return found


def _database(alias: str) -> State:
    """Down where it does not answer; half good where it is read and not written."""
    if health.database_faults([alias]):
        return State.DOWN
    return State.DEGRADED if health.writing_faults([alias]) else State.GOOD


def _mail() -> State:
    from varco.mail import queries as mail

    return State.DEGRADED if mail.waiting(MAIL_LATE) else State.GOOD
