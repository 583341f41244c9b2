"""Asking whether a contact is reached: a code goes there by mail, and a developer enters what its reader tells them."""

import secrets

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.protocol.fault import Fault
from varco.registry.contacts import MAX_TRIES, VALID
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.models import Application, ContactCheck
from varco.registry.notifications import ContactToConfirm
from varco.registry.services.locking import lock

AGAIN = 3600
"""Seconds before the same contact is written to again."""

A_DAY = 10
"""Contacts of one application that are written to in a day, whatever stands in its details meanwhile."""

_ALPHABET, _LENGTH = "BCDFGHJKLMNPQRSTVWXZ", 8  # no vowels, so no words
_DAY = 86400


@transaction.atomic
def check_contact(application: Application, origin: Origin, *, address: str) -> ContactCheck:
    """Send a code to a contact, in the language of the developer who asks. What was confirmed before counts no more.

    Raises `Conflict` for what is no contact (any more) or of an application that was never approved, `Invalid` where too much was sent.
    """
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.EDIT)
    if address not in locked.application.contacts or not locked.application.client_id:
        raise Conflict(ConflictFault.STALE)
    now = clock.now()
    checks = locked.application.contact_checks
    checks.exclude(address__in=locked.application.contacts).filter(sent_at__lte=now - _DAY).delete()
    if checks.filter(address=address, sent_at__gt=now - AGAIN).exists():
        raise Invalid({"": [Fault(RegistrationFault.CONTACT_ASKED_ALREADY)]})
    if checks.filter(sent_at__gt=now - _DAY).count() >= A_DAY:
        raise Invalid({"": [Fault(RegistrationFault.CONTACTS_ASKED_OFTEN, {"limit": A_DAY})]})
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    told = ContactToConfirm(locked.application, locked.actor, f"{code[:4]}-{code[4:]}")
    [message] = notify(told, [User(email=address, language=locked.actor.language)])
    sent = {"digest": _digest(application, address, code), "tries": 0, "sent_at": now}
    sent["message"] = message if message.pk else None  # none is written to an address that reaches nobody
    check, _ = checks.update_or_create(address=address, defaults=sent | {"confirmed_at": None})
    record(Tag.APPLICATION_CONTACT_ASKED, origin, application=locked.application, label=address)
    return check


@transaction.atomic
def confirm_contact(application: Application, origin: Origin, *, code: str) -> str:
    """The contact to which a code was sent, confirmed now; empty for a code of none, which is counted."""
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.EDIT)
    told = "".join(letter for letter in code.upper() if letter in _ALPHABET)
    waiting = locked.application.contact_checks.filter(
        address__in=locked.application.contacts, confirmed_at=None, sent_at__gt=clock.now() - VALID, tries__lt=MAX_TRIES
    )
    for check in waiting:
        if constant_time_compare(check.digest, _digest(application, check.address, told)):
            check.digest, check.confirmed_at = "", clock.now()
            check.save(update_fields=["digest", "confirmed_at"])
            record(Tag.APPLICATION_CONTACT_CONFIRMED, origin, application=locked.application, label=check.address)
            return check.address
    for check in waiting:
        check.tries += 1
        check.save(update_fields=["tries"])
    return ""


def _digest(application: Application, address: str, code: str) -> str:
    return salted_hmac("varco.registry.contact", f"{application.pk}:{address}:{code}", algorithm="sha256").hexdigest()
