"""A manager of the clinic says that somebody who lost a second factor is who they say, or that it is not them."""

from django.db import transaction

from varco import clock
from varco.audit.services import Origin
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.registry.errors import Conflict, Denied
from varco.tickets import access, entries
from varco.tickets.errors import TicketConflict, TicketFault
from varco.tickets.models import Ticket
from varco.tickets.notifications import TicketDecided, TicketOpened
from varco.tickets.services.locking import Locked, lock, written


@transaction.atomic
def confirm(ticket: Ticket, origin: Origin, *, text: str, version: int | None = None) -> None:
    """Confirm that the person is who they say; `text` is how the manager knows. Now the vendor's people decide."""
    locked = _locked(ticket, origin, version)
    value = written(text, missing=TicketFault.REASON_MISSING)
    locked.ticket.confirmed_by, locked.ticket.confirmed_at = locked.actor, clock.now()
    entries.add_act(locked.ticket, "confirmed", locked.origin, locked.side, text=value)
    locked.move(Ticket.State.OPEN)
    locked.save()
    locked.record(Tag.TICKET_PERSON_CONFIRMED)
    notify(TicketOpened(locked.ticket, new=True), access.staff_to_tell(locked.ticket))


@transaction.atomic
def deny(ticket: Ticket, origin: Origin, *, text: str, version: int | None = None) -> None:
    """Say that it is not them. The ticket is refused, and the vendor's people are told: somebody has their password."""
    locked = _locked(ticket, origin, version)
    value = written(text, missing=TicketFault.REASON_MISSING)
    entries.add_act(locked.ticket, "denied", locked.origin, locked.side, text=value)
    locked.move(Ticket.State.CLOSED, Ticket.Outcome.REFUSED)
    locked.save()
    locked.record(Tag.TICKET_PERSON_DENIED)
    notify(TicketDecided(locked.ticket, value), access.askers(locked.ticket))
    notify(TicketOpened(locked.ticket, new=False), access.staff_to_tell(locked.ticket))


def _locked(ticket: Ticket, origin: Origin, version: int | None) -> Locked:
    locked = lock(ticket, origin)
    if not access.may_confirm(locked.actor, locked.ticket):
        raise Denied
    if locked.ticket.state == Ticket.State.CLOSED:
        raise Conflict(TicketConflict.CLOSED)
    if locked.ticket.confirmed_at is not None:
        raise Conflict(TicketConflict.CONFIRMED_ALREADY)
    locked.check_version(version)
    return locked
