"""The trace of refused requests, for the developers of the applications concerned (S33).

Written off the hot path, in batches. It is the one record that may lose something: under a flood of refusals what does
not fit the queue is only counted, and the trace then says how many are missing.
"""

import logging
from collections import deque
from typing import NamedTuple

from varco.gate.clients import Clients
from varco.gate.http import Request
from varco.gate.store import Database, StoreUnavailable
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
        self._waiting: deque[_Entry] = deque()
        self.lost = 0

    def add(self, request: Request, endpoint: str, refusal: Refusal, now_ms: int) -> None:
        """Keep a refusal to be written soon; never fails, never waits."""
        if len(self._waiting) >= WAITING_LIMIT:
            self.lost += 1
            return
        self._waiting.append(_Entry(now_ms, request.id, endpoint, request.application_id, request.client_id, refusal))

    async def flush(self, now_ms: int) -> None:
        """Write what waits. A store that is away now will be there later: entries stay, as far as they fit."""
        while self._waiting:
            batch = [self._waiting[position] for position in range(min(BATCH, len(self._waiting)))]
            try:
                rows = [await self._row(entry) for entry in batch]
                await self._database.write_many(sql.ADD_REFUSAL, rows)
            except StoreUnavailable:
                return
            for entry in batch:
                self._waiting.popleft()
                logger.info(
                    "refused %s: %s (%s)",
                    entry.endpoint,
                    entry.refusal.error,
                    entry.refusal.rule,
                    extra={"request_id": entry.request_id},
                )
        if self.lost:
            lost, self.lost = self.lost, 0
            logger.warning("%d refusals came faster than the trace can be written and are not in it", lost)
            text = f"{lost} refused requests came faster than they could be written down and are not in this list."
            row = (now_ms, "", "trace", None, "trace_incomplete", "S33 trace", text, str(lost), "0", 503)
            await self._database.write_many(sql.ADD_REFUSAL, [row])

    async def _row(self, entry: _Entry) -> tuple[object, ...]:
        refusal = entry.refusal
        application = entry.application_id
        if application is None and entry.client_id:
            client = self._clients.kept(entry.client_id) or await self._clients.fresh(entry.client_id)
            application = client.application_id if client else None
        return (
            entry.at,
            entry.request_id,
            entry.endpoint,
            application,
            refusal.error,
            refusal.rule[:120],
            refusal.description,
            refusal.received,
            refusal.expected,
            refusal.status,
        )
