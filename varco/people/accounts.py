"""Accounts of others: making, inviting, giving roles, deactivating, and taking lost second factors away."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction

from varco import clock
from varco.accounts import queries, services
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import session_end, signalling
from varco.mail.notifications import notify
from varco.people import demanding_roles, reasons
from varco.people.errors import PeopleFault, Refused, sound
from varco.people.notifications import FactorsReset
from varco.protocol.errors import EndReason

DEVELOPER = demanding_roles.DEVELOPER
ROLES = (User.PlatformRole.OPERATOR.value, User.PlatformRole.SUPPORT.value, DEVELOPER)
"""What somebody may be for the vendor (S1, S7). Operator and support exclude each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What is said of somebody who gets an account."""

    email: str
    given_name: str = ""
    family_name: str = ""
    language: str = "en"
    role: str = ""


def find(email: str) -> User:
    """The account of an address. Raises `Refused`."""
    user = None if "\0" in email else queries.by_email(email)
    if user is None:
        raise Refused(PeopleFault.UNKNOWN_ACCOUNT, email=email)
    return user


def create(facts: NewAccount, origin: Origin) -> User:
    """Make an account, which cannot sign in until its person has set a password. Raises `Refused`."""
    if facts.role and facts.role not in ROLES:
        raise Refused(PeopleFault.UNKNOWN_ROLE, role=facts.role, known=", ".join(ROLES))
    if "\0" not in facts.email and queries.by_email(facts.email):
        raise Refused(PeopleFault.EMAIL_TAKEN, email=facts.email.strip().lower())
    try:
        with transaction.atomic():
            return _created(facts, origin)
    except IntegrityError:  # somebody else was quicker
        raise Refused(PeopleFault.EMAIL_TAKEN, email=facts.email.strip().lower()) from None


def _created(facts: NewAccount, origin: Origin) -> User:
    with sound():
        user = services.add(
            facts.email,
            given_name=facts.given_name,
            family_name=facts.family_name,
            language=facts.language,
            platform_role=facts.role if facts.role != DEVELOPER else "",
        )
        if facts.role == DEVELOPER:
            services.change(user, developer_since=clock.now())
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    record(Tag.ACCOUNT_CREATED, origin, user=user, email=user.email, role=facts.role)
    return user


def confirm_address(user: User) -> None:
    """Note that somebody reads the mail of their address: they came by a link that was sent there, or handed to them."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


@transaction.atomic
def set_role(
    user: User, role: str, origin: Origin, *, held: bool = True, last_too: bool = False, reason: str = ""
) -> None:
    """Give somebody a role of `ROLES`, or with `held=False` take it away. Raises `Refused`.

    The last operator keeps theirs but with `last_too`.
    """
    if role not in ROLES:
        raise Refused(PeopleFault.UNKNOWN_ROLE, role=role, known=", ".join(ROLES))
    user, operators = locked_with_operators(user)
    if held == (role in roles_of(user)):
        raise Refused(PeopleFault.ROLE_HELD if held else PeopleFault.ROLE_NOT_HELD, email=user.email, role=role)
    if role == DEVELOPER:
        services.change(user, developer_since=clock.now() if held else None)
    else:
        keep_an_operator(user, operators, last_too=last_too)
        services.change(user, platform_role=role if held else "")
    record(Tag.ACCOUNT_ROLE_CHANGED, origin, user=user, role=role, held=held, **reasons.kept(reason))


def roles_of(user: User) -> list[str]:
    """What somebody is for the vendor."""
    return [role for role in (user.platform_role, DEVELOPER if user.is_developer else "") if role]


@transaction.atomic
def deactivate(user: User, origin: Origin, *, last_too: bool = False, reason: str = "") -> None:
    """Let an account do nothing any more: sessions, half sign-ins, grants and invitation end. Raises `Refused`.

    The last operator goes only with `last_too`: nobody could decide about applications then.
    """
    user, operators = locked_with_operators(user)
    if not user.is_active:
        raise Refused(PeopleFault.ALREADY_INACTIVE, email=user.email)
    keep_an_operator(user, operators, last_too=last_too)
    signalling.access_closing(user, origin)
    services.change(user, is_active=False)
    services.withdraw_invitation(user)
    sessions, grants = end_everything(user, origin, EndReason.ACCOUNT_DEACTIVATED)
    record(Tag.ACCOUNT_DEACTIVATED, origin, user=user, sessions=sessions, grants=grants, **reasons.kept(reason))


@transaction.atomic
def activate(user: User, origin: Origin, *, reason: str = "") -> None:
    """Let a deactivated account sign in again; what ended stays ended. Raises `Refused`."""
    user = _locked(user)
    if user.is_active:
        raise Refused(PeopleFault.ALREADY_ACTIVE, email=user.email)
    if user.closed_at is not None:
        raise Refused(PeopleFault.ACCOUNT_CLOSED, email=user.email)
    services.change(user, is_active=True)
    signalling.access_opened(user, origin)
    record(Tag.ACCOUNT_ACTIVATED, origin, user=user, **reasons.kept(reason))


@transaction.atomic
def end_sessions(user: User, origin: Origin, *, reason: str = "") -> int:
    """Sign somebody out in every browser, and return in how many. What was given for the time without them goes on."""
    sessions = sign_out(_locked(user), origin)
    record(Tag.ACCOUNT_SESSIONS_ENDED, origin, user=user, sessions=sessions, **reasons.kept(reason))
    return sessions


@transaction.atomic
def reset_factors(user: User, origin: Origin, *, reason: str = "") -> None:
    """Take authenticator app, passkeys and recovery codes of somebody who lost them away, and tell them by mail. Raises `Refused`.

    Their sessions end. A password that is long enough only beside a second factor (S9) opens nothing any more: they set
    another one by the link of *Forgot your password?*.
    """
    user = _locked(user)
    factors = sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if not factors:
        raise Refused(PeopleFault.NO_FACTORS, email=user.email)
    Authenticator.objects.filter(user=user).delete()
    password_too = user.password_is_short
    if password_too:
        services.forget_password(user)
    sessions = sign_out(user, origin)
    record(
        Tag.ACCOUNT_FACTORS_RESET,
        origin,
        user=user,
        factors=factors,
        sessions=sessions,
        password=password_too,
        **reasons.kept(reason),
    )
    notify(FactorsReset(password_too), [user])


def _locked(user: User) -> User:
    """The account's row, locked: a sign-in that ends at this moment waits, or was waited for. Raises `Refused`."""
    found = queries.locked(user)
    if found is None:
        raise Refused(PeopleFault.UNKNOWN_ACCOUNT, email=user.email)
    return found


def locked_with_operators(user: User) -> tuple[User, list[User]]:
    """The same, with every operator locked too, so that of two last ones not both go. Raises `Refused`."""
    rows = queries.locked_with_operators(user)
    found = next((row for row in rows if row.pk == user.pk), None)
    if found is None:
        raise Refused(PeopleFault.UNKNOWN_ACCOUNT, email=user.email)
    return found, [row for row in rows if row.is_operator and row.is_active]


def keep_an_operator(user: User, operators: list[User], *, last_too: bool) -> None:
    """Raise `Refused` where this account is the one operator who can sign in."""
    others = any(row.pk != user.pk and row.has_usable_password() for row in operators)
    if user.is_operator and user.is_active and not last_too and not others:
        raise Refused(PeopleFault.LAST_OPERATOR, email=user.email)


def sign_out(user: User, origin: Origin) -> int:
    """End every browser session and half sign-in, and what lives by them; how many sessions that were."""
    ended = _end_browser_sessions(user)
    session_end.sessions_over(user, origin)
    return ended


def end_everything(user: User, origin: Origin, reason: EndReason) -> tuple[int, int]:
    """End browser sessions, half sign-ins and grants, and have every application told; how many sessions and grants that were."""
    ended = _end_browser_sessions(user)
    return ended, session_end.person_over(user, origin, reason)


def _end_browser_sessions(user: User) -> int:
    ended = list(UserSession.objects.filter(user=user))
    for session in ended:
        session.end()
    return len(ended)
