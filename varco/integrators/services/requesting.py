"""A manager asks for an integrator user (S25): who, what for, with which permissions, from which day to which."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from varco import catalog, clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.integrators import dates, limits
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import MAX_PROJECT, IntegratorAccess
from varco.integrators.services.acting import manager, refused
from varco.integrators.services.granting import granted
from varco.protocol.fault import Fault
from varco.registry import queries as registry
from varco.registry.errors import Denied, Faults, Invalid
from varco.registry.models import Application
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant
from varco.text import several_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a manager asks for. Days are by the clocks of the clinic's zone; `client_id` is empty for any application."""

    email: str
    project: str
    permissions: tuple[str, ...] = ()
    client_id: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None


def check(tenant: Tenant, asked: Asked) -> Faults:
    """What speaks against it, by field; nothing is read of accounts but the members of the clinic itself."""
    day = dates.today(clock.now(), tenant.zone)
    first = asked.first_day or day
    found: dict[str, list[Fault]] = {
        "email": _of_address(tenant, asked.email.strip().lower()),
        "project": _of_project(asked.project.strip()),
        "permissions": _of_permissions(asked.permissions),
        "client_id": _of_application(tenant, asked.client_id),
        "first_day": _of_first(first, day),
        "last_day": _of_last(asked.last_day, first, day),
    }
    return {name: faults for name, faults in found.items() if faults}


@transaction.atomic
def request(asked: Asked, origin: Origin) -> IntegratorAccess:
    """Ask for it; where the vendor lets managers do so, it is granted at once. Raises `Denied` and `Invalid`."""
    actor, tenant = manager(None, origin)
    if catalog.current().temporary_role is None:
        raise Denied
    faults = check(tenant, asked)
    if faults:
        raise Invalid(faults)
    day = dates.today(clock.now(), tenant.zone)
    first, last = asked.first_day or day, asked.last_day or day
    known = catalog.current().permissions
    access = IntegratorAccess(
        tenant=tenant,
        email=asked.email.strip().lower(),
        project=asked.project.replace("\r\n", "\n").strip(),
        permissions=" ".join(name for name in known if name in asked.permissions),
        application=registry.application(asked.client_id),
        first_day=first,
        last_day=last,
        starts_at=dates.beginning_of(first, tenant.zone),
        ends_at=dates.end_of(last, tenant.zone),
        asked_by=actor,
    )
    try:
        with transaction.atomic():
            access.save(force_insert=True)
    except IntegrityError:  # the same form sent twice, or another manager
        refused(IntegratorFault.ASKED_ALREADY, "email")
    record(
        Tag.INTEGRATOR_REQUESTED, origin, application=access.application, tenant=tenant, email=access.email,
        permissions=access.permissions, first_day=first.isoformat(), last_day=last.isoformat(),
    )  # fmt: skip
    if settings.VARCO.integrators_direct:
        granted(access, actor, origin)
    return access


def _of_address(tenant: Tenant, email: str) -> list[Fault]:
    try:
        validate_email(email)
    except ValidationError:
        return [Fault(IntegratorFault.EMAIL_MALFORMED)]
    if not email.isascii() or len(email) > 254:  # look-alikes; a domain of other letters is written as mail servers do
        return [Fault(IntegratorFault.EMAIL_MALFORMED)]
    if tenants.members_with(tenant, email):
        return [Fault(IntegratorFault.EMAIL_MEMBER)]
    standing = IntegratorAccess.objects.filter(tenant=tenant, email=email, state__in=IntegratorAccess.OPEN)
    return [Fault(IntegratorFault.ASKED_ALREADY)] if standing.exists() else []


def _of_project(project: str) -> list[Fault]:
    if not project:
        return [Fault(IntegratorFault.PROJECT_MISSING)]
    if len(project) > MAX_PROJECT:
        return [Fault(IntegratorFault.PROJECT_TOO_LONG, {"limit": MAX_PROJECT})]
    return [Fault(IntegratorFault.TEXT_UNSEEN)] if several_lines(project.replace("\r\n", "\n")) else []


def _of_permissions(permissions: Iterable[str]) -> list[Fault]:
    asked = set(permissions)
    if not asked:
        return [Fault(IntegratorFault.PERMISSIONS_MISSING)]
    unknown = asked - catalog.current().permissions.keys()
    return [Fault(IntegratorFault.PERMISSION_UNKNOWN)] if unknown else []


def _of_application(tenant: Tenant, client_id: str) -> list[Fault]:
    if not client_id:
        return []
    found = registry.application(client_id)
    in_force = found is not None and found.state == Application.State.ACTIVE and found.live_revision_id is not None
    if found is None or not in_force or not registry.tenant_policy(found.pk, tenant.pk).listed:
        return [Fault(IntegratorFault.APPLICATION_UNKNOWN)]
    return []


def _of_first(first: dt.date, day: dt.date) -> list[Fault]:
    if first < day:
        return [Fault(IntegratorFault.FIRST_DAY_PAST)]
    far = first > day + dt.timedelta(days=limits.AHEAD)
    return [Fault(IntegratorFault.FIRST_DAY_FAR, {"days": limits.AHEAD})] if far else []


def _of_last(last: dt.date | None, first: dt.date, day: dt.date) -> list[Fault]:
    if last is None:
        return [Fault(IntegratorFault.LAST_DAY_MISSING)]
    if last < day:
        return [Fault(IntegratorFault.LAST_DAY_PAST)]
    if last < first:
        return [Fault(IntegratorFault.LAST_DAY_BEFORE_FIRST)]
    return [Fault(IntegratorFault.LAST_DAY_FAR)] if last > dates.latest_day(first) else []
