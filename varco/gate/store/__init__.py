"""The databases of the gate: one interface (`engine`), two engines behind it, and the gate's only SQL.

A *statement* (`statement`) is SQL with named parameters and a row type; it belongs to a *schema* (`PLATFORM`, `CLINICAL`)
and lists itself there when it is constructed. `sql/` has them, a file a topic. An endpoint binds values and hands the bound
statement to a database: `await context.platform.one(GRANT_OF_RID(rid=rid))` reads, `await context.platform.write(…)` carries
out several in one transaction. `stores` opens the three databases and tells, for `/readyz`, whether each fits its
statements. `sqlite` commits the writes of a tick together; `postgres` keeps a pool, and `gather` sends equal reads of a tick
as one. A read whose cost grows with the data is a `LongStatement`, which keeps no other waiting (`readers`). What a database refuses is `StatementError` (500); a database that is busy, locked or absent is `StoreUnavailable` (503).
"""

from varco.gate.store.engine import (
    Database,
    DuplicateError,
    Further,
    ProgrammingError,
    ReadTimeoutError,
    StatementError,
    StoreUnavailable,
)
from varco.gate.store.statement import (
    CLINICAL,
    PLATFORM,
    BoundStatement,
    KeyedStatement,
    LongStatement,
    Row,
    Schema,
    Statement,
)
from varco.gate.store.stores import Stores

__all__ = [
    "CLINICAL",
    "PLATFORM",
    "BoundStatement",
    "Database",
    "DuplicateError",
    "Further",
    "KeyedStatement",
    "LongStatement",
    "ProgrammingError",
    "ReadTimeoutError",
    "Row",
    "Schema",
    "Statement",
    "StatementError",
    "StoreUnavailable",
    "Stores",
]
