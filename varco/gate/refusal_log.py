"""The log of refused requests, for the developers of the applications concerned (S33).

Written off the hot path, in batches. It is the one record that may lose something: of one application's refusals so many
are kept a minute, and of all together what fits the queue. What is lost is said in the trace of the application concerned.
"""

import logging
import secrets
from collections import Counter
from typing import Any, NamedTuple

from varco.gate.auth.client_cache import ClientCache
from varco.gate.http import Request
from varco.gate.store import Database
from varco.gate.store.sql.audit import ADD_REFUSAL
from varco.gate.write_queue import WriteQueue
from varco.protocol.errors import OAuthError
from varco.protocol.refusal_log import KEPT_A_MINUTE, RefusalRow, flood, missing, refused

logger = logging.getLogger("varco.gate")

WAITING_LIMIT = 2000
"""Most rows that wait to be written."""

BATCH = 200
"""Rows written in one transaction."""


class WaitingRow(NamedTuple):
    """One row that waits; the application may still have to be looked up."""

    at: int
    request_id: str
    endpoint: str
    application_id: int | None
    client_id: str
    row: RefusalRow


class RefusalLog:
    """A bounded queue of rows and its writer."""

    def __init__(self, database: Database, clients: ClientCache) -> None:
        self._database = database
        self._clients = clients
        self._waiting = WriteQueue(database, ADD_REFUSAL, self._row, limit=WAITING_LIMIT, batch=BATCH)
        self._minute = 0
        self._seen: Counter[int | None] = Counter()  # in this minute, by application
        self._lost: Counter[int | None] = Counter()  # for want of room in the queue

    def add(self, request: Request, endpoint: str, error: OAuthError, now_ms: int) -> bool:
        """Keep a refused request to be written soon, or tell that there is no room; never fails, never waits."""
        application = self._application(request)
        seen = self._counted(application, now_ms)
        if seen > KEPT_A_MINUTE + 1:
            return False
        if self._waiting.full:
            self._lost[application] += 1
            return False
        row = flood() if seen > KEPT_A_MINUTE else refused(error)
        self._waiting.add(WaitingRow(now_ms, request.id, endpoint, application, request.client_id, row))
        level = logging.DEBUG if "varco.routine" in request.scope else logging.INFO
        logger.log(level, "refused %s: %s (%s)", endpoint, row.error, row.rule, extra={"request_id": request.id})
        return True

    def add_notice(self, request: Request, endpoint: str, row: RefusalRow, now_ms: int) -> None:
        """Keep something that nobody was refused, if there is room among what is kept a minute."""
        application = self._application(request)
        if self._counted(application, now_ms) <= KEPT_A_MINUTE and not self._waiting.full:
            self._waiting.add(WaitingRow(now_ms, request.id, endpoint, application, request.client_id, row))

    def _counted(self, application: int | None, now_ms: int) -> int:
        """The number of this row among those of its application in this minute."""
        minute = now_ms // 60_000
        if minute != self._minute:
            self._minute = minute
            self._seen.clear()
        self._seen[application] += 1
        return self._seen[application]

    def _application(self, request: Request) -> int | None:
        if request.application_id is not None:
            return request.application_id
        client = self._clients.kept(request.client_id)
        return client.application_id if client else None

    @property
    def waiting(self) -> int:
        """How many rows wait to be written."""
        return len(self._waiting)

    async def flush(self, now_ms: int) -> None:
        """Write what waits. Raises `StoreUnavailable`; it stays, then."""
        await self._waiting.flush()
        if not self._lost:
            return
        lost = dict(self._lost)
        logger.warning("%d refusals came faster than the trace can be written and are not in it", sum(lost.values()))
        await self._database.write_many(
            ADD_REFUSAL,
            [
                ADD_REFUSAL.values(
                    now_ms=now_ms,
                    request_id=secrets.token_hex(10),
                    endpoint="trace",
                    application_id=application,
                    **missing(count)._asdict(),
                )
                for application, count in lost.items()
            ],
        )
        self._lost -= Counter(lost)

    async def _row(self, entry: WaitingRow) -> tuple[Any, ...]:
        application = entry.application_id
        if application is None and entry.client_id:
            client = self._clients.kept(entry.client_id) or await self._clients.fresh(entry.client_id)
            application = client.application_id if client else None
        return ADD_REFUSAL.values(
            now_ms=entry.at,
            request_id=entry.request_id,
            endpoint=entry.endpoint[:60],
            application_id=application,
            **entry.row._asdict(),
        )
