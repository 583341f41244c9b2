"""An access is given (S25): by support, who approve the ticket in which a manager asked, or by the manager where the vendor lets them."""

import secrets

from django.conf import settings
from django.db import IntegrityError, transaction

from varco import catalog, clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.integrators import dates, limits
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.integrators.notifications import IntegratorInvited
from varco.integrators.services.acting import holder, locked, manager, plan, refused, support
from varco.integrators.services.request import AccessRequest, check
from varco.mail.notifications import notify
from varco.protocol.credentials import INVITATION, hash_of
from varco.registry import queries as registry
from varco.registry.errors import Denied, Invalid
from varco.tenants.models import Tenant


@transaction.atomic
def grant(
    asked: AccessRequest, tenant: Tenant, asker: User | None, origin: Origin, *, ticket: int | None
) -> IntegratorAccess:
    """Give what `asker` has asked for in a ticket. Raises `Denied` for anybody but support, and `Invalid` as `request.check`."""
    actor = support(origin)
    if asker is not None and actor.pk == asker.pk:
        raise Denied  # nobody decides about what they asked for themselves
    return _given(asked, tenant, asker, actor, origin, ticket=ticket)


@transaction.atomic
def create(asked: AccessRequest, origin: Origin) -> IntegratorAccess:
    """Give it oneself, as a clinic's manager, where the vendor's setting lets them. Raises `Denied` and `Invalid`."""
    actor, tenant = manager(None, origin)
    if not settings.VARCO.integrators_direct:
        raise Denied
    return _given(asked, tenant, actor, actor, origin, ticket=None)


def _given(
    asked: AccessRequest, tenant: Tenant, asker: User | None, by: User, origin: Origin, *, ticket: int | None
) -> IntegratorAccess:
    if catalog.current().temporary_role is None:
        raise Denied
    now = clock.now()
    day = dates.today(now, tenant.zone)
    # AccessRequest for days ago, it begins today: what lies before it is no fault of whoever decides now.
    asked = asked.from_day(day)
    faults = check(tenant, asked)
    if faults:
        raise Invalid(faults)
    first, last = asked.first_day or day, asked.last_day or day
    starts_at = dates.beginning_of(first, tenant.zone)
    access = IntegratorAccess(
        tenant=tenant,
        email=asked.address,
        project=asked.project.replace("\r\n", "\n").strip(),
        permissions=" ".join(name for name in catalog.current().permissions if name in asked.permissions),
        application=registry.application(asked.client_id),
        first_day=first,
        last_day=last,
        starts_at=starts_at,
        ends_at=dates.end_of(last, tenant.zone),
        asked_by=asker,
        granted_by=by,
        confirmed_at=max(now, starts_at),
        confirmed_by=asker,
        ticket=ticket,
    )
    plan(access)
    try:
        with transaction.atomic():
            access.save(force_insert=True)
    except IntegrityError:  # the same ticket decided twice, the same form sent twice
        refused(IntegratorFault.GIVEN_ALREADY, "email")
    record(
        Tag.INTEGRATOR_GRANTED, origin, application=access.application, tenant=tenant, email=access.email,
        permissions=access.permissions, first_day=first.isoformat(), last_day=last.isoformat(),
        ticket=ticket,
    )  # fmt: skip
    if starts_at <= now:
        invite(access, origin)
    return access


@transaction.atomic
def invite_again(access: IntegratorAccess, origin: Origin) -> IntegratorAccess:
    """Send another link; the one before opens nothing any more. Raises `Denied` for anybody but a manager, and `Invalid`."""
    manager(access.tenant, origin)
    fresh = locked(access)
    if fresh.state != IntegratorAccess.State.GRANTED or fresh.invited_at is None:
        refused(IntegratorFault.NOT_INVITED)
    if fresh.invited_at + limits.PAUSE > clock.now():
        refused(IntegratorFault.INVITED_JUST_NOW, minutes=limits.PAUSE // 60)
    invite(fresh, origin)
    return fresh


def invite(access: IntegratorAccess, origin: Origin) -> None:
    """Send the link, good once and for 48 hours, in the caller's transaction."""
    secret = INVITATION + secrets.token_urlsafe(32)
    access.invitation, access.invited_at = hash_of(secret), clock.now()
    plan(access)
    access.save(update_fields=["invitation", "invited_at", "due_at"])
    until = access.invited_at + limits.INVITATION
    record(Tag.INTEGRATOR_INVITED, origin, tenant=access.tenant, email=access.email, until=until)
    notify(IntegratorInvited(access, secret, limits.INVITATION // 3600), holder(access))
