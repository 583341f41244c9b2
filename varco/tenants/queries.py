"""Reading who may do what for a clinic."""

from collections.abc import Iterable

from django.db.models import Expression, Q, QuerySet

from varco import catalog, clock
from varco.accounts.models import User
from varco.databases import only
from varco.tenants.models import Membership, Tenant


def by_public_id(public_id: str) -> Tenant | None:
    """The clinic with this public id; None for a closed one too."""
    if "\0" in public_id:
        return None
    return Tenant.objects.exclude(state=Tenant.State.CLOSED).filter(public_id=public_id).first()


def everything() -> QuerySet[Tenant]:
    """Every clinic, whatever its state, by name."""
    return Tenant.objects.order_by("name", "pk")


def of_any_state(public_id: str) -> Tenant | None:
    """The clinic with this public id, a closed one too."""
    return None if "\0" in public_id else Tenant.objects.filter(public_id=public_id).first()


def memberships(tenant: Tenant | None = None) -> QuerySet[Membership]:
    """Every membership of a clinic, or of all, whatever its state, by address."""
    found = Membership.objects.select_related("tenant", "user").order_by("user__email")
    return found.filter(tenant=tenant) if tenant else found


def members(tenant: Tenant) -> QuerySet[Membership]:
    """Who works for a clinic now: switched on, not past their date, with an account that may sign in."""
    return _current().filter(tenant=tenant)


def managed_by(user: User) -> Tenant | None:
    """The clinic a person manages; None without one, and while the membership or the clinic itself is not active."""
    found = _current().filter(user=user, role__in=catalog.current().managers, tenant__state=Tenant.State.ACTIVE)
    membership = found.select_related("tenant").first()
    return membership.tenant if membership else None


def membership_of(user: User) -> Membership | None:
    """The membership of a person with its clinic, whatever the state of either."""
    return only(membership_by(user))


def membership_by(user: User | Expression) -> QuerySet[Membership]:
    """`membership_of` as a query, also of a person who is a part of another query."""
    return Membership.objects.select_related("tenant").filter(user=user)


def memberships_of(users: Iterable[User]) -> QuerySet[Membership]:
    """The memberships of several people with their clinics, whatever the state of either."""
    return Membership.objects.select_related("tenant").filter(user__in=list(users))


def tenant_of(user: User) -> Tenant | None:
    """The clinic somebody belongs to, whatever the state of their membership."""
    return only(Tenant.objects.filter(memberships__user=user))


def _current() -> QuerySet[Membership]:
    not_over = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    return Membership.objects.filter(not_over, active=True, user__is_active=True)
