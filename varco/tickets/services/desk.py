"""The vendor's side: who works a ticket, and what is decided about it."""

from django.db import transaction

from varco.accounts.models import User
from varco.accounts.queries import read_again
from varco.audit.services import Origin
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.people.errors import Refused
from varco.protocol.fault import Fault
from varco.registry.errors import Conflict, Denied, Invalid
from varco.tickets import access, entries, words
from varco.tickets.access import Side
from varco.tickets.errors import TicketConflict, TicketFault
from varco.tickets.models import Ticket
from varco.tickets.notifications import TicketDecided
from varco.tickets.services.locking import Locked, lock, written


@transaction.atomic
def assign(ticket: Ticket, origin: Origin, *, to: User | None, version: int | None = None) -> None:
    """Give a ticket to one of the vendor's people, or to nobody."""
    locked = lock(ticket, origin, Side.STAFF)
    locked.check_version(version)
    assignee = read_again(to)
    if to is not None and (assignee is None or access.side_of(assignee, locked.ticket) != Side.STAFF):
        raise Invalid({"assignee": [Fault(TicketFault.ASSIGNEE)]})
    if locked.ticket.assignee_id == (assignee.pk if assignee else None):
        return
    locked.ticket.assignee = assignee
    entries.add_act(locked.ticket, "assigned", origin, locked.side, to=assignee.name if assignee else "")
    locked.save()
    locked.record(Tag.TICKET_ASSIGNED, to=assignee.public_id if assignee else "")


@transaction.atomic
def approve(ticket: Ticket, origin: Origin, *, text: str = "", version: int | None = None) -> bool:
    """Approve, and do what that does; False where it takes another one of the vendor's people too, who has to follow.

    Raises `Conflict` where it was decided meanwhile, the person is not proven, or the act is refused: then nothing was done.
    """
    locked = _to_decide(ticket, origin, version)
    value = written(text) if text.strip() else ""
    if access.needs_two(locked.ticket) and not _is_second(locked):
        _approve_first(locked, value)
        return False
    if locked.kind.proof and locked.ticket.confirmed_at is None and not access.needs_two(locked.ticket):
        raise Conflict(TicketConflict.NOT_CONFIRMED)
    try:
        done = locked.kind.on_approval(locked.ticket, origin, value)
    except Refused as refused:
        raise Conflict(TicketConflict.ACT_REFUSED, why=str(refused.fault.code)) from None
    _decided(locked, Ticket.Outcome.APPROVED, value, done)
    return True


@transaction.atomic
def refuse(ticket: Ticket, origin: Origin, *, text: str, version: int | None = None) -> None:
    """Refuse, with the reason that whoever asked reads."""
    locked = _to_decide(ticket, origin, version)
    value = written(text, missing=TicketFault.REASON_MISSING)
    locked.kind.on_refusal(locked.ticket, origin, value)
    _decided(locked, Ticket.Outcome.REFUSED, value, "")


def _to_decide(ticket: Ticket, origin: Origin, version: int | None) -> Locked:
    """The ticket, if this person may decide about it now. Raises `Denied` and `Conflict`."""
    locked = lock(ticket, origin, Side.STAFF)
    if not access.decides(locked.actor, locked.ticket) or not locked.kind.decided:
        raise Denied
    if locked.ticket.outcome:
        raise Conflict(TicketConflict.DECIDED)
    locked.check_version(version)
    return locked


def _is_second(locked: Locked) -> bool:
    """Whether somebody else has approved already. Raises `Conflict` for the same person a second time."""
    first = locked.ticket.first_approver
    if first is not None and first.pk == locked.actor.pk:
        raise Conflict(TicketConflict.SAME_APPROVER)
    return first is not None and access.decides(first, locked.ticket)


def _approve_first(locked: Locked, text: str) -> None:
    locked.ticket.first_approver = locked.actor
    entries.add_act(locked.ticket, "first_approved", locked.origin, locked.side, text=text)
    locked.save()
    locked.record(Tag.TICKET_FIRST_APPROVED)


def _decided(locked: Locked, outcome: Ticket.Outcome, text: str, done: str) -> None:
    """Note the decision, end the ticket and tell whoever asked."""
    entries.add_act(locked.ticket, str(outcome), locked.origin, locked.side, text=text, done=done)
    words.add(locked.ticket, text)
    locked.move(Ticket.State.CLOSED, outcome)
    locked.save()
    approved = outcome == Ticket.Outcome.APPROVED
    locked.record(Tag.TICKET_APPROVED if approved else Tag.TICKET_REFUSED, reason=text, done=done)
    notify(TicketDecided(locked.ticket, text), access.askers(locked.ticket))
