"""Rows that wait in memory to be written together."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from varco.gate.store import Database, ProgrammingError, Statement, StatementError, StoreUnavailable

logger = logging.getLogger("varco.gate")

SOON = 200
"""Entries that do not wait for the next round: with so many, writing begins at once."""

PATIENCE = 2.0
"""Seconds to wait for room while the database takes what waits; as long as for a lock."""

Entry = TypeVar("Entry")
RowOf = Callable[[Entry], Awaitable[tuple[Any, ...]]]


class WriteQueue(Generic[Entry]):
    """A bounded queue in front of one INSERT; `row` makes the row of an entry when its turn comes.

    Somebody calls `flush` from time to time. Between two such rounds the queue empties itself as soon as `SOON` wait, so that
    it is full only while the database takes less than comes.
    """

    def __init__(
        self, database: Database, statement: Statement[None], row: RowOf[Entry], *, limit: int, batch: int
    ) -> None:
        self._database = database
        self._statement = statement
        self._row = row
        self._limit = limit
        self._batch = batch
        self._entries: deque[Entry] = deque()
        self._writing = asyncio.Lock()
        self._early: asyncio.Task[None] | None = None
        self._failing = False
        self._room = asyncio.Event()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def full(self) -> bool:
        """Whether nothing more fits."""
        return len(self._entries) >= self._limit

    def add(self, entry: Entry) -> None:
        """Put one more at the end."""
        self._entries.append(entry)
        if len(self._entries) >= SOON and self._early is None and not self._failing:
            self._early = asyncio.get_running_loop().create_task(self._write_early())

    async def wait_for_room(self) -> None:
        """Return when another entry fits. Raises `StoreUnavailable` when the last attempt to write failed, or nothing moves."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while self.full:
            if self._failing:
                raise StoreUnavailable("what waits to be written cannot be written")
            self._room.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._room.wait()
            except TimeoutError:
                raise StoreUnavailable("what waits to be written is not written in time") from None

    async def flush(self) -> None:
        """Write everything, oldest first. Raises `StoreUnavailable` or `ProgrammingError`; what is not written then waits on."""
        async with self._writing:  # two at once would write the same rows
            try:
                await self._write()
            except BaseException:
                self._failing = True
                raise
            else:
                self._failing = False
            finally:
                self._room.set()

    async def _write_early(self) -> None:
        try:
            await self.flush()
        except (StoreUnavailable, StatementError) as fault:  # the next round tries again, and tells if it fails too
            logger.warning("%d rows wait for the database: %s", len(self._entries), fault)
        finally:
            self._early = None

    async def _write(self) -> None:
        while self._entries:
            entries = [self._entries[position] for position in range(min(self._batch, len(self._entries)))]
            try:
                rows = [await self._row(entry) for entry in entries]
                await self._database.write_many(self._statement, rows)
            except (StoreUnavailable, ProgrammingError):
                raise
            except Exception:  # noqa: BLE001 - which entry it was, and why, comes out one by one
                await self._one_by_one(entries)
            for _ in entries:
                self._entries.popleft()
            self._room.set()

    async def _one_by_one(self, entries: list[Entry]) -> None:
        """An entry of which no row can be made, or one the database will not have, must not keep the others waiting for ever."""
        for entry in entries:
            try:
                await self._database.write_many(self._statement, [await self._row(entry)])
            except (StoreUnavailable, ProgrammingError):
                raise
            except Exception:
                logger.exception("a row cannot be written and is left out")
