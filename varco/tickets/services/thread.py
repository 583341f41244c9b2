"""What is written in a ticket: answers with files, internal notes, and the end of it. An answer opens it again for a while."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from varco import clock
from varco.audit.services import Origin
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.protocol.fault import Fault
from varco.registry.errors import Conflict, Invalid
from varco.tickets import access, entries, factors, kinds, words
from varco.tickets.access import Side
from varco.tickets.errors import TicketConflict, TicketFault
from varco.tickets.models import Entry, Ticket
from varco.tickets.notifications import TicketAnswered, TicketClosed, TicketOpened
from varco.tickets.services import attaching
from varco.tickets.services.attaching import Upload
from varco.tickets.services.locking import Locked, lock, written

__all__ = ["Upload", "close", "may_reopen", "note", "reply"]

MOST_A_DAY = 60
"""Messages of one person in a day, the vendor's people aside."""


def reply(
    ticket: Ticket, origin: Origin, *, text: str, uploads: Sequence[Upload] = (), version: int | None = None
) -> None:
    """Write an answer; then it is the other side's turn. To a closed ticket it opens it again, within the time for that.

    `version` is for the vendor's people, of whom two may answer at once.
    """
    value = written(text)
    attaching.check(uploads, origin, ticket)
    with attaching.kept(uploads) as kept, transaction.atomic():
        locked = lock(ticket, origin)
        locked.check_version(version)
        _check_flood(locked)
        if locked.ticket.state == Ticket.State.CLOSED:
            _reopen(locked)
        entry = entries.add(locked.ticket, Entry.Sort.MESSAGE, locked.actor, locked.side, text=value)
        attaching.enter(entry, kept)
        words.add(locked.ticket, value)
        locked.move(_turn(locked))
        locked.save()
        locked.record(Tag.TICKET_REPLIED, side=str(locked.side), files=len(kept))
        _tell(locked)


def _turn(locked: Locked) -> Ticket.State:
    """Whose turn it is after an answer. What still has to be proven waits for that, whatever is written meanwhile."""
    if _unproven(locked.ticket) or locked.side == Side.STAFF:
        return Ticket.State.WAITING
    return Ticket.State.OPEN


def _unproven(ticket: Ticket) -> bool:
    open_to_it = kinds.of(ticket).proof and ticket.outcome == "" and ticket.confirmed_at is None
    return open_to_it and bool(factors.provers(ticket))


def _check_flood(locked: Locked) -> None:
    if locked.side == Side.STAFF:
        return
    since = clock.now_ms() - 86_400_000
    today = Entry.objects.filter(author=locked.actor, at_ms__gt=since, sort=Entry.Sort.MESSAGE).count()
    if today >= MOST_A_DAY:
        raise Invalid({"text": [Fault(TicketFault.TOO_MANY_MESSAGES, {"limit": MOST_A_DAY})]})


def may_reopen(ticket: Ticket) -> bool:
    """Whether an answer still opens a closed ticket again."""
    return ticket.closed_at is not None and clock.now() - ticket.closed_at <= settings.VARCO.ticket_reopen


def _reopen(locked: Locked) -> None:
    """Open it again: what was refused or settled can be decided anew, what was approved stays done."""
    ticket = locked.ticket
    if not may_reopen(ticket):
        raise Conflict(TicketConflict.CLOSED_LONG)
    if ticket.outcome != Ticket.Outcome.APPROVED:
        ticket.outcome, ticket.first_approver = "", None
    entries.add_act(ticket, "reopened", locked.origin, locked.side)


def _tell(locked: Locked) -> None:
    if locked.side == Side.STAFF:
        notify(TicketAnswered(locked.ticket), access.askers(locked.ticket))
    elif locked.ticket.state == Ticket.State.OPEN:
        notify(TicketOpened(locked.ticket, new=False), access.staff_to_tell(locked.ticket))


@transaction.atomic
def note(ticket: Ticket, origin: Origin, *, text: str) -> None:
    """Write something that the vendor's people alone read. It is nobody else's turn by it."""
    locked = lock(ticket, origin, Side.STAFF)
    entries.add(locked.ticket, Entry.Sort.NOTE, locked.actor, locked.side, text=written(text))
    locked.save()
    locked.record(Tag.TICKET_NOTED)


@transaction.atomic
def close(ticket: Ticket, origin: Origin, *, text: str = "", version: int | None = None) -> None:
    """End it as settled: whoever asked needs it no more, or the vendor's people have answered what is only answered.

    Raises `Conflict` for a closed one, and where the vendor's people have to approve or refuse.
    """
    locked = lock(ticket, origin)
    locked.check_version(version)
    if locked.ticket.state == Ticket.State.CLOSED:
        raise Conflict(TicketConflict.CLOSED)
    if locked.side == Side.STAFF and locked.kind.decided and locked.ticket.outcome == "":
        raise Conflict(TicketConflict.NOT_CLOSED_BUT_DECIDED)
    value = written(text) if text.strip() else ""
    entries.add_act(locked.ticket, "closed", locked.origin, locked.side, text=value)
    words.add(locked.ticket, value)
    locked.move(Ticket.State.CLOSED, locked.ticket.outcome or Ticket.Outcome.SETTLED)
    locked.save()
    locked.record(Tag.TICKET_CLOSED, side=str(locked.side))
    notify(TicketClosed(locked.ticket), [user for user in access.askers(locked.ticket) if user.pk != locked.actor.pk])
