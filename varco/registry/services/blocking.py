"""Blocking an application for a clinic's people, by its manager (S19, S21): it holds from the next request on."""

from django.db import transaction

from varco.accounts.models import User
from varco.accounts.queries import read_again
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.protocol.fault import Fault
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.models import Application, BlockedApplication
from varco.registry.validation import text_faults
from varco.tenants.models import Tenant
from varco.tenants.queries import managed_by

MAX_REASON = 500


@transaction.atomic
def block(application: Application, origin: Origin, *, reason: str) -> BlockedApplication:
    """Block an application for the clinic that the actor manages. Tokens and sign-ins of its people are refused at once.

    Nothing ends: unblocked, what has not expired meanwhile works again. Raises `Denied` for anybody but a manager,
    `Conflict` if it is blocked already, and `Invalid` without a reason.
    """
    tenant, fresh, actor = _locked(application, origin)
    reason = reason.strip()
    if not reason:
        raise Invalid({"text": [Fault(RegistrationFault.BLOCK_REASON_MISSING)]})
    faults = text_faults(reason, MAX_REASON, multiline=True)
    if faults:
        raise Invalid({"text": faults})
    if BlockedApplication.objects.filter(tenant=tenant, application=fresh).exists():
        raise Conflict(ConflictFault.BLOCKED_ALREADY)
    made = BlockedApplication.objects.create(tenant=tenant, application=fresh, reason=reason, blocked_by=actor)
    record(Tag.CLINIC_APPLICATION_BLOCKED, origin, application=fresh, tenant=tenant, text=reason)
    return made


@transaction.atomic
def block_unconfirmed(application: Application, tenant: Tenant) -> BlockedApplication:
    """Block an application for a clinic whose manager did not confirm it in time (S40): by nobody, and without words."""
    made, new = BlockedApplication.objects.get_or_create(tenant=tenant, application=application)
    if new:
        record(Tag.CLINIC_APPLICATION_BLOCKED, Origin(), application=application, tenant=tenant, text="unconfirmed")
    return made


@transaction.atomic
def unblock(application: Application, origin: Origin) -> None:
    """Lift the block of the clinic that the actor manages. Raises `Denied`, and `Conflict` if there is none."""
    tenant, fresh, _actor = _locked(application, origin)
    deleted, _rows = BlockedApplication.objects.filter(tenant=tenant, application=fresh).delete()
    if not deleted:
        raise Conflict(ConflictFault.NOT_BLOCKED)
    record(Tag.CLINIC_APPLICATION_UNBLOCKED, origin, application=fresh, tenant=tenant)


def _locked(application: Application, origin: Origin) -> tuple[Tenant, Application, User]:
    """The actor's clinic, and the application's row locked, so that two managers do not block it at the same time."""
    actor = read_again(origin.actor)
    tenant = managed_by(actor) if actor else None
    fresh = Application.objects.select_for_update().filter(pk=application.pk).first()
    if actor is None or tenant is None or fresh is None:
        raise Denied
    return tenant, fresh, actor
