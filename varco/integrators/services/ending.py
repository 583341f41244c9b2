"""The end of an access: sessions, grants and tokens with it, and the report on what was done (S26)."""

from django.db import transaction

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import signalling
from varco.integrators import report
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.integrators.notifications import IntegratorEnded
from varco.integrators.services.acting import holder, locked, manager, managers, reason, refused
from varco.mail.notifications import notify
from varco.people import accounts, members
from varco.tenants import queries as tenants
from varco.tenants import services as tenants_services

_ENDED = [
    "state",
    "account_made",
    "ended_at",
    "ended_by",
    "end_reason",
    "end_text",
    "invitation",
    "report",
    "last_used_at",
    "due_at",
]


@transaction.atomic
def end(access: IntegratorAccess, origin: Origin, *, text: str) -> IntegratorAccess:
    """End it now, by a manager of the clinic and with a reason. Raises `Denied`, and `Invalid` where it is over already."""
    actor, _tenant = manager(access.tenant, origin)
    fresh = locked(access)
    if not fresh.is_given:
        refused(IntegratorFault.OVER)
    why = reason(text)
    ended(fresh, IntegratorAccess.End.MANAGER, origin, by=actor, text=why)
    return fresh


@transaction.atomic
def member_left(user: User, origin: Origin) -> None:
    """Let the story of an access end whose membership somebody has taken away by another way, or whose account was closed."""
    access = IntegratorAccess.objects.filter(user=user, state=IntegratorAccess.State.ACTIVE).first()
    if access is not None:
        ended(locked(access), IntegratorAccess.End.ACCOUNT, origin)


def ended(
    access: IntegratorAccess, why: IntegratorAccess.End, origin: Origin, *, by: User | None = None, text: str = ""
) -> None:
    """End it, in the caller's transaction, which holds its row: nothing it opened works on the next request."""
    access.report, access.last_used_at = report.made(access), report.last_use(access) or access.last_used_at
    grants, user = 0, access.user
    if user is not None:
        grants = members.end_access(user, access.tenant, origin)
        accounts.end_sessions(user, origin)
        if access.is_of(tenants.membership_of(user)):
            signalling.access_closing(user, origin)
            tenants_services.remove_member(user)
        if access.account_made:
            _end_account(access, user, origin)
    access.state, access.ended_at, access.ended_by = IntegratorAccess.State.ENDED, clock.now(), by
    access.end_reason, access.end_text, access.invitation, access.due_at = why, text, "", None
    access.save(update_fields=_ENDED)
    record(
        Tag.INTEGRATOR_ENDED, origin, application=access.application, user=user, tenant=access.tenant,
        email=access.email, reason=why, grants=grants, calls=access.report["calls"], text=text,
    )  # fmt: skip
    notify(IntegratorEnded(access, to_manager=True), managers(access))
    notify(IntegratorEnded(access, to_manager=False), holder(access))


def _end_account(access: IntegratorAccess, user: User, origin: Origin) -> None:
    """End the account that was made for it, unless it is somebody's otherwise, or somebody has locked it: then it is theirs to unlock."""
    if not user.is_active or accounts.roles_of(user) or tenants.tenant_of(user) is not None:
        access.account_made = False
    else:
        accounts.deactivate(user, origin)
