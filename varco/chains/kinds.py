"""A table of chained rows, as the functions of this package need to know it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model, QuerySet


@dataclass(frozen=True, slots=True)
class ChainedKind:
    """A table of one database.

    `records` and `states` find the rows of chains and of their ends. `field` is the column that tells streams apart, empty where
    the table is one stream; `prefix` and its value are the stream's name. `columns` are what a digest speaks of. `linked` is called in the
    transaction in which rows were linked, with their primary keys and values by column; `derived` tells for some rows whether
    what was made of them then still fits, as the primary key of the first for which it does not. `forget` takes away what belongs to rows
    that are removed.
    """

    alias: str
    prefix: str
    records: Callable[[], QuerySet[Any]]
    states: Callable[[], QuerySet[Any]]
    columns: Sequence[str]
    field: str = ""
    linked: Callable[[Sequence[tuple[int, Mapping[str, Any]]]], None] = lambda _rows: None
    derived: Callable[[Sequence[tuple[int, Mapping[str, Any]]]], int | None] = lambda _rows: None
    forget: Callable[[Sequence[int]], None] = lambda _keys: None

    @property
    def model(self) -> type[Model]:
        """The model of its rows."""
        found: type[Model] = self.records().model
        return found

    @property
    def is_postgres(self) -> bool:
        """Which of the two engines it stands in."""
        return connections[self.alias].vendor == "postgresql"

    def name(self, value: str) -> str:
        """The stream of the rows with a value in `field`."""
        return f"{self.prefix}:{value}" if self.field else self.prefix

    def value(self, stream: str) -> str:
        """The reverse of `name`."""
        return stream.removeprefix(f"{self.prefix}:") if self.field else ""

    def has(self, stream: str) -> bool:
        """Whether a stream of this name would stand in this table."""
        return stream.startswith(f"{self.prefix}:") if self.field else stream == self.prefix

    def of_stream(self, stream: str) -> QuerySet[Any]:
        """The rows of a stream, linked or not."""
        return self.records().filter(**{self.field: self.value(stream)}) if self.field else self.records()

    def unlinked(self) -> QuerySet[Any]:
        """The rows that have no place yet, in the order of their keys."""
        return self.records().filter(seq=None).order_by("pk")
