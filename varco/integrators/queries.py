"""Reading integrator access."""

from collections.abc import Iterable

from django.db.models import BigIntegerField, QuerySet

from varco import clock
from varco.accounts.models import User
from varco.compiled import Compiled
from varco.databases import only
from varco.integrators import limits
from varco.integrators.models import ConnectedApplication, IntegratorAccess
from varco.protocol.credentials import INVITATION, hash_of
from varco.searching import containing
from varco.tenants.models import Tenant

LENGTH = len(INVITATION) + 43
"""Characters of the secret of an invitation."""


def of_tenant(tenant: Tenant) -> QuerySet[IntegratorAccess]:
    """Every access of a clinic, whatever became of it, those that stand first and then the newest."""
    found = IntegratorAccess.objects.filter(tenant=tenant).select_related("user", "application")
    return found.order_by("ended_at", "-granted_at", "-pk")


def search(tenant: Tenant, words: str = "") -> QuerySet[IntegratorAccess]:
    """Those whose address or project holds each of the words."""
    return containing(of_tenant(tenant), words, "email", "project")


def one(tenant: Tenant, pk: int) -> IntegratorAccess | None:
    """One access of a clinic."""
    found = of_tenant(tenant).select_related("asked_by", "granted_by", "ended_by", "confirmed_by", "tenant")
    return only(found.filter(pk=pk))


def by_id(pk: int) -> IntegratorAccess | None:
    """One access of whatever clinic: for support."""
    found = IntegratorAccess.objects.select_related("tenant", "user", "application", "asked_by", "granted_by")
    return only(found.filter(pk=pk))


def open_at(tenant: Tenant) -> QuerySet[IntegratorAccess]:
    """Those of a clinic that were granted and have not ended."""
    return of_tenant(tenant).filter(state__in=IntegratorAccess.GIVEN)


def of_address(email: str) -> QuerySet[IntegratorAccess]:
    """Whatever became of accesses given to an address, by any clinic, the newest first: for support."""
    found = IntegratorAccess.objects.filter(email=email.strip().lower())
    return found.select_related("tenant").order_by("-granted_at", "-pk")


def current_of(user: User) -> IntegratorAccess | None:
    """The access by which somebody is a temporary user now."""
    return _CURRENT.only(user=user.pk, moment=clock.now()) if user.pk else None


# Asked on every page of somebody signed in.
_CURRENT = Compiled(
    lambda user, moment: IntegratorAccess.objects.filter(
        user=user, state=IntegratorAccess.State.ACTIVE, ends_at__gt=moment
    ).select_related("tenant", "application"),
    user=BigIntegerField(),
    moment=BigIntegerField(),
)


def active_of(users: Iterable[User]) -> QuerySet[IntegratorAccess]:
    """The accesses that some people have accepted and that have not been ended."""
    return IntegratorAccess.objects.filter(user__in=list(users), state=IntegratorAccess.State.ACTIVE)


def invited(secret: str) -> IntegratorAccess | None:
    """The access that a link opens: None for one that was used, replaced, has expired, or never was."""
    if not secret.startswith(INVITATION) or len(secret) != LENGTH or not secret.isascii():
        return None
    found = IntegratorAccess.objects.filter(
        invitation=hash_of(secret),
        state=IntegratorAccess.State.GRANTED,
        ends_at__gt=clock.now(),
        tenant__state=Tenant.State.ACTIVE,
    )
    access = only(found.select_related("tenant", "application", "asked_by"))
    return access if access and invitation_stands(access) else None


def invitation_stands(access: IntegratorAccess) -> bool:
    """Whether the link that was sent still opens it."""
    return bool(access.invitation) and (access.invited_at or 0) + limits.INVITATION > clock.now()


def connected(tenant: Tenant) -> QuerySet[ConnectedApplication]:
    """When the manager last confirmed each connected application of a clinic."""
    found = ConnectedApplication.objects.filter(tenant=tenant).select_related("application", "confirmed_by")
    return found.order_by("application__name", "pk")
