"""What one operator does to an account, with a reason: roles that take no second pair of eyes, locking, ending sessions."""

from django.db import transaction

from varco.accounts.models import User
from varco.accounts.queries import read_again
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail import queries as mail_queries
from varco.mail import services as mail
from varco.mail.models import Message
from varco.mail.notifications import notify
from varco.people import accounts, reasons
from varco.people.errors import PeopleFault, Refused
from varco.people.notifications import AccountSwitched
from varco.registry.errors import Denied


def acting_operator(origin: Origin) -> User:
    """The operator who acts, as they stand now. Raises `Denied` for anybody else."""
    actor = read_again(origin.actor)
    if actor is None or not actor.is_active or not actor.is_operator:
        raise Denied
    return actor


@transaction.atomic
def set_role(user: User, role: str, origin: Origin, *, held: bool, reason: str) -> None:
    """Give a role of the vendor or take it away. Raises `Denied`, and `Refused` for what takes two operators."""
    actor = acting_operator(origin)
    if role == User.PlatformRole.OPERATOR.value:
        raise Refused(PeopleFault.TAKES_TWO)
    # Operator and support exclude each other: becoming support would be the way to drop the last operator's role unseen.
    _not_oneself(actor, user)
    if role == User.PlatformRole.SUPPORT.value and held and user.is_operator:
        raise Refused(PeopleFault.ROLE_HELD, email=user.email, role=User.PlatformRole.OPERATOR.value)
    accounts.set_role(user, role, origin, held=held, reason=reasons.checked(reason))


@transaction.atomic
def lock(user: User, origin: Origin, *, reason: str) -> None:
    """Let an account do nothing any more, from now on, and tell its person. Raises `Denied` and `Refused`."""
    _not_oneself(acting_operator(origin), user)
    accounts.deactivate(user, origin, reason=reasons.checked(reason))
    notify(AccountSwitched(active=False), [user])


@transaction.atomic
def unlock(user: User, origin: Origin, *, reason: str) -> None:
    """Let an account sign in again, and tell its person. Raises `Denied` and `Refused`."""
    _not_oneself(acting_operator(origin), user)
    accounts.activate(user, origin, reason=reasons.checked(reason))
    notify(AccountSwitched(active=True), [user])


@transaction.atomic
def end_sessions(user: User, origin: Origin, *, reason: str) -> int:
    """Sign somebody out in every browser; in how many. Raises `Denied` and `Refused`."""
    acting_operator(origin)
    return accounts.end_sessions(user, origin, reason=reasons.checked(reason))


@transaction.atomic
def retry_mail(message: Message, origin: Origin, *, reason: str) -> bool:
    """Have a mail that was not sent tried at once; False where it was sent, or is being tried, meanwhile.

    Its words stay sealed. Raises `Denied` and `Refused`.
    """
    acting_operator(origin)
    text = reasons.checked(reason)
    if not mail_queries.may_retry(message) or not mail.retry(message):
        return False
    record(Tag.MAIL_RETRIED, origin, message=message.pk, subject=message.subject, text=text)
    return True


def _not_oneself(actor: User, user: User) -> None:
    if actor == user:
        raise Refused(PeopleFault.OWN_ACCOUNT)
