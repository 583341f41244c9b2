"""Invitations: a link, good once and for some days, by which somebody sets the first password of their account.

The link's secret is 256 random bits; its hash alone is kept, and the mail that carries it is sealed until it is sent.
"""

import secrets

from django.db import transaction
from django.dispatch import Signal

from varco import clock
from varco.accounts import queries, services
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.people.errors import PeopleFault, Refused
from varco.people.notifications import AccountInvited
from varco.protocol.credentials import INVITATION, hash_of

DAYS = 7
"""How long a link is good, in days."""

accepted = Signal()
"""Sent in the transaction of an acceptance with `user` and `origin`: what somebody was invited for begins with it."""

LENGTH = len(INVITATION) + 43
"""Characters of a link's secret."""


@transaction.atomic
def invite(user: User, origin: Origin, *, by_mail: bool = True, days: int = DAYS) -> str:
    """Invite somebody who has no password yet, and return the secret of the link; a link of before opens nothing any more.

    By mail, or for the caller to hand over. Raises `Refused`.
    """
    if not user.is_active:
        raise Refused(PeopleFault.INACTIVE, email=user.email)
    if user.has_usable_password():
        raise Refused(PeopleFault.HAS_PASSWORD, email=user.email)
    secret = INVITATION + secrets.token_urlsafe(32)
    until = clock.now() + days * 86400
    services.invite(user, hash_of(secret), until)
    record(Tag.ACCOUNT_INVITED, origin, user=user, by="mail" if by_mail else "link", until=until)
    if by_mail:
        notify(AccountInvited(secret, days), [user])
    return secret


def opened(secret: str) -> User | None:
    """Whose link this is; None for one that opens nothing: used, expired, replaced, never made, or of somebody with a password."""
    if not secret.startswith(INVITATION) or len(secret) != LENGTH:
        return None
    user = queries.invited(hash_of(secret))
    return None if user is None or user.has_usable_password() else user


@transaction.atomic
def accept(secret: str, origin: Origin, *, given_name: str, family_name: str) -> User | None:
    """Use a link up, in the name that the person gives; None for one that opens nothing. The caller sets the password."""
    user = opened(secret)
    if user is None or not services.use_invitation(hash_of(secret)):
        return None
    services.change(user, given_name=given_name.strip(), family_name=family_name.strip())
    record(Tag.ACCOUNT_INVITATION_ACCEPTED, Origin(user, origin.ip, origin.request_id), user=user)
    accepted.send(User, user=user, origin=origin)
    return user
