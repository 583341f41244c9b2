"""Support decides about a request (S25), and the invitation goes out."""

import secrets

from django.db import transaction

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.integrators import limits
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.integrators.notifications import IntegratorDecided, IntegratorInvited
from varco.integrators.services.acting import holder, locked, manager, managers, plan, reason, refused, support
from varco.mail.notifications import notify
from varco.protocol.credentials import INVITATION, hash_of
from varco.registry.errors import Denied
from varco.tenants.models import Tenant

_DECIDED = ["state", "decided_by", "decided_at", "decision_text", "confirmed_at", "confirmed_by", "due_at"]
_INVITED = ["invitation", "invited_at", "due_at"]


@transaction.atomic
def grant(access: IntegratorAccess, origin: Origin) -> IntegratorAccess:
    """Grant what a manager asked for. Raises `Denied` for anybody but support, and `Invalid` where it was decided already."""
    actor = support(origin)
    fresh = _waiting(access)
    if actor.pk == fresh.asked_by_id:
        raise Denied  # nobody decides about what they asked for themselves
    granted(fresh, actor, origin)
    notify(IntegratorDecided(fresh, granted=True), managers(fresh))
    return fresh


def granted(access: IntegratorAccess, by: User, origin: Origin) -> None:
    """Let it be given, in the caller's transaction; the invitation goes out on its first day. Raises `Invalid`."""
    if access.tenant.state != Tenant.State.ACTIVE:
        refused(IntegratorFault.TENANT_NOT_ACTIVE)
    now = clock.now()
    if access.ends_at <= now:
        refused(IntegratorFault.LAST_DAY_PAST)
    access.state, access.decided_by, access.decided_at = IntegratorAccess.State.GRANTED, by, now
    access.confirmed_at, access.confirmed_by, access.dates_set_at = max(now, access.starts_at), access.asked_by, now
    plan(access)
    access.save(update_fields=[*_DECIDED, "dates_set_at"])
    record(Tag.INTEGRATOR_GRANTED, origin, application=access.application, tenant=access.tenant, email=access.email)
    if access.starts_at <= now:
        invite(access, origin)


@transaction.atomic
def refuse(access: IntegratorAccess, origin: Origin, *, text: str) -> IntegratorAccess:
    """Refuse it with a reason that the manager reads. Raises `Denied` and `Invalid`."""
    actor = support(origin)
    fresh = _waiting(access)
    fresh.state, fresh.decided_by, fresh.decided_at = IntegratorAccess.State.REFUSED, actor, clock.now()
    fresh.decision_text = reason(text)
    fresh.save(update_fields=_DECIDED)
    record(Tag.INTEGRATOR_REFUSED, origin, tenant=fresh.tenant, email=fresh.email, text=fresh.decision_text)
    notify(IntegratorDecided(fresh, granted=False), managers(fresh))
    return fresh


@transaction.atomic
def withdraw(access: IntegratorAccess, origin: Origin) -> IntegratorAccess:
    """Take the request back before it was decided. Raises `Denied` for anybody but a manager of the clinic, and `Invalid`."""
    actor, _tenant = manager(access.tenant, origin)
    fresh = _waiting(access)
    fresh.state, fresh.decided_by, fresh.decided_at = IntegratorAccess.State.WITHDRAWN, actor, clock.now()
    fresh.save(update_fields=_DECIDED)
    record(Tag.INTEGRATOR_WITHDRAWN, origin, tenant=fresh.tenant, email=fresh.email)
    return fresh


@transaction.atomic
def invite_again(access: IntegratorAccess, origin: Origin) -> IntegratorAccess:
    """Send another link; the one before opens nothing any more. Raises `Denied` for anybody but a manager, and `Invalid`."""
    manager(access.tenant, origin)
    fresh = locked(access)
    if fresh.state != IntegratorAccess.State.GRANTED or fresh.invited_at is None:
        refused(IntegratorFault.NOT_INVITED)
    invite(fresh, origin)
    return fresh


def invite(access: IntegratorAccess, origin: Origin) -> None:
    """Send the link, good once and for 48 hours, in the caller's transaction."""
    secret = INVITATION + secrets.token_urlsafe(32)
    access.invitation, access.invited_at = hash_of(secret), clock.now()
    plan(access)
    access.save(update_fields=_INVITED)
    until = access.invited_at + limits.INVITATION
    record(Tag.INTEGRATOR_INVITED, origin, tenant=access.tenant, email=access.email, until=until)
    notify(IntegratorInvited(access, secret, limits.INVITATION // 3600), holder(access))


def _waiting(access: IntegratorAccess) -> IntegratorAccess:
    """The request, locked. Raises `Invalid` where it was decided already."""
    fresh = locked(access)
    if fresh.state != IntegratorAccess.State.REQUESTED:
        refused(IntegratorFault.DECIDED_ALREADY)
    return fresh
