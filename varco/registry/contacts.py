"""How the contacts of an application stand: whether mail reaches them, as far as they were ever written to for it."""

from dataclasses import dataclass
from enum import StrEnum

from varco import clock
from varco.accounts.addresses import reaches_somebody
from varco.mail import queries as mail
from varco.registry.models import Application, ContactCheck

VALID = 7 * 86400
"""Seconds that a code can be used."""

MAX_TRIES = 5
"""Wrong codes after which another one has to be sent."""


class ContactState(StrEnum):
    """What is known of a contact."""

    NEVER_ASKED = "never_asked"
    ASKED = "asked"
    NOT_CONFIRMED = "not_confirmed"
    UNREACHED = "unreached"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact: when a code was sent or entered (epoch seconds, 0: never), and what the mail server said against it."""

    address: str
    state: ContactState
    at: int = 0
    error: str = ""


def contacts_of(application: Application) -> list[Contact]:
    """Every contact of an application with what is known of it, in one statement.

    Only of mail that was sent for this application: what else an address was sent is none of its developers' business.
    """
    checks = {check.address: check for check in application.contact_checks.select_related("message")}
    return [_contact(address, checks.get(address)) for address in application.contacts]


def _contact(address: str, check: ContactCheck | None) -> Contact:
    if check is None:
        return Contact(address, ContactState.NEVER_ASKED)
    if check.confirmed_at is not None:
        return Contact(address, ContactState.CONFIRMED, check.confirmed_at)
    if not reaches_somebody(address):
        return Contact(address, ContactState.UNREACHED, check.sent_at)
    if check.message and mail.state(check.message) in {"failed", "given_up"}:
        return Contact(address, ContactState.UNREACHED, check.sent_at, check.message.last_error)
    usable = check.sent_at + VALID > clock.now() and check.tries < MAX_TRIES
    return Contact(address, ContactState.ASKED if usable else ContactState.NOT_CONFIRMED, check.sent_at)
