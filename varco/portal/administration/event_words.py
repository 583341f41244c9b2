"""Events of the record as the operators' pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from varco.accounts import queries as accounts
from varco.audit.models import Event

_MOMENTS = frozenset({"until", "active_at", "expires_at"})
"""Names of a detail that are epoch seconds."""


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
            [(name, _text(name, value)) for name, value in row.detail.items() if value not in (None, "", False)],
        )
        for row in rows
    ]


def _text(name: str, value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_text(key, item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    if name in _MOMENTS and isinstance(value, int):
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return str(value)
