"""PostgreSQL through asyncpg: a few connections that keep their prepared statements."""

import logging
from collections.abc import Sequence
from typing import Any, TypeVar

import asyncpg

from varco.gate.store.connecting import AUTO, Connector
from varco.gate.store.connections import Connections
from varco.gate.store.engine import (
    READ_SECONDS,
    DuplicateError,
    Further,
    Load,
    ProgrammingError,
    ReadTimeoutError,
    StatementError,
    StoreUnavailable,
)
from varco.gate.store.gather import Gatherer, Key
from varco.gate.store.statement import BoundStatement, KeyedStatement, LongStatement, Statement

logger = logging.getLogger("varco.gate")

STATEMENT_TIMEOUT_MS = 5000
"""What PostgreSQL itself cancels after; nothing the gate asks takes a hundredth of it."""

READERS = 3
"""Most connections of one worker for long reads. They are apart, so that whatever is short finds one."""

ACQUIRE_TIMEOUT = 3.0
"""Seconds to wait for a connection."""

# The connection is gone, going or was never there; or PostgreSQL gave the statement up. A later attempt may succeed.
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # asyncpg was cut off between two messages; or no host of the URL is what its target_session_attrs asks for.
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
)

# What only writes meet.
_UNWRITABLE = (
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.PostgresIOError,
)

_FAULTS = (*_AWAY, asyncpg.PostgresError)

R = TypeVar("R")


def server_settings() -> dict[str, str]:
    """The settings of the gate's connections.

    Every row is found by a key, and its joins are made in the order written, one row at a time. Where one application has most
    grants, statistics make merging whole tables look cheap: 56 ms for the liveness of a token, instead of 0.07.
    """
    return {
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "join_collapse_limit": "1",
        "enable_mergejoin": "off",
        "enable_hashjoin": "off",
    }


class PostgresDatabase:
    """One PostgreSQL database.

    `size`: most connections one worker holds, besides its `READERS`; `read_seconds`: for a long read, before giving up;
    `pooling`: the setting VARCO_DATABASE_POOLING.
    """

    def __init__(self, url: str, *, size: int = 10, read_seconds: float = READ_SECONDS, pooling: str = AUTO) -> None:
        self.suspect = False

        def connector(milliseconds: int) -> Connector:
            settings = server_settings() | {"statement_timeout": str(milliseconds)}
            return Connector(url, settings, command_timeout=milliseconds / 1000 + 1, pooling=pooling)

        self._connections = Connections(connector(STATEMENT_TIMEOUT_MS), size, ACQUIRE_TIMEOUT)
        self._readers = Connections(connector(int(read_seconds * 1000)), READERS, read_seconds)
        self._gatherer = Gatherer(self._fetch_gathered)

    async def open(self) -> None:
        """Connect, if the server is there; otherwise the first use tries again."""
        try:
            with await self._connections.lend():
                pass
        except _AWAY as fault:
            logger.warning("PostgreSQL is not reachable yet: %s", fault)

    async def close(self) -> None:
        """Let running statements finish, then close every connection."""
        await self._connections.close()
        await self._readers.close()

    def _refused(self, statement: Statement[Any], fault: Exception) -> StoreUnavailable | StatementError:
        """As `_translated`, noting what no write would survive."""
        if isinstance(fault, _UNWRITABLE):
            self.suspect = True
        return _translated(statement, fault)

    async def _run(self, method: str, statement: Statement[Any], text: str, *values: Any) -> Any:
        """Call a method of a connection. Raises `StoreUnavailable` or `StatementError` as `_translated` decides."""
        try:
            with await self._connections.lend() as connection:
                return await getattr(connection, method)(text, *values)
        except _FAULTS as fault:
            raise self._refused(statement, fault) from fault

    async def one(self, query: BoundStatement[R]) -> R | None:
        """The first row a query finds."""
        statement, values = query
        if isinstance(statement, KeyedStatement):
            row: R | None = await self._gatherer.row(statement, values[0], values[1:])
            return row
        # What `_run` does, without one coroutine more: every rotation comes this way.
        try:
            with await self._connections.lend() as connection:
                record = await connection.fetchrow(statement.postgres, *values)
        except _FAULTS as fault:
            raise self._refused(statement, fault) from fault
        return _row(statement, record)

    async def _fetch_gathered(
        self, statement: KeyedStatement[Any], keys: list[Key], rest: tuple[Any, ...]
    ) -> Sequence[Any]:
        records: Sequence[Any] = await self._run("fetch", statement, statement.gathered, keys, *rest)
        return records

    async def all(self, query: BoundStatement[R]) -> Sequence[R]:
        """Every row a query finds."""
        statement, values = query
        if isinstance(statement, LongStatement):
            records = await self._read_apart(statement, values)
        else:
            records = await self._run("fetch", statement, statement.postgres, *values)
        make: Any = statement.row
        return [make(*record) for record in records]

    async def _read_apart(self, statement: Statement[Any], values: tuple[Any, ...]) -> Any:
        """The records of a long read, on a connection that PostgreSQL lets work for so long only."""
        try:
            with await self._readers.lend() as connection:
                return await connection.fetch(statement.postgres, *values)
        except (TimeoutError, asyncpg.QueryCanceledError) as late:
            raise ReadTimeoutError(f"PostgreSQL: {statement.name}: {type(late).__name__}") from late
        except _FAULTS as fault:
            raise self._refused(statement, fault) from fault

    async def write(self, first: BoundStatement[R], *further: Further) -> R | None:
        """Carry out statements in one transaction; a single one needs no BEGIN, PostgreSQL makes it one by itself."""
        if not further:
            return await self.one(first)
        statement = first[0]
        try:
            with await self._connections.lend() as connection:
                async with connection.transaction():
                    record = await connection.fetchrow(statement.postgres, *first[1])
                    if record is None and statement.returns:
                        return None
                    row = _row(first[0], record)
                    for step in further:
                        statement, values = step if isinstance(step, tuple) else step(row)
                        await connection.fetchrow(statement.postgres, *values)
        except _FAULTS as fault:
            raise self._refused(statement, fault) from fault
        return _row(first[0], record)

    async def write_many(self, statement: Statement[None], rows: Sequence[tuple[Any, ...]]) -> None:
        """Carry out one statement for each of the rows, in one transaction."""
        if rows:
            await self._run("executemany", statement, statement.postgres, rows)

    async def prepare(self, statement: Statement[Any]) -> None:
        """Compile a statement without running it."""
        await self._run("prepare", statement, statement.postgres)
        if isinstance(statement, KeyedStatement):
            await self._run("prepare", statement, statement.gathered)

    def load(self) -> Load:
        """The connections of short and of long statements together."""
        return Load(*map(sum, zip(self._connections.load(), self._readers.load(), strict=True)))

    async def ping(self) -> None:
        """Run the shortest of queries."""
        try:
            with await self._connections.lend() as connection:
                await connection.execute("SELECT 1")
        except _FAULTS as fault:
            raise StoreUnavailable(f"PostgreSQL: {type(fault).__name__}: {fault}") from fault


def _row(statement: Statement[R], record: Any) -> R | None:
    if record is None or statement.row is None:
        return None
    row: R = statement.row(*record)
    return row


def _translated(statement: Statement[Any], fault: Exception) -> StoreUnavailable | StatementError:
    """Tell a database that is away from a statement it does not take."""
    # What asyncpg cannot encode is one of its interface errors, and a ValueError.
    if isinstance(fault, _AWAY) and not isinstance(fault, ValueError):
        return StoreUnavailable(f"PostgreSQL: {type(fault).__name__}: {fault}")
    if isinstance(fault, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError):
        return DuplicateError(statement, fault)
    wrong = isinstance(fault, asyncpg.SyntaxOrAccessError)
    return (ProgrammingError if wrong else StatementError)(statement, fault)
