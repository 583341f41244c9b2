"""What comes by itself: invitations on the first day, warnings, and ends. Run by every worker, done once (`varco.scheduled`)."""

from django.db.models import F, Q

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.integrators import agenda, confirmations, limits, report
from varco.integrators.agenda import Act, Moment
from varco.integrators.limits import IDLE_GRACE
from varco.integrators.models import ConnectedApplication, IntegratorAccess
from varco.integrators.notifications import IntegratorEnding, IntegratorIdle, IntegratorToConfirm
from varco.integrators.services.acting import holder, locked, managers, plan
from varco.integrators.services.ending import ended
from varco.integrators.services.granting import invite
from varco.mail.notifications import notify
from varco.scheduled import BATCH, perform_due
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant

_CHANGED = ["due_at", "warned_days", "idle_warned_at", "confirm_warned_at", "last_used_at"]


def run() -> int:
    """Do what is due now; at how many accesses and applications."""
    _call_up_orphans()
    done = perform_due(IntegratorAccess, perform)
    return done + perform_due(ConnectedApplication, confirmations.perform)


def perform(claimed: IntegratorAccess) -> None:
    """Do what is due at one access, whose claim the caller's transaction holds."""
    access = locked(claimed)
    if not access.is_given:
        return
    if access.tenant.state == Tenant.State.CLOSED:
        ended(access, IntegratorAccess.End.CLINIC_CLOSED, Origin())
        return
    if access.accepted_at is not None and not _is_member(access):
        ended(access, IntegratorAccess.End.ACCOUNT, Origin())
        return
    if _is_switched_off(access):
        ended(access, IntegratorAccess.End.MANAGER, Origin())
        return
    access.last_used_at = report.last_use(access) or access.last_used_at
    for moment in agenda.due(access, access.tenant.zone, limits.current(), clock.now()):
        if moment.act in agenda.ENDS:
            ended(access, agenda.ENDS[moment.act], Origin())
            return
        _done(access, moment)
    plan(access)
    access.save(update_fields=_CHANGED)


def _done(access: IntegratorAccess, moment: Moment) -> None:
    now = clock.now()
    match moment.act:
        case Act.INVITE:
            invite(access, Origin())
            return
        case Act.WARN:
            access.warned_days = moment.days
            notify(IntegratorEnding(access, moment.days, to_manager=True), managers(access))
            notify(IntegratorEnding(access, moment.days, to_manager=False), holder(access))
        case Act.WARN_IDLE:
            access.idle_warned_at = now
            days, until = limits.current().idle // limits.DAY, min(now + IDLE_GRACE, access.ends_at)
            notify(IntegratorIdle(access, days, until, to_manager=True), managers(access))
            notify(IntegratorIdle(access, days, until, to_manager=False), holder(access))
        case Act.ASK_TO_CONFIRM:
            access.confirm_warned_at = now
            until = (access.confirmed_at or now) + limits.current().confirmation
            notify(IntegratorToConfirm(access, max(until, now)), managers(access))
    record(
        Tag.INTEGRATOR_WARNED, Origin(), user=access.user, tenant=access.tenant, email=access.email,
        why=moment.act, days=moment.days,
    )  # fmt: skip


def _is_member(access: IntegratorAccess) -> bool:
    return bool(access.user and access.user.is_active and access.is_of(tenants.membership_of(access.user)))


def _is_switched_off(access: IntegratorAccess) -> bool:
    """Whether the manager has switched the member off who has it: that is for good."""
    membership = tenants.membership_of(access.user) if access.user else None
    return access.switched_on and membership is not None and not membership.active


def _call_up_orphans() -> None:
    """Have those looked at now of which no date says that they are over: clinic closed, account or membership gone or off."""
    now = clock.now()
    gone = Q(tenant__state=Tenant.State.CLOSED)
    # Nowhere, at another clinic, or staff of this one by now.
    left = ~Q(user__membership__tenant=F("tenant"), user__membership__expires_at__isnull=False)
    gone |= Q(accepted_at__isnull=False) & (Q(user=None) | Q(user__is_active=False) | left)
    gone |= Q(switched_on=True, user__membership__active=False)
    given = IntegratorAccess.objects.filter(gone, state__in=IntegratorAccess.GIVEN, due_at__gt=now)
    for pk in list(given.values_list("pk", flat=True)[:BATCH]):
        IntegratorAccess.objects.filter(pk=pk, due_at__gt=now).update(due_at=now)
