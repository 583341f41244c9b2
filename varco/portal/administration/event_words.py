"""Events of the record as the operators' pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from varco.accounts import queries as accounts
from varco.audit.models import Event


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event: who did what to whom, and the detail as lines."""

    event: Event
    actor: str
    concerned: str
    detail: list[tuple[str, str]]


def event_rows(events: Iterable[Event]) -> list[EventRow]:
    """Events with the names of the people concerned, in their order; one statement for all of them."""
    rows = list(events)
    names = accounts.names_of({row.user for row in rows if row.user})
    return [
        EventRow(
            row,
            row.actor_name or row.actor,
            names.get(row.user, row.user) if row.user != row.actor else "",
            [(name, _text(value)) for name, value in row.detail.items()],
        )
        for row in rows
    ]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return " → ".join(map(_text, value)) if len(value) == 2 else ", ".join(map(_text, value))
    return str(value)
