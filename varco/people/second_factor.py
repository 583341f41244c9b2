"""Who must have a second factor: the installation names roles, and whoever has one of them does nothing before it is set up (S38)."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from varco import catalog, clock
from varco.accounts.models import User
from varco.people.accounts import DEVELOPER
from varco.tenants.models import Tenant
from varco.tenants.queries import membership_of

MANAGER, INTEGRATOR = "manager", "integrator"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What is asked after the password; recovery codes alone are nothing to ask for."""


def demanding_role(user: User) -> str:
    """The role for which somebody must have a second factor, as `VARCO_SECOND_FACTOR_ROLES` names it; empty if they need none.

    A manager is one of a production clinic: whoever registered a sandbox for themselves answers for nobody's data.
    """
    roles = settings.VARCO.second_factor_roles
    if user.platform_role and user.platform_role in roles:
        return str(user.platform_role)
    if user.is_developer and DEVELOPER in roles:
        return DEVELOPER
    return _role_in_clinic(user) if {MANAGER, INTEGRATOR}.intersection(roles) else ""


def _role_in_clinic(user: User) -> str:
    """The same of a membership; one with an end, or in a role that has one, is an integrator's (S4, S26)."""
    membership, roles = membership_of(user), settings.VARCO.second_factor_roles
    if membership is None:
        return ""
    if membership.expires_at is not None and membership.expires_at <= clock.now():
        return ""
    role = catalog.current().roles.get(membership.role)
    if membership.expires_at is not None or (role is not None and role.temporary):
        return INTEGRATOR if INTEGRATOR in roles else ""  # off, too: the second factor is what switches it on
    if not membership.active:
        return ""
    of_production = membership.tenant.kind == Tenant.Kind.PRODUCTION
    manages = membership.role in catalog.current().managers and of_production
    return MANAGER if manages and MANAGER in roles else ""


def has_one(user: User) -> bool:
    """Whether sign-in asks somebody for more than the password."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def is_missing(user: User) -> bool:
    """Whether somebody must set a second factor up before anything else: for a role, or for a password that is too short to stand alone.

    Pages let nobody take the last factor off such a password; both at the same moment, in two tabs, end here.
    """
    return (user.password_is_short or bool(demanding_role(user))) and not has_one(user)
