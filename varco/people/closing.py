"""Closing one's own account, for good: nothing of it opens anything any more, and the record keeps its id alone."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from varco import clock
from varco.accounts import services
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import queries as grants
from varco.grants import signalling
from varco.grants.services import withdraw
from varco.mail.notifications import notify
from varco.people import accounts, clinics, members, reasons
from varco.people.errors import PeopleFault, Refused
from varco.people.notifications import AccountClosed
from varco.protocol.errors import EndReason
from varco.protocol.fault import Fault
from varco.registry import access
from varco.registry.models import Application
from varco.registry.services import teams
from varco.tenants import queries as tenants
from varco.tenants import services as tenant_services
from varco.tenants.models import Tenant


@transaction.atomic
def obstacle(user: User) -> Fault | None:
    """Why somebody cannot close their account now; None: they can."""
    try:
        _check(user)
    except Refused as refusal:
        return refusal.fault
    return None


@transaction.atomic
def close(user: User, origin: Origin, *, reason: str = "") -> None:
    """End all that an account has and is: sessions, grants, consents, membership, factors, password, address and name.

    Its address may be registered anew. Raises `Refused` where others would be left without anybody who answers.
    """
    text = reasons.checked(reason) if reason.strip() else ""
    user = _check(user)
    signalling.access_closing(user, origin)
    sessions, ended = accounts.end_everything(user, origin, EndReason.ACCOUNT_CLOSED)
    for consent in grants.consents(user):
        withdraw(user, consent.application, origin)
    _leave_clinic(user, origin)
    teams.forget(user)
    former = User(email=user.email, given_name=user.given_name, language=user.language)
    _erase(user)
    record(Tag.ACCOUNT_CLOSED, origin, user=user, sessions=sessions, grants=ended, **reasons.kept(text))
    notify(AccountClosed(), [former])


def _check(user: User) -> User:
    """The account, locked with whatever decides whether it may go. Raises `Refused`."""
    user, operators = accounts.locked_with_operators(user)
    if not user.is_active:
        raise Refused(PeopleFault.ALREADY_INACTIVE, email=user.email)
    accounts.keep_an_operator(user, operators, last_too=False)
    tenant = tenants.tenant_of(user)
    if tenant is not None:
        members.keep_a_manager(tenant, user)
    count = access.of_last_owner(user).exclude(state=Application.State.RETIRED).count()
    if count:
        raise Refused(PeopleFault.OWNS_APPLICATIONS, email=user.email, count=count)
    return user


def _leave_clinic(user: User, origin: Origin) -> None:
    """Leave the clinic; a sandbox that nobody else belongs to is closed."""
    if tenants.tenant_of(user) is None:
        return
    tenant = clinics.remove_member(user, origin)
    deserted = tenant.kind == Tenant.Kind.SANDBOX and not tenants.memberships(tenant).exists()
    if deserted and tenant_services.set_state(tenant, Tenant.State.CLOSED):
        record(Tag.TENANT_CLOSED, origin, tenant=tenant)


def _erase(user: User) -> None:
    """Take away what opens the account, and who it was; its row stays for what stands on it."""
    services.withdraw_invitation(user)
    services.forget_address_changes(user)
    Authenticator.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    user.set_password(None)
    services.change(
        user,
        is_active=False,
        closed_at=clock.now(),
        email=f"{user.public_id}@closed.invalid",
        given_name="",
        family_name="",
        password=user.password,
        password_is_short=False,
        platform_role="",
        developer_since=None,
    )
