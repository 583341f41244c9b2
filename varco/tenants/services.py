"""Changing medical centres and who belongs to them. Whoever calls records it, in the same transaction."""

from collections.abc import Iterable

from varco import clock
from varco.accounts.models import User
from varco.databases import CLINIC_ALIASES
from varco.tenants.models import MemberInvitation, Membership, Tenant

INVITATIONS_KEPT = 30 * 86400
"""Seconds that an invitation which nobody used is kept after it expired, so that it can be sent again."""


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


def add_temporary_member(
    user: User, tenant: Tenant, role: str, permissions: Iterable[str], *, expires_at: int, application_id: int | None
) -> Membership:
    """Make somebody a member until a moment (epoch seconds), with one application or with any; not switched on yet.

    Raises `IntegrityError` for whoever is a member somewhere.
    """
    return Membership.objects.create(
        user=user,
        tenant=tenant,
        role=role,
        permissions=" ".join(permissions),
        active=False,
        expires_at=expires_at,
        only_application_id=application_id,
    )


def set_end(user: User, tenant: Tenant, expires_at: int) -> None:
    """Let a temporary member's time end at another moment (epoch seconds)."""
    Membership.objects.filter(user=user, tenant=tenant).exclude(expires_at=None).update(expires_at=expires_at)


def remove_member(user: User) -> bool:
    """Take somebody's membership away; False where there is none."""
    return bool(Membership.objects.filter(user=user).delete()[0])


def change_settings(tenant: Tenant, **fields: str) -> None:
    """Set columns of what a clinic says of itself. Raises `ValidationError`."""
    for name, value in fields.items():
        setattr(tenant, name, value.strip())
    tenant.clean_fields(exclude={field.name for field in Tenant._meta.fields} - fields.keys())
    tenant.save(update_fields=list(fields))


def change_member(membership: Membership, *, role: str, permissions: Iterable[str]) -> None:
    """Give a member another role and other permissions."""
    membership.role, membership.permissions = role, " ".join(permissions)
    membership.save(update_fields=["role", "permissions"])


def set_active(membership: Membership, *, active: bool) -> None:
    """Let a member act for the clinic, or not."""
    membership.active = active
    membership.save(update_fields=["active"])


def invite(
    tenant: Tenant, email: str, *, role: str, permissions: Iterable[str], digest: str, expires_at: int, by: User | None
) -> MemberInvitation:
    """Keep the hash of an invitation's secret until `expires_at`, in the place of the one before. Raises `ValidationError`."""
    values = {
        "role": role,
        "permissions": " ".join(permissions),
        "digest": digest,
        "expires_at": expires_at,
        "invited_by": by,
        "created_at": clock.now(),
    }
    MemberInvitation(tenant=tenant, email=email, **values).clean_fields()
    return MemberInvitation.objects.update_or_create(tenant=tenant, email=email, defaults=values)[0]


def use_invitation(digest: str) -> bool:
    """Use an invitation up; False where that was done before, or it has expired."""
    return bool(MemberInvitation.objects.filter(digest=digest, expires_at__gt=clock.now()).delete()[0])


def withdraw_invitation(invitation: MemberInvitation) -> bool:
    """Let its link open nothing any more; False where it is gone already."""
    return bool(MemberInvitation.objects.filter(pk=invitation.pk, digest=invitation.digest).delete()[0])


def withdraw_invitations_of(user: User, tenant: Tenant) -> int:
    """The same for every invitation that somebody has sent for a clinic; how many those were."""
    return MemberInvitation.objects.filter(tenant=tenant, invited_by=user).delete()[0]


def sweep() -> int:
    """Delete invitations that expired long ago, and return how many."""
    return MemberInvitation.objects.filter(expires_at__lt=clock.now() - INVITATIONS_KEPT).delete()[0]
