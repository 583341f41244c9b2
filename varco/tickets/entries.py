"""Adding to a thread: what somebody wrote, and what was done. Whoever calls has locked the ticket."""

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.tickets.models import Entry, Ticket


def add(
    ticket: Ticket, sort: Entry.Sort, author: User | None, side: str, *, text: str = "", act: str = "", **detail: str
) -> Entry:
    """Add one entry. `side` is a `tickets.access.Side`; `act` a code that the portal words, with its facts in `detail`."""
    return Entry.objects.create(
        ticket=ticket,
        sort=sort,
        act=act,
        author=author,
        author_name=author.name if author else "",
        side=side,
        text=text,
        detail=detail,
    )


def add_act(ticket: Ticket, act: str, origin: Origin, side: str = "", *, text: str = "", **detail: str) -> Entry:
    """Add what was done, by whom, and the words that went with it."""
    return add(ticket, Entry.Sort.ACT, origin.actor, side, text=text, act=act, **detail)
