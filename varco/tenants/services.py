"""Changing medical centres and who belongs to them. Whoever calls records it, in the same transaction."""

from collections.abc import Iterable

from varco.accounts.models import User
from varco.databases import CLINIC_ALIASES
from varco.tenants.models import Membership, Tenant


def add(name: str, kind: str, public_id: str = "") -> Tenant:
    """Add a medical centre. Raises `ValidationError` for what it cannot be called."""
    production, sandbox = CLINIC_ALIASES
    tenant = Tenant(name=name.strip(), kind=kind, database=sandbox if kind == Tenant.Kind.SANDBOX else production)
    if public_id:
        tenant.public_id = public_id
    tenant.full_clean()
    tenant.save(force_insert=True)
    return tenant


def rename(tenant: Tenant, name: str) -> None:
    """Give it another name. Raises `ValidationError`."""
    tenant.name = name.strip()
    tenant.full_clean()
    tenant.save(update_fields=["name"])


def set_state(tenant: Tenant, state: Tenant.State) -> bool:
    """Move it to a state; False where it is in it already, or closed, which is for good."""
    movable = Tenant.objects.filter(pk=tenant.pk).exclude(state__in=[state, Tenant.State.CLOSED])
    return bool(movable.update(state=state))


def add_member(user: User, tenant: Tenant, role: str, permissions: Iterable[str]) -> Membership:
    """Make somebody a member. Raises `IntegrityError` for whoever is one somewhere."""
    return Membership.objects.create(user=user, tenant=tenant, role=role, permissions=" ".join(permissions))


def remove_member(user: User) -> bool:
    """Take somebody's membership away; False where there is none."""
    return bool(Membership.objects.filter(user=user).delete()[0])
