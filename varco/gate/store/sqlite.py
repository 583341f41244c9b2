"""SQLite: reads run inline on the event loop, writes are collected and committed together.

A point read takes some ten microseconds, less than any hand-over to a thread. A write would wait for the disk, so the
writes of one tick of the loop become one transaction: executed on the loop inside one BEGIN IMMEDIATE, while only the
COMMIT, which waits for the disk, goes to a thread. The next batch gathers meanwhile, and every answer waits for the
commit of its own batch.

The loop never waits for a lock: when another process (the portal) holds it, the batch is tried again in the thread, up
to `patience` seconds. There are no savepoints: a statement that fails undoes itself, and when one of several steps of a
member fails, the transaction is rolled back and carried out again without that member.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from varco.databases import SQLITE_PRAGMAS
from varco.gate.store.engine import Row, Statement, Step, StoreUnavailable

BATCH_LIMIT = 256
"""Most members of one transaction, so that the portal gets its turn at the lock."""

WAITING_LIMIT = 4096
"""Most writes that wait for their turn; more are turned away at once."""


class _LockedOutError(Exception):
    """Another connection holds the write lock."""


class _LostError(Exception):
    """The transaction is gone, with everything in it."""


@dataclass(slots=True)
class _Member:
    """One caller's steps, and what became of them."""

    steps: Sequence[Step]
    many: Sequence[tuple[Any, ...]] | None
    future: "asyncio.Future[Row | None]"
    row: Row | None = None
    fault: Exception | None = None


def _busy(fault: sqlite3.Error) -> bool:
    return (getattr(fault, "sqlite_errorcode", 0) or 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class SqliteDatabase:
    """One SQLite file. `patience`: seconds to wait for a lock, off the loop, before giving up."""

    def __init__(self, path: str, *, patience: float = 2.0) -> None:
        self.path = path
        self.patience = patience
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._thread: threading.Thread | None = None
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._waiting: list[_Member] = []
        self._working = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop: asyncio.AbstractEventLoop | None = None

    # Life

    async def open(self) -> None:
        """Start the committing thread and open the file if it is there."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._commit_thread, name=f"commit {self.path}", daemon=True)
        self._thread.start()
        with contextlib.suppress(StoreUnavailable):
            self._read_connection()

    async def close(self) -> None:
        """Commit what waits, then close."""
        await self._idle.wait()
        if self._thread:
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        for connection in (self._reader, self._writer):
            if connection:
                connection.close()
        self._reader = self._writer = None

    def _connect(self, *, writing: bool) -> sqlite3.Connection:
        # mode=rw: a missing file is an error here, since only the migrations may make it.
        connection = sqlite3.connect(
            f"file:{quote(self.path)}?mode=rw", uri=True, isolation_level=None, check_same_thread=False, timeout=0
        )
        try:
            connection.executescript(SQLITE_PRAGMAS)
            connection.execute("PRAGMA busy_timeout=0")
            if not writing:
                connection.execute("PRAGMA query_only=ON")
        except sqlite3.Error:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return connection

    def _read_connection(self) -> sqlite3.Connection:
        if self._reader is None:
            try:
                self._reader = self._connect(writing=False)
            except sqlite3.Error as fault:
                raise StoreUnavailable(f"{self.path}: {fault}") from fault
        return self._reader

    # Reading

    async def one(self, statement: Statement, *values: Any) -> Row | None:
        """The first row a query finds."""
        try:
            row: Row | None = self._read_connection().execute(statement.sqlite, values).fetchone()
        except sqlite3.Error as fault:
            rows = await self._read_again(statement, values, fault)
            return rows[0] if rows else None
        return row

    async def all(self, statement: Statement, *values: Any) -> Sequence[Row]:
        """Every row a query finds."""
        try:
            return self._read_connection().execute(statement.sqlite, values).fetchall()
        except sqlite3.Error as fault:
            return await self._read_again(statement, values, fault)

    async def _read_again(self, statement: Statement, values: tuple[Any, ...], fault: sqlite3.Error) -> list[Any]:
        """A reader meets a lock only while the file is being recovered: wait for it, without stopping the loop."""
        deadline = time.monotonic() + self.patience
        while _busy(fault) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            try:
                return self._read_connection().execute(statement.sqlite, values).fetchall()
            except sqlite3.Error as again:
                fault = again
        raise StoreUnavailable(f"{self.path}: {fault}") from fault

    async def prepare(self, statement: Statement) -> None:
        """Compile a statement without running it."""
        try:
            # EXPLAIN compiles and lists the program; no parameter is read, so NULL stands for each.
            self._read_connection().execute(f"EXPLAIN {statement.sqlite}", (None,) * statement.parameters).fetchall()
        except sqlite3.Error as fault:
            raise StoreUnavailable(f"{self.path}: {fault}") from fault

    # Writing

    async def write(self, *steps: Step) -> Row | None:
        """Carry out the steps in the transaction of the tick; the answer waits for its commit."""
        return await self._join(steps, None)

    async def write_many(self, statement: Statement, rows: Sequence[tuple[Any, ...]]) -> None:
        """Carry out one statement for each of the rows, as one member of a batch."""
        if rows:
            await self._join(((statement, ()),), rows)

    def _join(self, steps: Sequence[Step], many: Sequence[tuple[Any, ...]] | None) -> "asyncio.Future[Row | None]":
        loop = self._loop
        if loop is None:
            raise StoreUnavailable(f"{self.path}: not open")
        if len(self._waiting) >= WAITING_LIMIT:
            raise StoreUnavailable(f"{self.path}: {WAITING_LIMIT} writes are waiting")
        future: asyncio.Future[Row | None] = loop.create_future()
        self._waiting.append(_Member(steps, many, future))
        if not self._working:
            self._working = True
            self._idle.clear()
            loop.call_soon(self._next_batch)
        return future

    def _next_batch(self) -> None:
        """On the loop: execute what has gathered, and hand over the commit."""
        batch = self._waiting[:BATCH_LIMIT]
        if not batch:
            self._working = False
            self._idle.set()
            return
        del self._waiting[:BATCH_LIMIT]
        try:
            self._execute(batch)
        except _LockedOutError:
            self._jobs.put(lambda: self._insist(batch))
        except (_LostError, sqlite3.Error) as fault:
            self._settle(batch, fault)
        else:
            self._jobs.put(lambda: self._commit(batch))

    def _execute(self, batch: Sequence[_Member]) -> None:
        """Carry out a batch up to the commit. Raises `_LockedOutError` or `_LostError`; a member's own fault stays with it."""
        clean = False
        while not clean:
            try:
                writer = self._writer
                if writer is None:
                    writer = self._writer = self._connect(writing=True)
                writer.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as fault:
                if _busy(fault):
                    raise _LockedOutError("the database is locked") from fault
                raise
            clean = all(_carry_out(writer, member) for member in batch if member.fault is None)
            if not clean:
                writer.execute("ROLLBACK")

    def _commit_thread(self) -> None:
        while job := self._jobs.get():
            job()

    def _commit(self, batch: Sequence[_Member]) -> None:
        """In the thread: wait for the disk."""
        try:
            if self._writer is not None:
                self._writer.execute("COMMIT")
        except sqlite3.Error as fault:
            self._report(batch, fault)
        else:
            self._report(batch, None)

    def _insist(self, batch: Sequence[_Member]) -> None:
        """In the thread: try again while another connection holds the lock, then commit."""
        deadline = time.monotonic() + self.patience
        pause = 0.001
        while True:
            try:
                self._execute(batch)
            except _LockedOutError as locked:
                if time.monotonic() > deadline:
                    self._report(batch, locked)
                    return
                time.sleep(pause)
                pause = min(pause * 2, 0.05)
            except (_LostError, sqlite3.Error) as fault:
                self._report(batch, fault)
                return
            else:
                self._commit(batch)
                return

    def _report(self, batch: Sequence[_Member], fault: Exception | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._settle, batch, fault)

    def _settle(self, batch: Sequence[_Member], fault: Exception | None) -> None:
        """On the loop: let every caller of a batch know, and go on with the next."""
        if fault is not None and self._writer is not None:
            self._writer.close()  # rolls back what is open; the next batch connects anew
            self._writer = None
        for member in batch:
            if member.future.done():  # its caller has gone away
                continue
            failed = fault or member.fault
            if failed is None:
                member.future.set_result(member.row)
            elif fault is not None or isinstance(failed, sqlite3.OperationalError):
                member.future.set_exception(StoreUnavailable(f"{self.path}: {failed}"))
            else:
                member.future.set_exception(failed)
        self._next_batch()


def _carry_out(writer: sqlite3.Connection, member: _Member) -> bool:
    """Carry out one member's steps. False: it failed half-way, and the transaction must start again without it."""
    done = 0
    try:
        if member.many is not None:
            writer.executemany(member.steps[0][0].sqlite, member.many)
            return True
        for statement, values in member.steps:
            cursor = writer.execute(statement.sqlite, values)
            if done == 0 and statement.returns:
                member.row = cursor.fetchone()
                if member.row is None:
                    return True
            done += 1
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as fault:
        if not writer.in_transaction:
            raise _LostError(str(fault)) from fault
        member.fault = fault
        member.row = None
        return done == 0 and member.many is None
    return True
