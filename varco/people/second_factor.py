"""Who must have a second factor: the installation names roles, and whoever has one of them does nothing before it is set up (S38)."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from varco import catalog, clock
from varco.accounts.models import User
from varco.people import demanding_roles as rule
from varco.people.demanding_roles import INTEGRATOR, MANAGER, Post
from varco.tenants.models import Tenant
from varco.tenants.queries import membership_of

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What is asked after the password; recovery codes alone are nothing to ask for."""


def demanding_role(user: User) -> str:
    """The role for which somebody must have a second factor, as `VARCO_SECOND_FACTOR_ROLES` names it; empty if they need none."""
    roles = settings.VARCO.second_factor_roles
    return rule.demanding_role(
        roles,
        catalog.current(),
        clock.now(),
        platform_role=str(user.platform_role),
        is_developer=user.is_developer,
        post=_post(user) if {MANAGER, INTEGRATOR}.intersection(roles) else None,
    )


def _post(user: User) -> Post | None:
    membership = membership_of(user)
    if membership is None:
        return None
    of_production = membership.tenant.kind == Tenant.Kind.PRODUCTION
    return Post(membership.role, membership.active, membership.expires_at, of_production)


def has_one(user: User) -> bool:
    """Whether sign-in asks somebody for more than the password."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def is_missing(user: User) -> bool:
    """Whether somebody must set a second factor up before anything else: for a role, or for a password that is too short to stand alone.

    Pages let nobody take the last factor off such a password; both at the same moment, in two tabs, end here.
    """
    return (user.password_is_short or bool(demanding_role(user))) and not has_one(user)
