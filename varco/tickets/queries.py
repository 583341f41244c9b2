"""Reading tickets: one by its number, a person's own, the inbox, and what was decided before about an address."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from varco import clock
from varco.accounts.models import User
from varco.registry.deadline import due_at, late_if_before
from varco.tenants.models import Tenant
from varco.tickets import access, kinds, words
from varco.tickets.access import Side
from varco.tickets.models import Attachment, Entry, Ticket

_WITH = ("opener", "tenant", "person", "assignee", "confirmed_by", "first_approver")


class Clock(NamedTuple):
    """When a ticket is to be answered (epoch seconds), and how it stands with that: `late`, `soon` or empty."""

    due_at: int
    state: str


class Waiting(NamedTuple):
    """How many tickets wait for the vendor's people, and how many of them are overdue."""

    number: int
    late: int


def by_number(number: int, user: User) -> tuple[Ticket, Side] | None:
    """A ticket and the side on which somebody stands to it; None for one that does not exist for them."""
    ticket = Ticket.objects.select_related(*_WITH).filter(number=number).first() if number < 2**63 else None
    side = access.side_of(user, ticket) if ticket else None
    return (ticket, side) if ticket and side else None


def own(user: User, managed: Tenant | None, text: str = "", *, state: str = "") -> QuerySet[Ticket]:
    """The tickets that somebody asked for, and those of the clinic they manage, the latest first; `with_all` makes rows of a page of it."""
    found = Ticket.objects.filter(access.visible_to(user, managed))
    if state in Ticket.State.values:
        found = found.filter(state=state)
    return words.found_by(found, text).order_by("-updated_at", "-pk").only("pk")


def inbox(
    text: str = "", *, state: str = "", kind: str = "", assignee: User | None = None, unassigned: bool = False
) -> QuerySet[Ticket]:
    """All tickets for the vendor's people: what is open or waits by how long it has, the rest by when it last changed.

    `with_all` makes rows of a page of it.
    """
    found = Ticket.objects.all()
    if state in Ticket.State.values:
        found = found.filter(state=state)
    if kind in kinds.BY_CODE:
        found = found.filter(kind=kind)
    if assignee is not None:
        found = found.filter(assignee=assignee)
    elif unassigned:
        found = found.filter(assignee=None)
    found = words.found_by(found, text)
    by_turn = state in {Ticket.State.OPEN, Ticket.State.WAITING}
    return (found.order_by("turn_at", "pk") if by_turn else found.order_by("-updated_at", "-pk")).only("pk")


def with_all(page: Iterable[Ticket]) -> list[Ticket]:
    """The tickets of a page with all that a list shows of them, in their order.

    Read apart from finding them: of a long list a database would join every row before it sorts them and throws most away.
    """
    order = [ticket.pk for ticket in page]
    rows = Ticket.objects.select_related("tenant", "opener", "person", "assignee").in_bulk(order)
    return [rows[pk] for pk in order]


def thread(ticket: Ticket, side: Side) -> QuerySet[Entry]:
    """What was written and done, the newest first; internal notes for the vendor's people alone."""
    found = Entry.objects.filter(ticket=ticket).prefetch_related("attachments").order_by("-at_ms", "-pk")
    return found if side == Side.STAFF else found.exclude(sort=Entry.Sort.NOTE)


def since(ticket: Ticket, version: int, side: Side) -> list[Entry]:
    """The last things that happened to a ticket since a version of it was shown; five at most."""
    return list(thread(ticket, side)[: min(5, max(0, ticket.version - version))])


def open_of(person: User, kind: str) -> Ticket | None:
    """The ticket of a kind about somebody that is not closed, the latest."""
    found = Ticket.objects.filter(person=person, kind=kind).exclude(state=Ticket.State.CLOSED)
    return found.order_by("-updated_at").first()


def attachment(ticket: Ticket, side: Side, pk: int) -> Attachment | None:
    """A file of a ticket; those of internal notes for the vendor's people alone."""
    found = Attachment.objects.filter(ticket=ticket, pk=min(pk, 2**63 - 1))
    if side != Side.STAFF:
        found = found.exclude(entry__sort=Entry.Sort.NOTE)
    return found.first()


def decided_before(ticket: Ticket) -> QuerySet[Ticket]:
    """Other tickets about the same address or one that is easily taken for it, the latest first."""
    if not ticket.about_key:
        return Ticket.objects.none()
    found = Ticket.objects.filter(about_key=ticket.about_key).exclude(pk=ticket.pk).select_related("tenant")
    return found.order_by("-updated_at", "-pk")


def clock_of(ticket: Ticket) -> Clock | None:
    """The clock of a ticket that waits for the vendor's people; None of any other."""
    if ticket.state != Ticket.State.OPEN or ticket.kind not in kinds.BY_CODE:
        return None
    days, now = kinds.of(ticket).clock_days, clock.now()
    due = ticket.opened_at + days * 86400 if days else due_at(ticket.turn_at)
    return Clock(due, "late" if due < now else "soon" if due - now < 86400 else "")


def waiting_for_staff() -> Waiting:
    """What waits for the vendor's people."""
    late = Count("pk", filter=Q(turn_at__lt=late_if_before(clock.now())))
    found = Ticket.objects.filter(state=Ticket.State.OPEN).aggregate(number=Count("pk"), late=late)
    return Waiting(found["number"], found["late"])


def waiting_for(user: User, managed: Tenant | None) -> int:
    """How many tickets wait for somebody's answer or confirmation."""
    return Ticket.objects.filter(access.visible_to(user, managed), state=Ticket.State.WAITING).count()


def stored_names() -> set[str]:
    """The random names of all attachments."""
    return set(Attachment.objects.values_list("stored", flat=True))


def checksums() -> dict[str, str]:
    """SHA-256 of every attachment, by its random name."""
    return dict(Attachment.objects.values_list("stored", "sha256"))
