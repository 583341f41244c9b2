"""What a clinic's manager does to its people: other permissions, an end, a new beginning (S19, S39).

A manager who gives a permission to themselves does so with a reason, and the clinic's other managers and its data
protection officer are told. The last manager cannot leave.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction

from varco import catalog
from varco.accounts.models import User
from varco.accounts.queries import read_again
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import session_end, signalling
from varco.grants.services import end_grants_of
from varco.mail.notifications import notify
from varco.people import reasons
from varco.people.errors import PeopleFault, Refused
from varco.people.notifications import ManagerTookPermissions, MemberAct, MemberChanged
from varco.protocol.errors import EndReason
from varco.registry.errors import Denied
from varco.tenants import queries, services
from varco.tenants.models import Membership, Tenant


def checked_permissions(role: str, permissions: Iterable[str], *, temporary: bool = False) -> tuple[str, ...]:
    """The permissions in the order of the catalogue, if a member of this role may have them. Raises `Refused`."""
    known = catalog.current()
    found, asked = known.roles.get(role), set(permissions)
    if found is None:
        raise Refused(PeopleFault.UNKNOWN_ROLE, role=role, known=", ".join(known.roles))
    if found.temporary and not temporary:
        raise Refused(PeopleFault.TEMPORARY_ROLE)
    unknown = asked - known.permissions.keys()
    if unknown:
        raise Refused(PeopleFault.UNKNOWN_PERMISSION, permission=min(unknown))
    if found.reads_logs and asked:
        raise Refused(PeopleFault.READS_NO_DATA)
    return tuple(name for name in known.permissions if name in asked)


def may_manage(tenant: Tenant, origin: Origin) -> User | None:
    """Who acts, if they answer for the clinic now; None for the machine. Raises `Denied` for anybody else."""
    if origin.machine:
        return None
    actor = read_again(origin.actor)
    if actor is None or not actor.is_active or queries.managed_by(actor) != tenant:
        raise Denied
    return actor


def watchers(tenant: Tenant, *, but: User) -> list[User]:
    """Who is told of what a manager does for themselves: the other managers, and whoever protects the clinic's data."""
    found = [*queries.managers(tenant), *queries.log_readers(tenant)]
    people = {item.user.email: item.user for item in found if item.user_id != but.pk}
    if tenant.dpo_email and tenant.dpo_email.lower() != but.email:
        # Somebody outside, who has no account here: known by an address alone.
        people.setdefault(tenant.dpo_email.lower(), User(email=tenant.dpo_email, language=but.language))
    return list(people.values())


@transaction.atomic
def change(
    tenant: Tenant,
    user: User,
    origin: Origin,
    *,
    role: str,
    permissions: Collection[str],
    reason: str = "",
    stamp: str | None = None,
) -> Membership:
    """Give a member another role and these permissions, which hold from the next request on.

    `stamp`: of the membership as the caller saw it. Raises `Denied`, and `Refused` where it is out of date, without a
    reason for what somebody gives themselves, and for the last manager.
    """
    membership, rows = _locked(tenant, user, stamp)
    actor = may_manage(tenant, origin)
    if catalog.current().roles[membership.role].temporary:
        raise Refused(PeopleFault.TEMPORARY_ROLE)
    wanted = checked_permissions(role, permissions)
    before = membership.permissions.split()
    if (role, set(wanted)) == (membership.role, set(before)):
        raise Refused(PeopleFault.NOTHING_CHANGED)
    gained = [name for name in wanted if name not in before]
    own = actor == user and bool(gained)
    text = reasons.checked(reason) if own or reason.strip() else ""
    if role not in catalog.current().managers:
        _keep_a_manager(membership, rows)
    detail: dict[str, Any] = {"role_before": membership.role, "before": " ".join(before), "after": " ".join(wanted)}
    services.change_member(membership, role=role, permissions=wanted)
    _forget_invitations(membership)
    record(Tag.MEMBER_CHANGED, origin, user=user, tenant=tenant, role=role, own=own, **detail, **reasons.kept(text))
    if own:
        notify(ManagerTookPermissions(tenant, user, tuple(gained), text), watchers(tenant, but=user))
    elif actor != user:
        notify(MemberChanged(tenant, MemberAct.CHANGED, role, wanted, actor), [user])
    return membership


@transaction.atomic
def deactivate(tenant: Tenant, user: User, origin: Origin, *, reason: str) -> Membership:
    """Let a member do nothing at the clinic any more: what they granted there ends, and applications are told.

    Raises `Denied`, and `Refused` without a reason, for the last manager and for whoever is switched off already.
    """
    membership, rows = _locked(tenant, user)
    actor = may_manage(tenant, origin)
    if not membership.active:
        raise Refused(PeopleFault.MEMBER_INACTIVE)
    text = reasons.checked(reason)
    _keep_a_manager(membership, rows)
    signalling.access_closing(user, origin)
    services.set_active(membership, active=False)
    services.withdraw_invitations_of(user, tenant)
    grants = end_access(user, tenant, origin)
    record(Tag.MEMBER_DEACTIVATED, origin, user=user, tenant=tenant, grants=grants, text=text)
    notify(MemberChanged(tenant, MemberAct.DEACTIVATED, membership.role, (), actor), [user])
    return membership


@transaction.atomic
def activate(tenant: Tenant, user: User, origin: Origin, *, reason: str) -> Membership:
    """Let a member act for the clinic again, with the permissions they had; what ended stays ended.

    Raises `Denied`, and `Refused` without a reason and for whoever is switched on already.
    """
    membership, _rows = _locked(tenant, user)
    actor = may_manage(tenant, origin)
    if membership.active:
        raise Refused(PeopleFault.MEMBER_ACTIVE)
    if catalog.current().roles[membership.role].temporary:
        raise Refused(PeopleFault.TEMPORARY_ROLE)
    text = reasons.checked(reason)
    services.set_active(membership, active=True)
    signalling.access_opened(user, origin)
    record(Tag.MEMBER_ACTIVATED, origin, user=user, tenant=tenant, text=text)
    permissions = tuple(membership.permissions.split())
    notify(MemberChanged(tenant, MemberAct.ACTIVATED, membership.role, permissions, actor), [user])
    return membership


def end_access(user: User, tenant: Tenant, origin: Origin) -> int:
    """End what somebody has granted at a clinic and tell the applications concerned; how many grants ended."""
    session_end.sessions_over(user, origin)
    return end_grants_of(user, EndReason.MEMBERSHIP_ENDED, origin, tenant=tenant)


def keep_a_manager(tenant: Tenant, user: User) -> None:
    """Raise `Refused` where somebody leaves who is the last to answer for a clinic of real data; locks what it looked at."""
    rows = queries.locked_with_managers(tenant, user)
    membership = next((row for row in rows if row.user_id == user.pk), None)
    if membership and tenant.kind == Tenant.Kind.PRODUCTION and tenant.state != Tenant.State.CLOSED:
        _keep_a_manager(membership, rows)


def _locked(tenant: Tenant, user: User, stamp: str | None = None) -> tuple[Membership, list[Membership]]:
    """The membership and every manager's, locked, so that of two last managers not both go. Raises `Denied`, `Refused`."""
    rows = queries.locked_with_managers(tenant, user)
    membership = next((row for row in rows if row.user_id == user.pk), None)
    if membership is None:
        raise Denied
    if stamp is not None and stamp != queries.stamp(membership):
        raise Refused(PeopleFault.STALE)
    return membership, rows


def _keep_a_manager(membership: Membership, rows: list[Membership]) -> None:
    """Raise `Refused` where this is the one manager who can sign in."""
    managers = catalog.current().managers
    counts = membership.role in managers and membership.active
    others = any(
        row.pk != membership.pk
        and row.role in managers
        and row.active
        and row.expires_at is None
        and row.user.is_active
        and row.user.has_usable_password()
        for row in rows
    )
    if counts and not others:
        raise Refused(PeopleFault.LAST_MANAGER, email=membership.user.email)


def _forget_invitations(membership: Membership) -> None:
    """Whoever answers for the clinic no more has nobody join it by a link of theirs."""
    if membership.role not in catalog.current().managers:
        services.withdraw_invitations_of(membership.user, membership.tenant)
