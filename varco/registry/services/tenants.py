"""Limiting an application to certain clinics (S19): each change holds from the next request on."""

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
from varco.tenants.queries import by_public_id

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
    locked, listed = _locked(application, origin, stamp)
    tenant = by_public_id(tenant_id.strip())
    if tenant is None:
        raise Invalid({"tenant_id": [Fault(RegistrationFault.TENANT_UNKNOWN)]})
    if any(item.tenant_id == tenant.pk for item in listed):
        raise Invalid({"tenant_id": [Fault(RegistrationFault.TENANT_REPEATED, {"name": tenant.name})]})
    if len(listed) >= MAX_TENANTS:
        raise Invalid({"": [Fault(RegistrationFault.TENANTS_TOO_MANY, {"limit": MAX_TENANTS})]})
    added = AllowedTenant.objects.create(application=locked.application, tenant=tenant)
    locked.save(gate=True)
    record(Tag.APPLICATION_TENANT_ADDED, origin, application=locked.application, tenant=tenant, label=tenant.name)
    return added


@transaction.atomic
def remove_tenant(application: Application, origin: Origin, *, tenant_id: str, stamp: str = "") -> None:
    """Take a clinic off the list; with the last one, every clinic may use the application again."""
    locked, listed = _locked(application, origin, stamp)
    found = next((item for item in listed if item.tenant.public_id == tenant_id), None)
    if found is None:
        raise Conflict(ConflictFault.TENANT_NOT_LISTED)
    found.delete()
    locked.save(gate=True)
    tenant = found.tenant
    record(Tag.APPLICATION_TENANT_REMOVED, origin, application=locked.application, tenant=tenant, label=tenant.name)


def _locked(application: Application, origin: Origin, stamp: str) -> tuple[Locked, list[AllowedTenant]]:
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.LIMIT_TENANTS)
    listed = list(locked.application.allowed_tenants.select_related("tenant"))
    if stamp and stamp != tenants_stamp(listed):
        raise Conflict(ConflictFault.TENANTS_STALE)
    return locked, listed
