"""Connections through a pooler in transaction mode, which may give each transaction to another server session.

Nothing may be left in a session then, nor looked for there: no prepared statement, no setting. asyncpg parses and executes in two
messages, between which such a pooler may change the session; so each statement is a transaction of its own, whose settings begin
and end with it. That makes four turns of one (docs/decisions/0031).
"""

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import asyncpg

_REFUSED = (asyncpg.PostgresError, asyncpg.InterfaceError)


def settings_text(command: str, settings: Mapping[str, str]) -> str:
    """Statements that make the settings; names and values are the gate's own."""
    return "".join(f"{command} {name} = '{value}';" for name, value in settings.items())


class PooledConnection(asyncpg.Connection):  # type: ignore[misc]  # it has no types
    """As asyncpg's, with every statement in a transaction. `opening`: what begins one."""

    __slots__ = ("opening",)
    opening: str

    def begin_with(self, settings: Mapping[str, str]) -> None:
        """Have each transaction make these settings; it is one message with BEGIN."""
        self.opening = "BEGIN;" + settings_text("SET LOCAL", settings)

    @contextlib.asynccontextmanager
    async def transaction(self, **_: Any) -> AsyncIterator[None]:
        """A transaction; within one, nothing."""
        if self.is_in_transaction():
            yield
            return
        try:
            await self.execute(self.opening)
            yield
            await self.execute("COMMIT")
        except _REFUSED:
            # Of anything else (a timeout, say) the connection does not survive, nor its transaction.
            await self._roll_back()
            raise

    async def _roll_back(self) -> None:
        """End the transaction, if one has begun; a connection that stays in it is no good to anybody else."""
        with contextlib.suppress(OSError, asyncpg.InternalClientError, *_REFUSED):
            if self.is_in_transaction():
                await self.execute("ROLLBACK")
        if self.is_closed() or self.is_in_transaction():
            self.terminate()

    async def fetchrow(self, query: str, *values: Any) -> Any:
        """The first row."""
        async with self.transaction():
            return await super().fetchrow(query, *values)

    async def fetch(self, query: str, *values: Any) -> Any:
        """Every row."""
        async with self.transaction():
            return await super().fetch(query, *values)

    async def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for each of the rows."""
        async with self.transaction():
            await super().executemany(query, rows)

    async def prepare(self, query: str) -> Any:
        """Have the server parse a statement, which is forgotten with the transaction."""
        async with self.transaction():
            return await super().prepare(query, name="")
