"""Tickets that are right, to change one thing in; and opening them as the services do."""

import datetime as dt
from typing import Any

from tests.support import integrators
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
    "integrator_access": {
        "email": "ivo@integra.example",
        "project": "Integra Srl moves the agenda to their product.",
        "sets": ["bookings"],
        "last_day": lambda: (integrators.today() + dt.timedelta(days=60)).isoformat(),  # noqa: PLW0108 - today is asked for then
    },
    "integrator_extension": {
        "access": "ines@integra.example",
        "last_day": lambda: (integrators.today() + dt.timedelta(days=90)).isoformat(),  # noqa: PLW0108 - today is asked for then
        "reason": "The agenda moves a month later.",
    },
    "question": {"topic": "Who may block an application?", "text": "Our accountant asks whether she can."},
}
"""What the form of each kind holds."""

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


def opened(user: User, kind: str, *uploads: services.Upload, half: bool = False, **changes: Any) -> Ticket:
    """A ticket of a kind, opened by somebody who is signed in, or whose sign-in waits for its second step."""
    asker: Asker = access.half_signed_in(user) if half else access.asker(user)
    wanted = {name: value() if callable(value) else value for name, value in (GIVEN[kind] | changes).items()}
    given = {name: value for name, value in wanted.items() if value is not None}
    return services.open_ticket(asker, kind, given, Origin(user), uploads)


def fresh(ticket: Ticket) -> Ticket:
    """The ticket as it stands now."""
    return Ticket.objects.select_related("opener", "person", "tenant", "first_approver").get(pk=ticket.pk)
