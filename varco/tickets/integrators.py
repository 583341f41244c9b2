"""Integrator access as clinics ask for it in tickets (S25, S26): what the forms come to, and what approving one does."""

import datetime as dt
from collections.abc import Mapping

from varco import catalog
from varco.audit.services import Origin
from varco.integrators import queries
from varco.integrators import services as integrators
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import MAX_PROJECT, IntegratorAccess
from varco.integrators.services import AccessRequest
from varco.people.errors import Refused
from varco.protocol.fault import Fault
from varco.registry.errors import Denied, Faults, Invalid
from varco.tenants.models import Tenant
from varco.tickets.fields import Asker, Choice, Details, Field, FieldType
from varco.tickets.models import Ticket

ACCESS_FIELDS = (
    Field(name="email", type=FieldType.EMAIL),
    Field(name="project", type=FieldType.TEXT, least=20, most=MAX_PROJECT),
    Field(name="sets", type=FieldType.CHOICES, required=False, choices=lambda _asker: sets()),
    Field(name="permissions", type=FieldType.CHOICES, required=False, choices=lambda _asker: permissions()),
    Field(name="client_id", type=FieldType.LINE, required=False, most=60),
    Field(name="first_day", type=FieldType.DATE, required=False),
    Field(name="last_day", type=FieldType.DATE),
)
EXTENSION_FIELDS = (
    Field(name="access", type=FieldType.CHOICE, choices=lambda asker: accesses(asker)),  # noqa: PLW0108 - it stands below
    Field(name="last_day", type=FieldType.DATE),
    Field(name="reason", type=FieldType.TEXT, least=10, most=MAX_PROJECT),
)


def sets() -> tuple[Choice, ...]:
    """The permission sets of the catalogue, which have words of their own."""
    return tuple(Choice(name) for name in catalog.current().permission_sets)


def permissions() -> tuple[Choice, ...]:
    """Its single permissions."""
    return tuple(Choice(name) for name in catalog.current().permissions)


def accesses(asker: Asker) -> tuple[Choice, ...]:
    """The accesses of the asker's clinic that could be extended."""
    if asker.managed is None:
        return ()
    return tuple(Choice(one.email, f"{one.email} · {one.last_day}") for one in queries.open_at(asker.managed)[:200])


def access_request(details: Mapping[str, object]) -> AccessRequest:
    """What a form asks for; chosen sets as their permissions."""
    known = catalog.current().permission_sets
    chosen = {name for one in _names(details, "sets") if one in known for name in known[one].permissions}
    return AccessRequest(
        email=str(details.get("email", "")),
        project=str(details.get("project", "")),
        permissions=tuple(sorted(chosen | set(_names(details, "permissions")))),
        client_id=str(details.get("client_id", "")),
        first_day=_day(details, "first_day"),
        last_day=_day(details, "last_day"),
    )


def check(asker: Asker, details: Details, _about: object) -> Faults:
    """What speaks against a request, beside its field."""
    if asker.managed is None:
        raise Denied
    faults = integrators.check(asker.managed, access_request(details))
    if "permissions" in faults:
        faults["sets"] = faults.pop("permissions")
    return faults


def approve(ticket: Ticket, origin: Origin, _text: str) -> str:
    """Give the access; the invitation goes out on its first day. Raises `Refused` where something speaks against it by now."""
    try:
        integrators.grant(access_request(ticket.details), _tenant(ticket), ticket.opener, origin, ticket=ticket.number)
    except Invalid as invalid:
        raise _refused(invalid) from None
    return "integrator_given"


def check_extension(asker: Asker, details: Details, _about: object) -> Faults:
    """What speaks against an extension: a day that is not later, or too far."""
    access, day = _access(asker.managed, details), _day(details, "last_day")
    if access is None or day is None:
        return {"access": [Fault(IntegratorFault.OVER)]}
    code = integrators.fault_of_extension(access, day)
    return {"last_day": [Fault(code)]} if code else {}


def extend(ticket: Ticket, origin: Origin, _text: str) -> str:
    """Let it end later. Raises `Refused` where something speaks against it by now."""
    access, day = _access(ticket.tenant, ticket.details), _day(ticket.details, "last_day")
    # Another access to the same address, given since, with other permissions, was not what was asked about.
    if access is None or day is None or access.granted_at > ticket.opened_at:
        raise Refused(IntegratorFault.OVER)
    try:
        integrators.extend(access, origin, last_day=day)
    except Invalid as invalid:
        raise _refused(invalid) from None
    return "integrator_extended"


def subject_of_extension(details: Details) -> str:
    """The address, and the day that is asked for."""
    return f"{details['access']} · {details['last_day']}"


def _refused(invalid: Invalid) -> Refused:
    fault = next(fault for found in invalid.faults.values() for fault in found)
    return Refused(fault.code, **fault.parameters)


def _tenant(ticket: Ticket) -> Tenant:
    if ticket.tenant is None:
        raise Refused(IntegratorFault.TENANT_NOT_ACTIVE)
    return ticket.tenant


def _access(tenant: Tenant | None, details: Mapping[str, object]) -> IntegratorAccess | None:
    found = queries.open_at(tenant).filter(email=str(details.get("access", ""))) if tenant else None
    return found.select_related("tenant").first() if found is not None else None


def _names(details: Mapping[str, object], name: str) -> list[str]:
    found = details.get(name, [])
    return [str(one) for one in found] if isinstance(found, list) else []


def _day(details: Mapping[str, object], name: str) -> dt.date | None:
    found = str(details.get(name, ""))
    return dt.date.fromisoformat(found) if found else None
