"""Audited acts of the gate (S36): events of grants in the transaction of the act, reads of clinical data in batches.

A read is answered before its event is on disk, by a second at most, and by far less where many come. What waits is bounded: a
read that finds no room waits for it, and while nothing can be written reads are refused rather than left unrecorded. A write of clinical data is recorded in its own transaction, in the clinical database,
from where the event is carried over into the audit: however often that is tried, it stands there once.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from varco.audit.event import Subject, event_columns
from varco.audit.tags import Tag
from varco.gate.http import Request, encode_json
from varco.gate.store import BoundStatement, Database
from varco.gate.store.sql.audit import ADD_EVENT, ADD_EVENT_ONCE, ADD_PENDING_EVENT, FORGET_EVENT, PENDING_EVENTS
from varco.gate.write_queue import WriteQueue

WAITING_LIMIT = 5000
"""Most events that wait to be written."""

BATCH = 500
"""Rows written in one transaction."""


def event(tag: Tag, request: Request, about: Subject, now_ms: int, *, by_user: bool, **detail: Any) -> dict[str, Any]:
    """The columns of an event. `by_user`: the person acts, through the application; otherwise the system does."""
    return event_columns(
        tag,
        now_ms,
        about,
        actor=about.user if by_user else "",
        actor_name=about.user_name if by_user else "",
        ip=request.ip,
        request_id=request.id,
        detail=encode_json(detail).decode(),
    )


def step(
    tag: Tag, request: Request, about: Subject, now_ms: int, *, by_user: bool = False, **detail: Any
) -> BoundStatement[None]:
    """An event as a step of the transaction of its act."""
    return ADD_EVENT(**event(tag, request, about, now_ms, by_user=by_user, **detail))


def pending_event(tag: Tag, request: Request, about: Subject, now_ms: int, **detail: Any) -> BoundStatement[None]:
    """An event of a person's write, as a step of the transaction in a clinical database."""
    columns = event(tag, request, about, now_ms, by_user=True, **detail)
    return ADD_PENDING_EVENT(event_id=request.id, event=encode_json(columns).decode())


class WriteAudit:
    """Events that stand in the clinical databases, carried over into the audit of the platform."""

    def __init__(self, platform: Database, clinical: Iterable[Database]) -> None:
        self._platform = platform
        self._clinical = tuple(clinical)

    async def flush(self) -> None:
        """Carry over what waits. Raises `StoreUnavailable`; what was not carried over waits on, then."""
        for database in self._clinical:
            while rows := await database.all(PENDING_EVENTS(limit=BATCH)):
                events = [
                    ADD_EVENT_ONCE.values(**msgspec.json.decode(row.event), event_id=row.event_id) for row in rows
                ]
                await self._platform.write_many(ADD_EVENT_ONCE, events)
                await database.write_many(FORGET_EVENT, [FORGET_EVENT.values(id=row.id) for row in rows])


class ReadAudit:
    """Events of reads, waiting to be written together."""

    def __init__(self, database: Database) -> None:
        self._waiting = WriteQueue(database, ADD_EVENT, _as_it_is, limit=WAITING_LIMIT, batch=BATCH)

    async def record(self, tag: Tag, request: Request, about: Subject, now_ms: int, **detail: Any) -> None:
        """Record that a person read clinic data through an application. Raises `StoreUnavailable` when it cannot be written."""
        if self._waiting.full:
            await self._waiting.wait_for_room()
        self._waiting.add(ADD_EVENT.values(**event(tag, request, about, now_ms, by_user=True, **detail)))

    @property
    def waiting(self) -> int:
        """How many events wait to be written."""
        return len(self._waiting)

    async def flush(self) -> None:
        """Write what waits. Raises `StoreUnavailable`; nothing is lost then."""
        await self._waiting.flush()


async def _as_it_is(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row
