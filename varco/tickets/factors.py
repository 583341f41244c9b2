"""Lost second factors: who has lost one, who can prove them, and the reset (S9).

A mailbox proves nobody: whoever has it and the password is the very person that a second factor is to keep out. So a manager of the
clinic confirms who they are, from person to person, or two of the vendor's people decide.
"""

from typing import TypedDict

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.people import accounts
from varco.protocol.fault import Fault
from varco.registry.errors import Faults
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant
from varco.tickets import addresses
from varco.tickets.errors import TicketFault
from varco.tickets.fields import Asker, Details
from varco.tickets.models import Ticket

LOST = ("phone", "key", "codes", "other")
"""What somebody may have lost: the telephone with the authenticator app, a passkey, the recovery codes, something else."""


class _About(TypedDict):
    person: User | None
    email: str
    tenant: Tenant | None


def about(asker: Asker, details: Details) -> _About:
    """Whom it is about: the asker, or the member of their clinic that a manager names; `person` is None for nobody of it."""
    email = str(details.get("member", ""))
    if not email:
        tenant = tenants.tenant_of(asker.user)
        return {"person": asker.user, "email": asker.user.email, "tenant": tenant}
    member = tenants.member_by_email(asker.managed, addresses.written(email)) if asker.managed else None
    return {"person": member, "email": email, "tenant": asker.managed}


def check(asker: Asker, details: Details, person: User | None) -> Faults:
    """Faults of the member that a manager names."""
    if person is None:
        return {"member": [Fault(TicketFault.NOT_A_MEMBER)]}
    if details.get("member") and person.pk == asker.user.pk:
        return {"member": [Fault(TicketFault.MEMBER_IS_SELF)]}
    return {}


def provers(ticket: Ticket) -> list[User]:
    """Who can prove the person: the managers of their clinic now, but for themselves. Anybody can make a sandbox: it proves nothing.

    A clinic that they have left says nothing of them any more; and for one of the vendor's people no clinic does, about whom two
    operators decide here as everywhere.
    """
    if ticket.tenant is None or ticket.person is None or ticket.tenant.kind != Tenant.Kind.PRODUCTION:
        return []
    if is_of_staff(ticket):
        return []
    if tenants.tenant_of(ticket.person) != ticket.tenant:
        return []
    return [user for user in tenants.people_managing(ticket.tenant) if user.pk != ticket.person_id]


def is_of_staff(ticket: Ticket) -> bool:
    """Whether it is about one of the vendor's people, about whom operators alone decide."""
    return ticket.person is not None and ticket.person.answers_for_all


def reset(ticket: Ticket, origin: Origin, _text: str) -> str:
    """Take the person's second factors away. Raises `Refused`."""
    assert ticket.person is not None  # noqa: S101 - checked when it was opened
    accounts.reset_factors(ticket.person, origin)
    return "factors_reset"
