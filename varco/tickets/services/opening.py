"""Opening a ticket: whether this person may open one of this kind, whether its form is sound, and whose turn it then is."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from varco import clock
from varco.accounts.queries import locked as locked_account
from varco.audit.services import Origin
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.protocol.fault import Fault
from varco.registry.errors import Denied, Invalid
from varco.tickets import access, addresses, entries, factors, fields, kinds, words
from varco.tickets.errors import TicketFault
from varco.tickets.fields import Asker, Details
from varco.tickets.kinds import About, TicketKind
from varco.tickets.models import Entry, Ticket, new_number
from varco.tickets.notifications import TicketOpened, TicketReceived, TicketToConfirm
from varco.tickets.services import attaching
from varco.tickets.services.attaching import Upload
from varco.tickets.services.locking import record_of

MOST_OPEN = 20
"""Tickets that one person may have that are not closed."""


def open_ticket(
    asker: Asker, kind_code: str, given: Mapping[str, object], origin: Origin, uploads: Sequence[Upload] = ()
) -> Ticket:
    """Open a ticket. Raises `Denied` for a kind that this person may not open, or that there is not, and `Invalid`."""
    kind = kinds.BY_CODE.get(kind_code)
    if kind is None or not kind.may_open(asker):
        raise Denied
    details = fields.clean(kind.fields, asker, given)
    about = kind.about(asker, details)
    faults = kind.check(asker, details, about)
    if faults:
        raise Invalid(faults)
    attaching.check(uploads, origin)
    with attaching.kept(uploads) as written, transaction.atomic():
        _check_number(asker)
        ticket = _added(kind, asker, details, about)
        first = entries.add(ticket, Entry.Sort.ACT, asker.user, _side(asker, ticket), act="opened")
        attaching.enter(first, written)
        if kind.proof:
            _begin_proof(ticket)
        words.add(ticket, *_searched(ticket))
        record_of(ticket, Tag.TICKET_OPENED, origin, half_signed_in=asker.half, files=len(written))
        _tell(ticket)
    return ticket


def _check_number(asker: Asker) -> None:
    """Raise `Invalid` at the limit; the account's row is locked, so that two forms at once count each other."""
    locked_account(asker.user)
    open_now = Ticket.objects.filter(opener=asker.user).exclude(state=Ticket.State.CLOSED).count()
    if open_now >= MOST_OPEN and not asker.user.answers_for_all:
        raise Invalid({"": [Fault(TicketFault.TOO_MANY_OPEN, {"limit": MOST_OPEN})]})


def _added(kind: TicketKind, asker: Asker, details: Details, about: About) -> Ticket:
    of_clinic = kinds.Reader.CLINIC in kind.readers
    return Ticket.objects.create(
        number=_free_number(),
        kind=kind.code,
        subject=(about.person.name if kind.proof and about.person else kind.subject(details))[:160],
        details=details,
        opener=asker.user,
        opener_name=asker.user.name,
        tenant=about.tenant or (asker.managed if of_clinic else None),
        person=about.person,
        about_email=about.email,
        about_key=addresses.key(about.email) if about.email else "",
    )


def _free_number() -> int:
    """A number that no ticket has: among 50,000 of them, one opening in 1,800 draws a taken one."""
    return next(number for number in iter(new_number, None) if not Ticket.objects.filter(number=number).exists())


def _side(asker: Asker, ticket: Ticket) -> str:
    return str(access.side_of(asker.user, ticket) or access.Side.ASKER)


def _begin_proof(ticket: Ticket) -> None:
    """A manager who opens it for somebody has to confirm it like every other one; only then is it the vendor's turn."""
    if factors.provers(ticket):
        ticket.state, ticket.turn_at = Ticket.State.WAITING, clock.now()
        ticket.save(update_fields=["state", "turn_at"])


def _searched(ticket: Ticket) -> list[object]:
    people = [ticket.opener_name, ticket.opener.email if ticket.opener else "", ticket.about_email]
    people += [ticket.person.name if ticket.person else ""]
    clinic = ticket.tenant.name if ticket.tenant else ""
    return [ticket.number, ticket.subject, *people, clinic, *words.texts_of(ticket.details.values())]


def _tell(ticket: Ticket) -> None:
    if ticket.state == Ticket.State.WAITING and ticket.person:
        notify(TicketToConfirm(ticket, ticket.person), factors.provers(ticket))
    else:
        notify(TicketOpened(ticket, new=True), access.staff_to_tell(ticket))
    notify(TicketReceived(ticket), access.askers(ticket))
