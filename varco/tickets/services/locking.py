"""Locking a ticket: its row read again, the side of the actor, the version they saw, and the move to another state."""

from dataclasses import dataclass
from typing import Any

from varco import clock
from varco.accounts.models import User
from varco.accounts.queries import read_again
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.protocol.fault import Fault
from varco.registry.errors import Conflict, Denied, Invalid
from varco.tickets import access, kinds
from varco.tickets.access import Side
from varco.tickets.errors import TicketConflict, TicketFault
from varco.tickets.fields import MAX_TEXT, sound_text
from varco.tickets.kinds import TicketKind
from varco.tickets.models import Ticket


@dataclass(slots=True)
class Locked:
    """A ticket whose row this transaction holds."""

    ticket: Ticket
    side: Side
    actor: User
    origin: Origin

    @property
    def kind(self) -> TicketKind:
        """Its kind."""
        return kinds.of(self.ticket)

    def check_version(self, version: int | None) -> None:
        """Raise `Conflict` if the person acted on something else than what stands now; None is not checked."""
        if version is not None and version != self.ticket.version:
            raise Conflict(TicketConflict.CHANGED)

    def move(self, state: Ticket.State, outcome: str | None = None) -> None:
        """Give it another state, and note whose turn it is since when. `save` writes it."""
        ticket, now = self.ticket, clock.now()
        if state != ticket.state:
            ticket.turn_at = now
            ticket.closed_at = now if state == Ticket.State.CLOSED else None
        ticket.state = state
        if outcome is not None:
            ticket.outcome = outcome

    def save(self) -> None:
        """Write everything, under the next version."""
        self.ticket.updated_at = clock.now()
        self.ticket.version += 1
        self.ticket.save()

    def record(self, tag: Tag, **detail: Any) -> None:
        """Add the event of an act; never what was written."""
        record_of(self.ticket, tag, self.origin, **detail)


def record_of(ticket: Ticket, tag: Tag, origin: Origin, **detail: Any) -> None:
    """Add an event about a ticket."""
    record(tag, origin, user=ticket.person, tenant=ticket.tenant, number=ticket.number, kind=ticket.kind, **detail)


def lock(ticket: Ticket, origin: Origin, *sides: Side) -> Locked:
    """Take the ticket's row until the transaction ends. Raises `Denied` for an actor on none of the sides."""
    # Alone: of rows joined to it PostgreSQL answers with what stood there before it waited for the lock.
    found = Ticket.objects.select_for_update().filter(pk=ticket.pk).first()
    actor = read_again(origin.actor)
    side = access.side_of(actor, found) if found else None
    if found is None or actor is None or side is None or (sides and side not in sides):
        raise Denied
    return Locked(found, side, actor, origin)


def written(text: str, *, missing: TicketFault = TicketFault.TEXT_MISSING, name: str = "text") -> str:
    """What somebody wrote, with the line ends of this house. Raises `Invalid` for nothing, too much and what cannot be read."""
    value = text.replace("\r\n", "\n").strip()
    fault = Fault(missing) if not value else sound_text(value, most=MAX_TEXT)
    if fault:
        raise Invalid({name: [fault]})
    return value
