"""The interface of a database to the gate. Endpoints know this and `statements`, never an engine."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

_NUMBERED = re.compile(r"\$(\d+)")


class Row(Protocol):
    """One row; columns by name (`sqlite3.Row` and `asyncpg.Record` both are such)."""

    def __getitem__(self, key: str | int, /) -> Any:
        """Value of a column, by name or position."""

    def __iter__(self) -> Iterator[Any]:
        """Values in the order of the columns."""

    def keys(self) -> Any:
        """Names of the columns."""


class StoreUnavailable(Exception):  # noqa: N818 - it is a state of the store; the answer is 503
    """The database cannot be reached, or stays locked, for now: nothing was written, or it is not known whether it was.

    `retry_after` is in seconds.
    """

    def __init__(self, reason: str, retry_after: int = 1) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Statement:
    """One SQL statement for both engines: parameters are written `$1`, as PostgreSQL wants them; SQLite gets `?1`."""

    __slots__ = ("parameters", "postgres", "returns", "sqlite")

    def __init__(self, text: str) -> None:
        self.postgres = " ".join(text.split())
        self.sqlite = _NUMBERED.sub(r"?\1", self.postgres)
        self.parameters = max(map(int, _NUMBERED.findall(self.postgres)), default=0)
        self.returns = " RETURNING " in self.postgres

    def __repr__(self) -> str:
        return f"Statement({self.postgres[:60]}…)"


class KeyedStatement(Statement):
    """A SELECT of one row by the integer in its first column, the first parameter; many can be asked for at once."""

    __slots__ = ("gathered",)

    def __init__(self, text: str, key: str) -> None:
        """`key`: the first column as the text writes it; the condition on it is written `key = $1`."""
        super().__init__(text)
        if not self.postgres.startswith(f"SELECT {key},") or self.postgres.count(f"{key} = $1") != 1:
            raise ValueError(f"not a SELECT of {key} by {key} = $1: {self!r}")
        self.gathered = self.postgres.replace(f"{key} = $1", f"{key} = ANY($1::bigint[])")


Step = tuple[Statement, tuple[Any, ...]]
"""A statement and its parameters."""


class Database(Protocol):
    """One of the three databases. Every method raises `StoreUnavailable` while the database cannot be used."""

    async def open(self) -> None:
        """Get ready. A database that is away now is no error: it is tried again when it is needed."""

    async def close(self) -> None:
        """Finish what was accepted, then let go of every connection."""

    async def one(self, statement: Statement, *values: Any) -> Row | None:
        """The first row a query finds."""

    async def all(self, statement: Statement, *values: Any) -> Sequence[Row]:
        """Every row a query finds."""

    async def write(self, *steps: Step) -> Row | None:
        """Carry out the steps in one transaction, and answer with the row of the first when it is committed.

        A first step that returns rows is a condition: where it matched none, the others are not carried out.
        """

    async def write_many(self, statement: Statement, rows: Sequence[tuple[Any, ...]]) -> None:
        """Carry out one statement for each of the rows, in one transaction."""

    async def prepare(self, statement: Statement) -> None:
        """Compile a statement without running it. Raises `StoreUnavailable` when the schema does not fit it."""
