"""Audited acts of the gate (S36): events of grants in the transaction of the act, access to clinical data before its answer (S41).

Access records stand in the clinic's own database. That of a read is committed before the answer leaves, together with those of other reads
of the moment: what was told is recorded, whatever happens next, and while nothing can be written nothing is told. That of a write is a step
of its transaction. What was refused is recorded as a read is.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from varco.audit.event import Subject, event_columns
from varco.audit.tags import Tag
from varco.gate.group_commit import GroupCommit
from varco.gate.http import Request, encode_json
from varco.gate.store import BoundStatement, Database
from varco.gate.store.sql.audit import ADD_ACCESS, ADD_EVENT, ADD_EVENT_ONCE, FORGET_EVENT, PENDING_EVENTS

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


class WriteAudit:
    """Events of writes that the release before left in the clinical databases, carried over into the audit of the platform."""

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


class AccessRecords:
    """Records of access to clinical data, each committed before its answer leaves."""

    def __init__(self, clinical: Mapping[str, Database]) -> None:
        self._commits = {alias: GroupCommit(database, ADD_ACCESS, batch=BATCH) for alias, database in clinical.items()}

    async def record(self, alias: str, columns: Mapping[str, Any]) -> None:
        """Add a record to one of the databases. Raises `StoreUnavailable` when it cannot be written."""
        await self._commits[alias].write(ADD_ACCESS.values(**columns))

    @property
    def waiting(self) -> int:
        """How many answers wait for their record to be committed."""
        return sum(commits.waiting for commits in self._commits.values())
