"""Another e-mail address for an account: both are told, and whoever reads the former one can take it back for some days.

Whoever stole a session and the password gets an account of their own by its address alone: the link that goes to the former one
ends that, whatever else they changed.
"""

import secrets
from datetime import UTC, datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from varco import clock
from varco.accounts import queries, services
from varco.accounts.models import AddressChange, User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.people.accounts import end_everything
from varco.people.errors import PeopleFault, Refused
from varco.people.notifications import AddressChanged, AddressConfirmed, AddressRestored
from varco.protocol.credentials import ADDRESS_UNDO, hash_of
from varco.protocol.errors import EndReason

DAYS = 7
"""How long a change can be undone, in days."""
BEFORE = 86400
"""Seconds before a change from which on a factor is doubted with it: a thief sets a passkey up first, and opens the account by it alone."""
LENGTH = len(ADDRESS_UNDO) + 43
"""Characters of a link's secret."""


@transaction.atomic
def changed(user: User, before: str, origin: Origin, *, user_agent: str = "") -> None:
    """Record that somebody signs in with another address than `before`, tell both, and keep the way back."""
    secret = ADDRESS_UNDO + secrets.token_urlsafe(32)
    until = clock.now() + DAYS * 86400
    services.note_address_change(user, before, user.email, hash_of(secret), until)
    record(Tag.ACCOUNT_EMAIL_CHANGED, origin, user=user, to=user.email)
    notify(AddressChanged(secret, before, user.email, origin.ip, user_agent), [_at(user, before)])
    notify(AddressConfirmed(before), [user])


def opened(secret: str) -> AddressChange | None:
    """Which change this link undoes; None for one that opens nothing: used, expired, never made, or of an account that is off."""
    if not secret.startswith(ADDRESS_UNDO) or len(secret) != LENGTH:
        return None
    change = queries.address_change(hash_of(secret))
    return change if change is not None and change.user.is_active else None


@transaction.atomic
def undo(secret: str, origin: Origin) -> User | None:
    """Give an account its former address back; None for a link that opens nothing. Raises `Refused` where another account has it.

    All sessions and whatever applications hold end, factors that were set up since, or shortly before, are gone, and a new password
    is to be set by a link to the address.
    """
    change = opened(secret)
    user = queries.locked(change.user) if change else None
    if change is None or user is None:
        return None
    owner = queries.by_email(change.before)
    if owner is not None and owner.pk != user.pk:
        raise Refused(PeopleFault.EMAIL_TAKEN, email=change.before)
    if not services.undo_address_change(change):
        return None
    EmailAddress.objects.filter(user=user).delete()
    services.change(user, email=change.before)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    doubted = datetime.fromtimestamp(change.created_at - BEFORE, UTC)
    since = Authenticator.objects.filter(user=user, created_at__gte=doubted)
    factors = sorted(since.values_list("type", flat=True))
    since.delete()
    services.forget_password(user)
    own = Origin(user, origin.ip, origin.request_id)
    # What a thief has let an application keep would go on without them.
    sessions, grants = end_everything(user, own, EndReason.REVOKED)
    record(
        Tag.ACCOUNT_EMAIL_RESTORED, own, user=user, email=user.email, factors=factors, sessions=sessions, grants=grants
    )
    notify(AddressRestored(change.after), [user])
    return user


def _at(user: User, email: str) -> User:
    """The same person, as the reader of another address."""
    return User(email=email, given_name=user.given_name, family_name=user.family_name, language=user.language)
