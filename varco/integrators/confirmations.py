"""Connected applications are confirmed again by the clinic's manager (S40); one that is not is blocked for the clinic.

A block is what bites on the next request and says which layer refused, and what the manager lifts when they confirm after all.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import application_usage
from varco.integrators import limits
from varco.integrators.limits import CONFIRM_NOTICE
from varco.integrators.models import ConnectedApplication
from varco.integrators.notifications import ConnectionToConfirm, ConnectionUnconfirmed
from varco.integrators.services.acting import manager
from varco.mail.notifications import notify
from varco.registry.models import Application
from varco.registry.services import block_unconfirmed
from varco.scheduled import BATCH
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant


def notice_new() -> int:
    """Begin to count for applications that people of a clinic have connected since; how many those are."""
    known = ConnectedApplication.objects.filter(tenant=OuterRef("tenant"), application=OuterRef("application"))
    pairs = application_usage.connections().exclude(Exists(known)).values_list("tenant", "application").distinct()
    made = [_begun(tenant, application) for tenant, application in pairs[:BATCH]]
    ConnectedApplication.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _begun(tenant_id: int, application_id: int) -> ConnectedApplication:
    made = ConnectedApplication(tenant_id=tenant_id, application_id=application_id)
    _plan(made)
    return made


@transaction.atomic
def confirm(application: Application, origin: Origin) -> ConnectedApplication:
    """Say that the clinic's people may go on using it. Raises `Denied` for anybody but a manager."""
    actor, tenant = manager(None, origin)
    row, _made = ConnectedApplication.objects.get_or_create(tenant=tenant, application=application)
    fresh = ConnectedApplication.objects.select_for_update().get(pk=row.pk)
    fresh.confirmed_at, fresh.confirmed_by, fresh.warned_at = clock.now(), actor, None
    _plan(fresh)
    fresh.save()
    record(Tag.CLINIC_APPLICATION_CONFIRMED, origin, application=application, tenant=tenant)
    return fresh


def perform(claimed: ConnectedApplication) -> None:
    """Do what is due at one, whose claim the caller's transaction holds: ask the managers, or block it."""
    row = ConnectedApplication.objects.select_related("tenant", "application").get(pk=claimed.pk)
    now = clock.now()
    if not _is_used(row):
        row.delete()  # counted anew when somebody connects it again
        return
    end = row.confirmed_at + limits.current().confirmation
    if row.warned_at is None:
        row.warned_at = now
        until = max(end, now + CONFIRM_NOTICE // 2)
        notify(ConnectionToConfirm(row.tenant, row.application, until), _managers(row.tenant))
        row.due_at = until
    elif now >= end:
        block_unconfirmed(row.application, row.tenant)
        notify(ConnectionUnconfirmed(row.tenant, row.application), _managers(row.tenant))
        row.delete()  # counted anew once the block is lifted
        return
    else:
        row.due_at = end
    row.save()


def _plan(row: ConnectedApplication) -> None:
    row.due_at = row.confirmed_at + limits.current().confirmation - CONFIRM_NOTICE


def _is_used(row: ConnectedApplication) -> bool:
    """Whether somebody has it connected, at a clinic that is active and has not blocked it."""
    found = application_usage.connections().filter(tenant=row.tenant, application=row.application)
    return found.exists()


def _managers(tenant: Tenant) -> list[User]:
    return tenants.people_managing(tenant)
