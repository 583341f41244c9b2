"""PostgreSQL through asyncpg: a pool of connections that keep their prepared statements."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from varco.gate.store.engine import KeyedStatement, Row, Statement, Step, StoreUnavailable
from varco.gate.store.gather import Gatherer

logger = logging.getLogger("varco.gate")

STATEMENT_TIMEOUT_MS = 5000
"""What PostgreSQL itself cancels after; nothing the gate asks takes a hundredth of it."""

ACQUIRE_TIMEOUT = 3.0
"""Seconds to wait for a connection."""

CONNECT_TIMEOUT = 3.0
"""Seconds to wait for PostgreSQL to answer."""

# The connection is gone, going or was never there; or PostgreSQL gave the statement up. A later attempt may succeed.
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
)


async def _keep(_connection: Any) -> None:
    """No reset on release: the gate leaves nothing behind in a connection, so the round trip would buy nothing."""


class PostgresDatabase:
    """One PostgreSQL database. `size`: most connections one worker holds."""

    def __init__(self, url: str, *, size: int = 10) -> None:
        self._url = url
        self._size = size
        self._pool: Any = None
        self._opening = asyncio.Lock()
        self._gatherer = Gatherer(self._fetch_gathered)

    async def open(self) -> None:
        """Connect, if the server is there; otherwise the first use tries again."""
        try:
            await self._connected()
        except StoreUnavailable as fault:
            logger.warning("PostgreSQL is not reachable yet: %s", fault)

    async def close(self) -> None:
        """Let running statements finish, then close every connection."""
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        try:
            await asyncio.wait_for(pool.close(), 5)
        except (TimeoutError, *_AWAY):
            pool.terminate()

    async def _connected(self) -> Any:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await self._guarded(self._make_pool)
        return self._pool

    async def _make_pool(self) -> Any:
        return await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._size,
            reset=_keep,
            max_inactive_connection_lifetime=0,
            timeout=CONNECT_TIMEOUT,
            command_timeout=STATEMENT_TIMEOUT_MS / 1000 + 1,
            server_settings={"statement_timeout": str(STATEMENT_TIMEOUT_MS), "application_name": "varco gate"},
        )

    async def _guarded(self, act: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Tell a database that is away from a fault of the gate's own."""
        try:
            return await act(*arguments)
        except _AWAY as fault:
            raise StoreUnavailable(f"PostgreSQL: {type(fault).__name__}: {fault}") from fault

    async def one(self, statement: Statement, *values: Any) -> Row | None:
        """The first row a query finds."""
        if isinstance(statement, KeyedStatement):
            return await self._gatherer.ask(statement, values[0], values[1:])
        pool = self._pool or await self._connected()
        try:
            connection = await pool.acquire(timeout=ACQUIRE_TIMEOUT)
            try:
                row: Row | None = await connection.fetchrow(statement.postgres, *values)
            finally:
                await pool.release(connection)
        except _AWAY as fault:
            raise StoreUnavailable(f"PostgreSQL: {type(fault).__name__}: {fault}") from fault
        return row

    async def _fetch_gathered(self, statement: KeyedStatement, keys: list[int], rest: tuple[Any, ...]) -> Sequence[Row]:
        pool = self._pool or await self._connected()
        rows: Sequence[Row] = await self._guarded(pool.fetch, statement.gathered, keys, *rest)
        return rows

    async def all(self, statement: Statement, *values: Any) -> Sequence[Row]:
        """Every row a query finds."""
        pool = self._pool or await self._connected()
        rows: Sequence[Row] = await self._guarded(pool.fetch, statement.postgres, *values)
        return rows

    async def write(self, *steps: Step) -> Row | None:
        """Carry out the steps in one transaction; a single step needs no BEGIN, PostgreSQL makes it one by itself."""
        if len(steps) == 1:
            statement, values = steps[0]
            return await self.one(statement, *values)
        row: Row | None = await self._guarded(self._transact, steps)
        return row

    async def _transact(self, steps: Sequence[Step]) -> Row | None:
        pool = self._pool or await self._connected()
        row: Row | None = None
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection, connection.transaction():
            for number, (statement, values) in enumerate(steps):
                found = await connection.fetchrow(statement.postgres, *values)
                if number == 0 and statement.returns:
                    if found is None:
                        return None
                    row = found
        return row

    async def write_many(self, statement: Statement, rows: Sequence[tuple[Any, ...]]) -> None:
        """Carry out one statement for each of the rows, in one transaction."""
        if rows:
            pool = self._pool or await self._connected()
            await self._guarded(pool.executemany, statement.postgres, rows)

    async def prepare(self, statement: Statement) -> None:
        """Compile a statement without running it."""
        try:
            await self._guarded(self._prepare, statement)
        except asyncpg.PostgresError as fault:
            raise StoreUnavailable(f"PostgreSQL: {type(fault).__name__}: {fault}") from fault

    async def _prepare(self, statement: Statement) -> None:
        pool = self._pool or await self._connected()
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            await connection.prepare(statement.postgres)
            if isinstance(statement, KeyedStatement):
                await connection.prepare(statement.gathered)
