"""Who acts, and the row they act on: what every service of this app begins with."""

from typing import NoReturn

from varco.accounts.models import User
from varco.accounts.queries import read_again
from varco.audit.services import Origin
from varco.databases import only
from varco.integrators import agenda, limits
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import MAX_PROJECT, IntegratorAccess
from varco.protocol.fault import Fault
from varco.registry.errors import Denied, Invalid
from varco.registry.validation import text_faults
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant


def refused(code: IntegratorFault, field: str = "", **parameters: str | int) -> NoReturn:
    """Raise `Invalid` with one fault."""
    raise Invalid({field: [Fault(code, parameters)]})


def manager(tenant: Tenant | None, origin: Origin) -> tuple[User, Tenant]:
    """Who acts and the clinic they manage, which has to be this one if one is named. Raises `Denied`."""
    actor = read_again(origin.actor)
    managed = tenants.managed_by(actor) if actor is not None and actor.is_active else None
    if actor is None or managed is None or (tenant is not None and managed != tenant):
        raise Denied
    return actor, managed


def support(origin: Origin) -> User:
    """Who acts, if they answer for all: support or an operator. Raises `Denied`."""
    actor = read_again(origin.actor)
    if actor is None or not actor.is_active or not actor.answers_for_all:
        raise Denied
    return actor


def locked(access: IntegratorAccess) -> IntegratorAccess:
    """The access as it stands now, locked until the transaction ends. Raises `Denied`."""
    rows = IntegratorAccess.objects.select_for_update(of=("self",)).filter(pk=access.pk)
    found = only(rows.select_related("tenant", "user", "application", "asked_by"))
    if found is None:
        raise Denied
    return found


def reason(text: str, field: str = "text") -> str:
    """Why, as it is kept. Raises `Invalid`."""
    found = text.replace("\r\n", "\n").strip()
    faults = reason_faults(found)
    if faults:
        raise Invalid({field: faults})
    return found


def reason_faults(text: str) -> list[Fault]:
    """What is wrong with a reason: there is none, it is too long, or something in it cannot be seen."""
    return text_faults(text, MAX_PROJECT, multiline=True) if text else [Fault(IntegratorFault.REASON_MISSING)]


def plan(access: IntegratorAccess) -> None:
    """Set when something is next to be done at it, without saving it: never in the past, which would be done at once."""
    access.due_at = agenda.next_at(access, access.tenant.zone, limits.current())


def managers(access: IntegratorAccess) -> list[User]:
    """Whom the clinic's side of a mail goes to."""
    return tenants.people_managing(access.tenant)


def holder(access: IntegratorAccess) -> list[User]:
    """Whom the other side goes to: the person, or the address that was invited, in the language of whoever asked.

    Nobody, once the person has closed their account: it has no address any more.
    """
    if access.user is not None:
        return [access.user] if access.user.closed_at is None else []
    language = access.asked_by.language if access.asked_by else "en"
    return [User(email=access.email, language=language)]
