"""What a manager asks for (S25): who, what for, with which permissions, from which day to which; and what speaks against it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from varco import catalog, clock
from varco.integrators import dates, limits
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import MAX_PROJECT, IntegratorAccess
from varco.protocol.fault import Fault
from varco.registry import queries as registry
from varco.registry.errors import Faults
from varco.registry.models import Application
from varco.registry.validation import text_faults
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """What a manager asks for. Days are by the clocks of the clinic's zone; `client_id` is empty for any application."""

    email: str
    project: str
    permissions: tuple[str, ...] = ()
    client_id: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None

    @property
    def address(self) -> str:
        """The e-mail address as accounts keep it."""
        return self.email.strip().lower()

    def from_day(self, day: dt.date) -> Self:
        """The same, not beginning before a day."""
        return replace(self, first_day=max(self.first_day or day, day))


def check(tenant: Tenant, asked: AccessRequest) -> Faults:
    """What speaks against it, by field; nothing is read of accounts but the members of the clinic itself."""
    day = dates.today(clock.now(), tenant.zone)
    first = asked.first_day or day
    found: Faults = {
        "email": _of_address(tenant, asked.address),
        "project": project_faults(asked.project),
        "permissions": _of_permissions(asked.permissions),
        "client_id": _of_application(tenant, asked.client_id),
        "first_day": _of_first(first, day),
        "last_day": _of_last(asked.last_day, first, day),
    }
    if tenant.state != Tenant.State.ACTIVE:
        found[""] = [Fault(IntegratorFault.TENANT_NOT_ACTIVE)]
    return {name: faults for name, faults in found.items() if faults}


def _of_address(tenant: Tenant, email: str) -> list[Fault]:
    try:
        validate_email(email)
    except ValidationError:
        return [Fault(IntegratorFault.EMAIL_MALFORMED)]
    if not email.isascii() or len(email) > 254:  # look-alikes; a domain of other letters is written as mail servers do
        return [Fault(IntegratorFault.EMAIL_MALFORMED)]
    standing = IntegratorAccess.objects.filter(tenant=tenant, email=email, state__in=IntegratorAccess.GIVEN)
    if standing.exists():
        return [Fault(IntegratorFault.GIVEN_ALREADY)]
    return [Fault(IntegratorFault.EMAIL_MEMBER)] if tenants.members_with(tenant, email) else []


def project_faults(project: str) -> list[Fault]:
    """What is wrong with the words for what it is for."""
    if not project.strip():
        return [Fault(IntegratorFault.PROJECT_MISSING)]
    return text_faults(project.replace("\r\n", "\n").strip(), MAX_PROJECT, multiline=True)


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
    if found is None or not in_force or not registry.names_clinic(found.pk, tenant.pk):
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
