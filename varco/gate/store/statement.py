"""An SQL statement with named parameters and a row type, written once for both engines.

A statement is compiled and listed when it is constructed, which is when its module is imported: one that `/readyz` and the
store tests do not know cannot exist.
"""

import datetime as dt
import operator
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Generic, Literal, TypeVar, get_args, overload

import msgspec

# What a colon may stand in besides a parameter (a literal, a quoted name, a cast) is passed over.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|::|:([a-z]\w*)")

# SQLite's planner leaves the order of a CROSS JOIN as it is written (https://sqlite.org/optoverview.html#crossjoin).
_INNER_JOIN = re.compile(r"(?<!LEFT )\bJOIN\b")

# SQLite has one writer at a time, and no words for a lock of a row.
_ROW_LOCK = re.compile(r" FOR UPDATE OF \w+(?:, \w+)*")


class Schema:
    """The tables of one kind of database, and the statements written for them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.statements: list[Statement[Any]] = []


PLATFORM = Schema("platform")
"""Users, tenants, applications, grants, keys, audit."""

CLINICAL = Schema("clinical")
"""Clinical data; many databases have it (S24)."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """Base of row types: one field a column, in the order and with the names of the statement."""


R_co = TypeVar("R_co", covariant=True)


class Statement(Generic[R_co]):
    """One SQL statement of a schema; `:name` is a parameter. Without a row type it answers no row.

    Both engines join in the order written, whatever statistics say: the table that is found by key comes first.

    Rows come as instances of the row type, the same from both engines: SQLite's integers become `bool` and its texts
    `date` where the row type says so. A struct is made in a fifth of a microsecond, less than reading three columns of a
    driver's row by name.
    """

    __slots__ = ("_module", "_values_of", "from_sqlite", "parameters", "postgres", "returns", "row", "schema", "sqlite")

    @overload
    def __init__(self: "Statement[None]", schema: Schema, text: str) -> None: ...
    @overload
    def __init__(self, schema: Schema, text: str, row: type[R_co]) -> None: ...
    def __init__(self, schema: Schema, text: str, row: Any = None) -> None:
        text = " ".join(text.split())
        self.parameters = tuple(dict.fromkeys(name for name in _TOKEN.findall(text) if name))
        self.postgres = _numbered(text, "$", self.parameters)
        self.sqlite = _numbered(_INNER_JOIN.sub("CROSS JOIN", _ROW_LOCK.sub("", text)), "?", self.parameters)
        self.returns = " RETURNING " in text
        self.row = row
        self.schema = schema
        self.from_sqlite = _from_sqlite(row)
        self._values_of = _values_of(self.parameters)
        self._module: str = sys._getframe(1).f_globals["__name__"]
        schema.statements.append(self)

    @property
    def name(self) -> str:
        """Module and constant, for logs: `clients.CLIENT`."""
        constants = vars(sys.modules[self._module]) if self._module in sys.modules else {}
        constant = next((name for name, value in constants.items() if value is self), self.postgres[:60])
        return f"{self._module.removeprefix('varco.gate.').removeprefix('store.sql.')}.{constant}"

    def __repr__(self) -> str:
        return f"<Statement {self.name}>"

    def __call__(self, **values: Any) -> "BoundStatement[R_co]":
        """The statement with the values in its order. Raises `TypeError` unless every parameter is named, and nothing else."""
        try:
            ordered = self._values_of(values)
        except KeyError:
            ordered = ()
        if len(ordered) != len(values):
            raise TypeError(f"{self.name} has the parameters {', '.join(self.parameters)}, not {', '.join(values)}")
        return self, ordered

    def values(self, **values: Any) -> tuple[Any, ...]:
        """The values alone, for `Database.write_many`."""
        return self(**values)[1]


BoundStatement = tuple[Statement[R_co], tuple[Any, ...]]
"""A statement with the values of its parameters, as `statement(name=value)` makes it."""


class LongStatement(Statement[R_co]):
    """A SELECT whose cost grows with the data, such as a search: read by `all`, apart from the others, and given up in time."""

    __slots__ = ()


class KeyedStatement(Statement[R_co]):
    """A SELECT of one row by its first column, which is the first parameter; many can be asked for at once."""

    __slots__ = ("gathered",)

    def __init__(
        self, schema: Schema, text: str, row: type[R_co], *, key: str, kind: Literal["bigint", "text"] = "bigint"
    ) -> None:
        """`key`: the first column as the text writes it, of this type; the first parameter is compared with it, once."""
        super().__init__(schema, text, row)
        self._module = sys._getframe(1).f_globals["__name__"]
        if not self.postgres.startswith(f"SELECT {key},") or self.postgres.count(f"{key} = $1") != 1:
            raise ValueError(f"not a SELECT of {key} by its first parameter: {self!r}")
        self.gathered = self.postgres.replace(f"{key} = $1", f"{key} = ANY($1::{kind}[])")


def _numbered(text: str, sign: str, parameters: Sequence[str]) -> str:
    """The text with `$1` (PostgreSQL) or `?1` (SQLite) for each parameter."""

    def number(match: re.Match[str]) -> str:
        return f"{sign}{parameters.index(match[1]) + 1}" if match[1] else match[0]

    return _TOKEN.sub(number, text)


def _values_of(parameters: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """What puts named values into the order of the parameters; for several, in C."""
    if len(parameters) > 1:
        return operator.itemgetter(*parameters)
    return lambda values: tuple(values[name] for name in parameters)


def _from_sqlite(row: Any) -> Callable[[tuple[Any, ...]], Any]:
    """What makes the row of a statement from SQLite's values, which know neither boolean nor date."""
    if row is None:
        return lambda _values: None
    kinds = [get_args(field.type) or (field.type,) for field in msgspec.structs.fields(row)]
    converted: list[tuple[int, Callable[[Any], Any]]] = [
        (position, bool if bool in found else dt.date.fromisoformat)
        for position, found in enumerate(kinds)
        if bool in found or dt.date in found
    ]
    if not converted:
        return lambda values: row(*values)

    def convert(values: tuple[Any, ...]) -> Any:
        changed = list(values)
        for position, kind in converted:
            if changed[position] is not None:
                changed[position] = kind(changed[position])
        return row(*changed)

    return convert
