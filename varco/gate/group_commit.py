"""Rows that several requests wait for, written in one transaction: whoever comes while one is under way goes with the next."""

import asyncio
import logging
from typing import Any

from varco.gate.store import Database, ProgrammingError, Statement, StatementError, StoreUnavailable

logger = logging.getLogger("varco.gate")

Row = tuple[Any, ...]


class GroupCommit:
    """One INSERT for the rows of many requests. No row waits for others to come: the first of a quiet moment goes alone."""

    def __init__(self, database: Database, statement: Statement[None], *, batch: int) -> None:
        """`batch`: most rows of one transaction."""
        self._database = database
        self._statement = statement
        self._batch = batch
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many rows wait to be committed."""
        return len(self._waiting)

    async def write(self, row: Row) -> None:
        """Return when the row is committed. Raises `StoreUnavailable` or `StatementError` when it is not.

        A caller that goes away meanwhile leaves the row to be written.
        """
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()
        self._waiting.append((row, committed))
        if self._writing is None:
            self._writing = loop.create_task(self._write())
        await committed

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
            try:
                await self._database.write_many(self._statement, [row for row, _ in group])
            except (StoreUnavailable, ProgrammingError) as fault:
                _tell(group, fault)
            except Exception:  # noqa: BLE001 - which row it was, and why, comes out one by one
                await self._one_by_one(group)
            else:
                _tell(group, None)
        self._writing = None

    async def _one_by_one(self, group: list[tuple[Row, asyncio.Future[None]]]) -> None:
        """A row that the database will not have fails alone."""
        for row, committed in group:
            try:
                await self._database.write_many(self._statement, [row])
            except (StoreUnavailable, StatementError) as fault:
                _tell([(row, committed)], fault)
            except Exception as fault:
                logger.exception("a row cannot be written")
                _tell([(row, committed)], fault)
            else:
                _tell([(row, committed)], None)


def _tell(group: list[tuple[Row, asyncio.Future[None]]], fault: Exception | None) -> None:
    for _, committed in group:
        if committed.done():  # its caller has gone away
            continue
        if fault is None:
            committed.set_result(None)
        else:
            committed.set_exception(fault)
