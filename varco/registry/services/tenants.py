"""The clinics an application is limited to, if its developer wishes (S19): each change holds from the next request on."""

import hashlib
from collections.abc import Iterable

from django.db import transaction

from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.protocol.fault import Fault
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.models import AllowedTenant, Application
from varco.registry.services.locking import Locked, lock
from varco.tenants.models import Tenant

MAX_TENANTS = 200


def tenants_stamp(allowed: Iterable[AllowedTenant]) -> str:
    """A short digest of a list of clinics: removing the last one, or adding a first, means something else than the rest."""
    listed = " ".join(sorted(str(item.tenant_id) for item in allowed))
    return hashlib.sha256(listed.encode()).hexdigest()[:32]


@transaction.atomic
def add_tenant(application: Application, origin: Origin, *, tenant_id: str, stamp: str = "") -> AllowedTenant:
    """Let a clinic (by its public id) use the application; with the first one, nobody else may any more.

    `stamp` is `tenants_stamp` of the list the person saw. Raises `Invalid` for an unknown clinic, one that is on the
    list, and at `MAX_TENANTS`.
    """
    held, listed = _held(application, origin, stamp)
    tenant_id = tenant_id.strip()
    known = Tenant.objects.exclude(state=Tenant.State.CLOSED)
    tenant = None if "\0" in tenant_id else known.filter(public_id=tenant_id).first()
    if tenant is None:
        raise Invalid({"tenant_id": [Fault(RegistrationFault.TENANT_UNKNOWN)]})
    if any(item.tenant_id == tenant.pk for item in listed):
        raise Invalid({"tenant_id": [Fault(RegistrationFault.TENANT_REPEATED, {"name": tenant.name})]})
    if len(listed) >= MAX_TENANTS:
        raise Invalid({"": [Fault(RegistrationFault.TENANTS_TOO_MANY, {"limit": MAX_TENANTS})]})
    added = AllowedTenant.objects.create(application=held.application, tenant=tenant)
    held.save(gate=True)
    record(Tag.APPLICATION_TENANT_ADDED, origin, application=held.application, tenant=tenant, label=tenant.name)
    return added


@transaction.atomic
def remove_tenant(application: Application, origin: Origin, *, tenant_id: str, stamp: str = "") -> None:
    """Take a clinic off the list; with the last one, every clinic may use the application again."""
    held, listed = _held(application, origin, stamp)
    found = next((item for item in listed if item.tenant.public_id == tenant_id), None)
    if found is None:
        raise Conflict(ConflictFault.TENANT_NOT_LISTED)
    found.delete()
    held.save(gate=True)
    tenant = found.tenant
    record(Tag.APPLICATION_TENANT_REMOVED, origin, application=held.application, tenant=tenant, label=tenant.name)


def _held(application: Application, origin: Origin, stamp: str) -> tuple[Locked, list[AllowedTenant]]:
    held = lock(application, origin, side=Role.DEVELOPER)
    held.move(ApplicationAct.LIMIT_TENANTS)
    listed = list(held.application.allowed_tenants.select_related("tenant"))
    if stamp and stamp != tenants_stamp(listed):
        raise Conflict(ConflictFault.TENANTS_STALE)
    return held, listed
