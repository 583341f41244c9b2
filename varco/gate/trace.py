"""The trace of refused requests, for the developers of the applications concerned (S33).

Written off the hot path, in batches. It is the one record that may lose something: under a flood of refusals what does
not fit the queue is only counted, and the trace then says how many are missing.
"""

import logging
from typing import Any, NamedTuple

from varco.gate.clients import Clients
from varco.gate.http import Request
from varco.gate.rows import Waiting
from varco.gate.store import Database
from varco.gate.store import statements as sql
from varco.protocol.refusal import Refusal

logger = logging.getLogger("varco.gate")

WAITING_LIMIT = 2000
"""Most refusals that wait to be written."""

BATCH = 200
"""Rows written in one transaction."""


class _Entry(NamedTuple):
    """One refusal; the application may still have to be looked up."""

    at: int
    request_id: str
    endpoint: str
    application_id: int | None
    client_id: str
    refusal: Refusal


class Trace:
    """A bounded queue of refusals and its writer."""

    def __init__(self, database: Database, clients: Clients) -> None:
        self._database = database
        self._clients = clients
        self._waiting = Waiting(database, sql.ADD_REFUSAL, self._row, limit=WAITING_LIMIT, batch=BATCH)
        self._lost = 0

    def add(self, request: Request, endpoint: str, refusal: Refusal, now_ms: int) -> None:
        """Keep a refusal to be written soon; never fails, never waits."""
        if self._waiting.full:
            self._lost += 1
            return
        self._waiting.add(_Entry(now_ms, request.id, endpoint, request.application_id, request.client_id, refusal))
        logger.info("refused %s: %s (%s)", endpoint, refusal.error, refusal.rule, extra={"request_id": request.id})

    async def flush(self, now_ms: int) -> None:
        """Write what waits. Raises `StoreUnavailable`; it stays, then."""
        await self._waiting.flush()
        if self._lost:
            lost = self._lost
            logger.warning("%d refusals came faster than the trace can be written and are not in it", lost)
            text = f"{lost} refused requests came faster than they could be written down and are not in this list."
            row = (now_ms, "", "trace", None, "trace_incomplete", "S33 trace", text, str(lost), "0", 503)
            await self._database.write_many(sql.ADD_REFUSAL, [row])
            self._lost -= lost

    async def _row(self, entry: _Entry) -> tuple[Any, ...]:
        refusal = entry.refusal
        application = entry.application_id
        if application is None and entry.client_id:
            client = self._clients.kept(entry.client_id) or await self._clients.fresh(entry.client_id)
            application = client.application_id if client else None
        return (
            entry.at,
            entry.request_id,
            entry.endpoint[:60],
            application,
            refusal.error[:60],
            refusal.rule[:120],
            _storable(refusal.description),
            _storable(refusal.received),
            _storable(refusal.expected),
            refusal.status,
        )


def _storable(text: str) -> str:
    """What both engines keep: no NUL, nothing that is not Unicode."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
