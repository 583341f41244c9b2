"""Sandboxes that people ask for: a clinic with invented data, and somebody who manages it."""

from varco import catalog
from varco.accounts import queries as accounts_queries
from varco.audit.services import Origin
from varco.clinical.seed import services as seed
from varco.people import accounts, clinics, invitations
from varco.people.accounts import NewAccount
from varco.people.errors import PeopleFault, Refused
from varco.protocol.fault import Fault
from varco.registry.errors import Faults
from varco.tenants import queries as tenants
from varco.tickets.errors import TicketFault
from varco.tickets.fields import Asker, Details
from varco.tickets.models import Ticket

PATIENTS = 60
"""Invented patients that a sandbox begins with."""
AGENDAS = (("Agenda 1", "", "#1f6f54"), ("Agenda 2", "", "#2f5d9b"))


def check(asker: Asker, details: Details, _about: object) -> Faults:
    """Whoever belongs to a clinic names somebody else: a person belongs to one clinic (S5)."""
    email = details.get("email") or asker.user.email
    if email == asker.user.email and tenants.tenant_of(asker.user) is not None:
        return {"email": [Fault(TicketFault.MISSING)]}
    return {}


def create(ticket: Ticket, origin: Origin, _text: str) -> str:
    """Make the sandbox and its manager, who is invited if there is no account. Raises `Refused`."""
    details = ticket.details
    tenant = clinics.create(str(details["name"]), origin, sandbox=True)
    user = accounts_queries.by_email(ticket.about_email)
    if user is None:
        user = accounts.create(NewAccount(email=ticket.about_email, language=_language(ticket)), origin)
    if not user.is_active:
        raise Refused(PeopleFault.INACTIVE, email=user.email)
    role = catalog.current().managers[0]
    clinics.add_member(user, tenant, role, origin, permissions=clinics.every_permission())
    if not user.has_usable_password():
        invitations.invite(user, origin)
    if details["data"] == "invented":
        # Another database, which shares no transaction with this one: last, so that nothing but invented rows can be left over.
        seed.fill(
            tenant.public_id,
            database=tenant.database,
            seed=tenant.public_id,
            patients=PATIENTS,
            agendas=AGENDAS,
            zone=tenant.zone,
        )
    return "sandbox_created"


def _language(ticket: Ticket) -> str:
    return ticket.opener.language if ticket.opener else "en"
