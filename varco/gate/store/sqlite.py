"""SQLite: short reads run inline on the event loop, writes are collected and committed together.

A point read takes some ten microseconds, less than any hand-over to a thread; long ones have threads (`readers`). A write would wait for the disk, so the
writes of one tick of the loop become one transaction: executed on the loop inside one BEGIN IMMEDIATE, while only the
COMMIT, which waits for the disk, goes to a thread. The next batch gathers meanwhile, and every answer waits for the
commit of its own batch.

The loop never waits for a lock: when another process (the portal) holds it, the batch is tried again in the thread, up
to `patience` seconds. There are no savepoints: a statement that fails undoes itself, and when one of several steps of a
member fails, the transaction is rolled back and carried out again without that member.
"""

import asyncio
import contextlib
import datetime as dt
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from varco.databases import SQLITE_PRAGMAS
from varco.gate.store.engine import (
    READ_SECONDS,
    DuplicateError,
    Further,
    Load,
    ProgrammingError,
    StatementError,
    StoreUnavailable,
)
from varco.gate.store.readers import Readers
from varco.gate.store.statement import BoundStatement, LongStatement, Statement

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
    """One caller's statements, and what became of them."""

    first: BoundStatement[Any]
    further: Sequence[Further]
    many: Sequence[tuple[Any, ...]] | None
    future: "asyncio.Future[tuple[Any, ...] | None]"
    row: tuple[Any, ...] | None = None
    fault: Exception | None = None
    failed: Statement[Any] | None = None


R = TypeVar("R")

# What SQLite says, and what Python says of a value that it cannot hand over: a number beyond 64 bits, a lone surrogate.
_FAULTS = (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError)

# Another connection has the file, or the file, its disk or the memory to work with it is not there. The low byte of the code.
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_AWAY = _LOCKED | {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
}

_DUPLICATE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_DUPLICATE |= {sqlite3.SQLITE_CONSTRAINT_TRIGGER}  # which stands for PostgreSQL's constraint on times that overlap
sqlite3.register_adapter(dt.date, dt.date.isoformat)  # the text that Django and PostgreSQL write


def _code(fault: BaseException) -> int:
    """The extended result code of SQLite; 0 of what it did not say itself."""
    return getattr(fault, "sqlite_errorcode", None) or 0


def _busy(fault: BaseException) -> bool:
    return _code(fault) & 0xFF in _LOCKED


def _away(fault: BaseException) -> bool:
    """Whether a later attempt may succeed.

    READONLY with a reason is a lock or a recovery; alone it is a write where only reading is allowed
    (https://sqlite.org/rescode.html).
    """
    code = _code(fault)
    locked = code & 0xFF == sqlite3.SQLITE_READONLY and code != sqlite3.SQLITE_READONLY
    return locked or code & 0xFF in _AWAY or isinstance(fault, _LockedOutError | _LostError)


def _translated(path: str, statement: Statement[Any], fault: Exception) -> Exception:
    """Tell a database that is away from a statement it does not take; what is neither is raised as it is."""
    if not isinstance(fault, (*_FAULTS, _LockedOutError, _LostError)):
        return fault
    if _away(fault):
        return StoreUnavailable(f"{path}: {fault}")
    if _code(fault) in _DUPLICATE:
        return DuplicateError(statement, fault)
    wrong = _code(fault) & 0xFF == sqlite3.SQLITE_ERROR
    return (ProgrammingError if wrong else StatementError)(statement, fault)


class SqliteDatabase:
    """One SQLite file. `patience`: seconds to wait for a lock, off the loop; `read_seconds`: for a long read, before giving up."""

    def __init__(self, path: str, *, patience: float = 2.0, read_seconds: float = READ_SECONDS) -> None:
        self.path = path
        self.patience = patience
        self.suspect = False
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._readers = Readers(lambda: self._connect(writing=False, busy_ms=int(read_seconds * 1000)), read_seconds)
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
        with contextlib.suppress(sqlite3.Error):
            self._read_connection()

    async def close(self) -> None:
        """Commit what waits, then close."""
        await self._idle.wait()
        if self._thread:
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        await self._readers.close()
        for connection in (self._reader, self._writer):
            if connection:
                connection.close()
        self._reader = self._writer = None

    def _connect(self, *, writing: bool, busy_ms: int = 0) -> sqlite3.Connection:
        # mode=rw: a missing file is an error here, since only the migrations may make it.
        connection = sqlite3.connect(
            f"file:{quote(self.path)}?mode=rw", uri=True, isolation_level=None, check_same_thread=False, timeout=0
        )
        try:
            connection.executescript(SQLITE_PRAGMAS)
            connection.execute(f"PRAGMA busy_timeout={busy_ms}")
            if not writing:
                connection.execute("PRAGMA query_only=ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _read_connection(self) -> sqlite3.Connection:
        if self._reader is None:
            self._reader = self._connect(writing=False)
        return self._reader

    # Reading: on the loop, but for what is long

    async def one(self, query: BoundStatement[R]) -> R | None:
        """The first row a query finds."""
        statement, values = query
        try:
            row = (self._reader or self._read_connection()).execute(statement.sqlite, values).fetchone()
        except _FAULTS as fault:
            rows = await self._read_again(statement, values, fault)
            row = rows[0] if rows else None
        return None if row is None else statement.from_sqlite(row)

    async def all(self, query: BoundStatement[R]) -> Sequence[R]:
        """Every row a query finds."""
        statement, values = query
        long = isinstance(statement, LongStatement)
        try:
            if long:
                rows = await self._readers.rows(statement.sqlite, values)
            else:
                rows = self._read_connection().execute(statement.sqlite, values).fetchall()
        except _FAULTS as fault:
            if long:  # a reader has waited for the lock
                raise _translated(self.path, statement, fault) from fault
            rows = await self._read_again(statement, values, fault)
        return [statement.from_sqlite(row) for row in rows]

    async def _read_again(self, statement: Statement[Any], values: tuple[Any, ...], fault: Exception) -> list[Any]:
        """A reader meets a lock only while the file is being opened or recovered: wait for it, without stopping the loop."""
        deadline = time.monotonic() + self.patience
        while _busy(fault) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            try:
                return self._read_connection().execute(statement.sqlite, values).fetchall()
            except _FAULTS as again:
                fault = again
        raise _translated(self.path, statement, fault) from fault

    async def prepare(self, statement: Statement[Any]) -> None:
        """Compile a statement without running it."""
        # EXPLAIN compiles and lists the program; no parameter is read, so NULL stands for each.
        values = (None,) * len(statement.parameters)
        try:
            self._read_connection().execute(f"EXPLAIN {statement.sqlite}", values).fetchall()
        except _FAULTS as fault:
            raise _translated(self.path, statement, fault) from fault

    def load(self) -> Load:
        """Writes under way and waiting; reads are done at once, or wait among the readers."""
        return Load(int(self._working), 0, len(self._waiting) + self._readers.waiting)

    async def ping(self) -> None:
        """Read the header of the file."""
        try:
            self._read_connection().execute("PRAGMA schema_version").fetchall()
        except sqlite3.Error as fault:
            raise StoreUnavailable(f"{self.path}: {fault}") from fault

    # Writing: on the loop, but for what says that it runs in the thread. The two never touch the writer at the same time:
    # the loop hands a batch over and begins the next one when the thread has reported.

    async def write(self, first: BoundStatement[R], *further: Further) -> R | None:
        """Carry out statements in the transaction of the tick; the answer waits for its commit."""
        row = await self._join(first, further, None)
        return None if row is None else first[0].from_sqlite(row)

    async def write_many(self, statement: Statement[None], rows: Sequence[tuple[Any, ...]]) -> None:
        """Carry out one statement for each of the rows, as one member of a batch."""
        if rows:
            await self._join((statement, ()), (), rows)

    def _join(
        self, first: BoundStatement[Any], further: Sequence[Further], many: Sequence[tuple[Any, ...]] | None
    ) -> "asyncio.Future[tuple[Any, ...] | None]":
        loop = self._loop
        if loop is None:
            raise StoreUnavailable(f"{self.path}: not open")
        if len(self._waiting) >= WAITING_LIMIT:
            raise StoreUnavailable(f"{self.path}: {WAITING_LIMIT} writes are waiting")
        future: asyncio.Future[tuple[Any, ...] | None] = loop.create_future()
        self._waiting.append(_Member(first, further, many, future))
        if not self._working:
            self._working = True
            self._idle.clear()
            loop.call_soon(self._next_batch)
        return future

    def _next_batch(self) -> None:
        """Execute what has gathered, and hand over the commit."""
        batch = self._waiting[:BATCH_LIMIT]
        if not batch:
            self._working = False
            self._idle.set()
            return
        del self._waiting[:BATCH_LIMIT]
        try:
            writer = self._execute(batch)
        except _LockedOutError:
            self._jobs.put(lambda: self._insist(batch))
        except (_LostError, sqlite3.Error) as fault:
            self._resolve(batch, fault)
        else:
            self._jobs.put(lambda: self._commit(batch, writer))

    def _execute(self, batch: Sequence[_Member]) -> sqlite3.Connection:
        """On the loop or in the thread: carry out a batch up to the commit, which is left to do on the connection answered.

        Raises `_LockedOutError`, `_LostError` or `sqlite3.Error`; a member's own fault stays with it.
        """
        while True:
            try:
                writer = self._writer
                if writer is None:
                    writer = self._writer = self._connect(writing=True)
                writer.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as fault:
                if _busy(fault):
                    raise _LockedOutError("the database is locked") from fault
                raise
            if all(_carry_out(writer, member) for member in batch if member.fault is None):
                return writer
            writer.execute("ROLLBACK")

    def _commit_thread(self) -> None:
        while job := self._jobs.get():
            job()

    def _commit(self, batch: Sequence[_Member], writer: sqlite3.Connection) -> None:
        """In the thread: wait for the disk."""
        try:
            writer.execute("COMMIT")
        except sqlite3.IntegrityError:
            writer.execute("ROLLBACK")
            self._commit_each(batch)
            self._report(batch, None)
        except sqlite3.Error as fault:
            self._report(batch, fault)
        else:
            self._report(batch, None)

    def _commit_each(self, batch: Sequence[_Member]) -> None:
        """In the thread: a deferred foreign key is looked at by COMMIT only, which does not tell whose it is. One by one, then."""
        for member in batch:
            try:
                self._execute((member,)).execute("COMMIT")
            except (_LockedOutError, _LostError, sqlite3.Error) as fault:
                member.fault = fault
                if self._writer is not None and self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    def _insist(self, batch: Sequence[_Member]) -> None:
        """In the thread: try again while another connection holds the lock, then commit."""
        deadline = time.monotonic() + self.patience
        pause = 0.001
        while True:
            try:
                writer = self._execute(batch)
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
                self._commit(batch, writer)
                return

    def _report(self, batch: Sequence[_Member], fault: Exception | None) -> None:
        """In the thread: give a batch back to the loop."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._resolve, batch, fault)

    def _resolve(self, batch: Sequence[_Member], fault: Exception | None) -> None:
        """Let every caller of a batch know, and go on with the next. `fault` is that of the whole batch."""
        self.suspect = fault is not None
        if fault is not None and self._writer is not None:
            self._writer.close()  # rolls back what is open; the next batch connects anew
            self._writer = None
        for member in batch:
            if member.future.done():  # its caller has gone away
                continue
            failed = fault or member.fault
            if failed is None:
                member.future.set_result(member.row)
            else:
                statement = member.failed or member.first[0]
                member.future.set_exception(_translated(self.path, statement, failed))
        self._next_batch()


def _row(member: _Member) -> Any:
    """The row of a member's first statement, as its row type."""
    return None if member.row is None else member.first[0].from_sqlite(member.row)


def _carry_out(writer: sqlite3.Connection, member: _Member) -> bool:
    """Carry out one member's statements. False: it failed half-way, and the transaction must start again without it."""
    done = 0
    statement, values = member.first
    try:
        if member.many is not None:
            writer.executemany(statement.sqlite, member.many)
            return True
        cursor = writer.execute(statement.sqlite, values)
        if statement.returns:
            member.row = cursor.fetchone()
            if member.row is None:
                return True
        for further in member.further:
            done += 1
            statement, values = further if isinstance(further, tuple) else further(_row(member))
            writer.execute(statement.sqlite, values)
    except Exception as fault:  # what makes a further statement may fail too, and must not stop the others
        if not writer.in_transaction:
            raise _LostError(str(fault)) from fault
        member.fault = fault
        member.failed = statement
        member.row = None
        return done == 0 and member.many is None
    return True
