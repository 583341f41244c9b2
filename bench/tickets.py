"""Many tickets: rows as the services would have left them, for measuring lists and searches."""

from collections.abc import Iterator
from itertools import islice

from varco.accounts.models import User
from varco.tenants.models import Tenant
from varco.tickets import words
from varco.tickets.models import Ticket, TicketWord

KINDS = ("developer_activation", "sandbox", "lost_factor", "question")
NAMES = ("Ada", "Bruno", "Carla", "Dino", "Elena", "Fabio", "Gina", "Ivo", "Lea", "Marco", "Nora", "Ugo")
TOPICS = (
    "telephone system for the agenda", "invoices do not reach the accountant", "reports of the laboratory by night", "patients from the old software",
    "who may block an application", "the second step of signing in", "a sandbox for the spring course", "prescriptions on the telephone",
)  # fmt: skip
OPEN, WAITING = 400, 300
"""How many of them are not closed: a desk that keeps up."""
_FIRST = 10_000_000


def seed(size: int, openers: list[User], tenants: list[Tenant], staff: list[User]) -> None:
    """Add so many tickets, each with some thirty words."""
    made = _tickets(size, openers, tenants, staff)
    while batch := list(islice(made, 2000)):
        Ticket.objects.bulk_create(batch)
        TicketWord.objects.bulk_create(
            TicketWord(ticket=ticket, word=word)
            for ticket in batch
            for word in words.words_of(
                ticket.number, ticket.subject, ticket.opener_name, ticket.about_email, *_thread(ticket)
            )
        )


def _tickets(size: int, openers: list[User], tenants: list[Tenant], staff: list[User]) -> Iterator[Ticket]:
    for number in range(size):
        state = "open" if number % (size // OPEN) == 0 else "waiting" if number % (size // WAITING) == 1 else "closed"
        opener, at = openers[number % len(openers)], 1_700_000_000 + number * 60
        name = f"{NAMES[number % 12]} {NAMES[number // 12 % 12]}{number}"
        yield Ticket(
            number=_FIRST + number * 1000 + number * 7919 % 1000,
            kind=KINDS[number % 4],
            state=state,
            outcome="" if state != "closed" else "approved",
            subject=f"{TOPICS[number % 8]} {number}",
            opener=opener,
            opener_name=name,
            tenant=tenants[number % len(tenants)],
            about_email=f"{NAMES[number % 12].lower()}{number}@company{number % 3000}.example",
            about_key=f"a{number % 20_000}",
            assignee=staff[number % len(staff)] if number % 3 else None,
            opened_at=at,
            turn_at=at,
            updated_at=at,
            closed_at=at if state == "closed" else None,
        )


def _thread(ticket: Ticket) -> list[str]:
    return [
        f"ref{ticket.number % 4999}",
        TOPICS[(ticket.number + 3) % 8],
        "thank you for your patience we look into it",
    ]
