"""Tickets that are right, to change one thing in; and opening them as the services do."""

from typing import Any

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.tickets import access, services
from varco.tickets.fields import Asker
from varco.tickets.models import Ticket

GIVEN: dict[str, dict[str, Any]] = {
    "developer_activation": {
        "email": "nina@nuova.example",
        "company": "Nuova Srl",
        "purpose": "They connect our telephone system to the agenda.",
    },
    "sandbox": {"name": "Prova di Davide", "data": "invented", "purpose": "Trying the API."},
    "lost_factor": {"lost": "phone", "story": "It fell into the sea on Saturday."},
    "question": {"topic": "Who may block an application?", "text": "Our accountant asks whether she can."},
}
"""What the form of each kind holds."""

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


def opened(user: User, kind: str, *uploads: services.Upload, half: bool = False, **changes: Any) -> Ticket:
    """A ticket of a kind, opened by somebody who is signed in, or whose sign-in waits for its second step."""
    asker: Asker = access.half_signed_in(user) if half else access.asker(user)
    given = {name: value for name, value in (GIVEN[kind] | changes).items() if value is not None}
    return services.open_ticket(asker, kind, given, Origin(user), uploads)


def fresh(ticket: Ticket) -> Ticket:
    """The ticket as it stands now."""
    return Ticket.objects.select_related("opener", "person", "tenant", "first_approver").get(pk=ticket.pk)
