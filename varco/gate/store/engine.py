"""The interface of a database to the gate. Endpoints know this and their statements, never an engine."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from varco.gate.store.statement import BoundStatement, Statement

R = TypeVar("R")


class StoreUnavailable(Exception):  # noqa: N818 - it is a state of the store; the answer is 503
    """The database is busy, locked or absent for now: nothing was written, or it is not known whether it was.

    `retry_after` is in seconds.
    """

    def __init__(self, reason: str, retry_after: int = 1) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


READ_SECONDS = 1.0
"""Seconds after which a `LongStatement` is given up, the wait for its turn included."""


class ReadTimeoutError(StoreUnavailable):
    """A `LongStatement` did not come to its end in time. The same read may succeed later; one of less surely does."""


class StatementError(Exception):
    """The database would not carry out a statement; trying again does not help, and the answer is 500.

    A constraint is violated, or a value does not fit its column.
    """

    def __init__(self, statement: Statement[Any], fault: BaseException) -> None:
        super().__init__(f"{statement.name}: {type(fault).__name__}: {fault}")
        self.statement = statement


class ProgrammingError(StatementError):
    """The statement itself is wrong: an unknown table (migrations missing) or column, bad syntax (PEP 249)."""


class DuplicateError(StatementError):
    """A constraint would not have the row beside another one: with the same key, or at the same time."""


Further = BoundStatement[Any] | Callable[[Any], BoundStatement[Any]]
"""A further statement of a transaction, or what makes it from the row of the first: a function that only computes."""


class Load(NamedTuple):
    """What one worker asks of a database now: statements under way, connections at rest, statements that wait for either."""

    busy: int
    idle: int
    waiting: int


class Database(Protocol):
    """One of the three databases.

    Every method raises `StoreUnavailable` while the database cannot be used, and `StatementError` for a statement that it
    does not take. Call them on the event loop that opened it.
    """

    suspect: bool
    """Whether the last commit failed for a reason of the database itself: a full disk, or one that may only be read."""

    async def open(self) -> None:
        """Get ready. A database that is away now is no error: it is tried again when it is needed."""

    async def close(self) -> None:
        """Finish what is being carried out, then let go of every connection; nothing is asked from here on."""

    async def one(self, query: BoundStatement[R]) -> R | None:
        """The first row a query finds."""

    async def all(self, query: BoundStatement[R]) -> Sequence[R]:
        """Every row a query finds. A `LongStatement` keeps no other waiting; it raises `ReadTimeoutError` when it takes too long."""

    async def write(self, first: BoundStatement[R], *further: Further) -> R | None:
        """Carry out statements in one transaction, and answer with the row of the first when it is committed.

        A first statement that returns rows is a condition: where it matched none, the others are not carried out. Raises
        `DuplicateError` when a unique constraint would not have one of them; then none was carried out.
        """

    async def write_many(self, statement: Statement[None], rows: Sequence[tuple[Any, ...]]) -> None:
        """Carry out one statement for each of the rows (`Statement.values`), in one transaction."""

    async def prepare(self, statement: Statement[Any]) -> None:
        """Compile a statement without running it. Raises `StatementError` when the schema does not fit it."""

    def load(self) -> Load:
        """What is asked of it at this moment."""

    async def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database answers."""
