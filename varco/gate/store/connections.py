"""The connections to one PostgreSQL database: lent to one statement at a time, and handed from one to the next.

A lent connection costs a pop from a list and a push back; asyncpg's own pool makes two tasks and a timer for it, a fifth of
what a rotation costs the gate. Connections leave no state behind, so nothing has to be reset between two loans.
"""

import asyncio
import contextlib
from collections import deque
from types import TracebackType
from typing import Any

import asyncpg

CLOSE_TIMEOUT = 5.0
"""Seconds that running statements have when everything is closed."""

# What PostgreSQL refused, or the driver would not send: the connection is as good as before.
_SOUND = (asyncpg.PostgresError, asyncpg.InterfaceError)


class Loan:
    """One connection, lent for the time of a `with` block."""

    __slots__ = ("_connections", "connection")

    def __init__(self, connections: "Connections", connection: Any) -> None:
        self._connections = connections
        self.connection = connection

    def __enter__(self) -> Any:
        return self.connection

    def __exit__(
        self, _kind: type[BaseException] | None, fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if fault is not None and not isinstance(fault, _SOUND):
            # Interrupted half-way: what it still answers is nobody's.
            self.connection.terminate()
        self._connections.give_back(self.connection)


class Connections:
    """At most `size` connections, opened when they are needed. `options`: those of `asyncpg.connect`."""

    def __init__(self, url: str, size: int, patience: float, options: dict[str, Any]) -> None:
        """`patience`: seconds to wait for one that is free."""
        self._url = url
        self._size = size
        self._patience = patience
        self._options = options
        self._idle: list[Any] = []
        self._lent: set[Any] = set()
        self._opening = 0
        self._waiting: deque[asyncio.Future[Any]] = deque()

    def load(self) -> tuple[int, int, int]:
        """How many are lent, rest, and are waited for."""
        return len(self._lent), len(self._idle), len(self._waiting)

    async def lend(self) -> Loan:
        """A connection that nobody else has. Raises `TimeoutError`, and what `asyncpg.connect` raises."""
        while self._idle:
            # The one used last: the others rest, and are seldom missed when they are lost.
            connection = self._idle.pop()
            if not connection.is_closed():
                self._lent.add(connection)
                return Loan(self, connection)
        if len(self._lent) + self._opening < self._size:
            return Loan(self, await self._opened())
        return Loan(self, await self._next())

    async def _opened(self) -> Any:
        self._opening += 1
        try:
            connection = await asyncpg.connect(self._url, **self._options)
            self._lent.add(connection)
        except BaseException:
            self._wake(None)
            raise
        finally:
            self._opening -= 1
        return connection

    async def _next(self) -> Any:
        """The next one that is given back; where it was lost, a new one instead."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            async with asyncio.timeout(self._patience):
                connection = await future
        except BaseException:
            if future.done() and not future.cancelled() and future.result() is not None:  # it came at the same moment
                self.give_back(future.result())
            raise
        return await self._opened() if connection is None else connection

    def give_back(self, connection: Any) -> None:
        """Take a lent connection back, and hand it to whoever waits longest."""
        if connection.is_closed():
            self._lent.discard(connection)
            self._wake(None)
        elif not self._wake(connection):
            self._lent.discard(connection)
            self._idle.append(connection)

    def _wake(self, connection: Any) -> bool:
        """Give the first who still waits a connection, or None for the place of one. Whether somebody waited."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(connection)
                return True
        return False

    async def close(self) -> None:
        """Let running statements finish, then close every connection."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CLOSE_TIMEOUT
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                while self._lent:
                    self._idle.append(await self._next())
                    self._lent.discard(self._idle[-1])
        for connection in self._lent:
            connection.terminate()
        for connection in self._idle:
            try:
                await connection.close(timeout=max(0.1, deadline - loop.time()))
            except (OSError, TimeoutError, *_SOUND):
                connection.terminate()
        self._idle.clear()
        self._lent.clear()
