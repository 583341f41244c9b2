"""Whoever is invited accepts, and is a temporary user of the clinic; a second factor switches that on.

Whether one is needed says the setting that says so of every role, `VARCO_SECOND_FACTOR_ROLES`; outside the demo it names them.
"""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction

from varco import catalog, clock
from varco.accounts import queries as accounts_queries
from varco.accounts import services as accounts_services
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import signalling
from varco.integrators import queries
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.integrators.notifications import IntegratorStarted
from varco.integrators.services.acting import locked, managers, plan, refused
from varco.mail.notifications import notify
from varco.people import accounts, clinics, invitations, second_factor
from varco.people.demanding_roles import INTEGRATOR
from varco.protocol.credentials import hash_of
from varco.registry.errors import Denied
from varco.tenants import queries as tenants
from varco.tenants import services as tenants_services
from varco.tenants.models import Tenant


@transaction.atomic
def accept(secret: str, origin: Origin) -> str:
    """Use the link up and become a temporary user of its clinic.

    Somebody with an account does so signed in as its person. Anybody else gets an account; what is returned then is the secret
    of the link by which they set its password, and otherwise it is empty. Raises `Invalid`.
    """
    found = queries.invited(secret)
    if found is None:
        refused(IntegratorFault.INVITATION_OVER)
    access = locked(found)
    if access.invitation != hash_of(secret):  # used in another tab at this moment
        refused(IntegratorFault.INVITATION_OVER)
    user = accounts_queries.by_email(access.email)
    opens = ""
    if user is None or _may_begin_again(user):
        access.account_made = user is None or not user.is_active
        user = _somebody_new(access, user, origin)
        opens = invitations.invite(user, origin, by_mail=False, days=1)
    elif origin.actor != user:
        refused(IntegratorFault.OTHER_ACCOUNT)
    _join(access, user, origin)
    return opens


def _may_begin_again(user: User) -> bool:
    """Whether an account was made for an access, ended with it, and was nothing else: it is somebody new once more.

    One that somebody has locked stays locked: the last access it had did not end it (`ending`).
    """
    if user.is_active:
        return not user.has_usable_password()
    last = IntegratorAccess.objects.filter(user=user).order_by("-pk").first()
    ended_with_it = last is not None and last.account_made and not last.is_given
    return ended_with_it and not accounts.roles_of(user) and tenants.tenant_of(user) is None


def _somebody_new(access: IntegratorAccess, user: User | None, origin: Origin) -> User:
    if user is None:
        language = access.asked_by.language if access.asked_by else "en"
        return accounts.create(accounts.NewAccount(email=access.email, language=language), origin)
    if not user.is_active:
        accounts.activate(user, origin)
        user = accounts_queries.locked(user) or user
        Authenticator.objects.filter(user=user).delete()
        accounts_services.forget_password(user)
    return user


def _join(access: IntegratorAccess, user: User, origin: Origin) -> None:
    if not user.is_active:
        refused(IntegratorFault.ACCOUNT_OFF)
    if user.answers_for_all:
        refused(IntegratorFault.ACCOUNT_OF_VENDOR)
    there = tenants.tenant_of(user)
    by = Origin(user, origin.ip, origin.request_id)
    if there is not None and there.kind == Tenant.Kind.SANDBOX:
        clinics.remove_member(user, by)  # one belongs to one clinic (S5): the invented one is left for the real one
    elif there is not None:
        refused(IntegratorFault.ELSEWHERE)
    role = catalog.current().temporary_role
    if role is None:
        raise Denied
    try:
        with transaction.atomic():
            tenants_services.add_temporary_member(
                user, access.tenant, role, access.ceiling,
                expires_at=access.ends_at, application_id=access.application_id,
            )  # fmt: skip
    except IntegrityError:
        refused(IntegratorFault.ELSEWHERE)
    access.user, access.state = user, IntegratorAccess.State.ACTIVE
    access.invitation, access.accepted_at = "", clock.now()
    plan(access)
    access.save(update_fields=["user", "state", "invitation", "accepted_at", "account_made", "due_at"])
    record(Tag.INTEGRATOR_ACCEPTED, by, application=access.application, user=user, tenant=access.tenant)
    notify(IntegratorStarted(access), managers(access))
    _switch(access, by)


@transaction.atomic
def follow_factors(user: User, origin: Origin) -> None:
    """Switch somebody's access on once they have a second factor, and off when the last one is gone."""
    access = queries.active_of([user]).select_related("tenant", "user").first()
    if access is not None:
        _switch(access, origin)


def _switch(access: IntegratorAccess, origin: Origin) -> None:
    membership = tenants.membership_of(access.user) if access.user else None
    if access.user is None or membership is None or not access.is_of(membership):
        return
    on = second_factor.has_one(access.user) or INTEGRATOR not in settings.VARCO.second_factor_roles
    if access.switched_on and not membership.active:
        return  # the manager has switched it off: no factor switches it on again
    if membership.active != on:
        if not on:
            signalling.access_closing(access.user, origin)
        tenants_services.set_active(membership, active=on)
        if on:
            signalling.access_opened(access.user, origin)
        access.switched_on = on
        access.save(update_fields=["switched_on"])
        record(Tag.INTEGRATOR_SWITCHED, origin, user=access.user, tenant=access.tenant, on=on)
