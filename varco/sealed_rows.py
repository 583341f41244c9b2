"""Rows that hold something sealed under a master key: which key opens them, and moving them to the first one.

Who seals something says so once, as a `SealedKind`; `varco keys master --status` and `varco keys reseal` walk them all.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from varco import sealing

BATCH = 200
"""Rows that are locked and moved in one transaction."""

SAMPLE = 20
"""Rows that are looked at to see whether anything opens."""


class Part(NamedTuple):
    """One sealed value of a row, and what it is bound to."""

    sealed: bytes
    context: bytes = b""


@dataclass(frozen=True, slots=True)
class SealedKind:
    """Rows of one table that hold sealed values.

    `rows` finds those that are still of use, `parts` their values, and `replace` puts others in their places, for `columns`.
    """

    name: str
    purpose: str
    columns: tuple[str, ...]
    rows: Callable[[], QuerySet[Any]]
    parts: Callable[[Any], Sequence[Part]]
    replace: Callable[[Any, Sequence[bytes]], None]

    def opened_by(self, masters: tuple[bytes, ...], row: Any) -> int | None:
        """The place of the last of the keys that it takes to open a row, None if it does not open."""
        last = 0
        try:
            parts = self.parts(row)
        except ValueError:
            return None  # not even the form is right
        for part in parts:
            place = sealing.opened_by(masters, self.purpose, *part)
            if place is None:
                return None
            last = max(last, place)
        return last

    def census(self, masters: tuple[bytes, ...]) -> Counter[int | None]:
        """How many rows each of the keys opens, by its place; under None those that none does."""
        return Counter(self.opened_by(masters, row) for batch in _batches(self.rows()) for row in batch)

    def lost(self, masters: tuple[bytes, ...]) -> bool:
        """Whether of the newest rows none opens, as a look that costs the same however many there are."""
        newest = list(self.rows().order_by("-pk")[:SAMPLE])
        return bool(newest) and all(self.opened_by(masters, row) is None for row in newest)

    def move(self, masters: tuple[bytes, ...], moved: Callable[[int], object]) -> int:
        """Seal anew under the first key what others opened, and return how many rows that were.

        Safe while servers work: a row is locked, and read again under the lock. `moved` is called in each transaction with
        the number of its rows. May be interrupted anywhere and run again.
        """
        total = 0
        for batch in _batches(self.rows()):
            behind = [row.pk for row in batch if self.opened_by(masters, row)]
            if behind:
                total += self._moved(masters, behind, moved)
        return total

    @transaction.atomic
    def _moved(self, masters: tuple[bytes, ...], keys: Sequence[Any], moved: Callable[[int], object]) -> int:
        number = 0
        for row in self.rows().filter(pk__in=keys).order_by("pk").select_for_update():
            if not self.opened_by(masters, row):
                continue  # somebody wrote it anew meanwhile
            plain = [sealing.open_sealed(masters, self.purpose, *part) for part in self.parts(row)]
            anew = [
                sealing.seal(masters, self.purpose, words, part.context)
                for words, part in zip(plain, self.parts(row), strict=True)
            ]
            self.replace(row, anew)
            row.save(update_fields=self.columns)
            number += 1
        if number:
            moved(number)
        return number


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    last = None
    while True:
        batch = list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1].pk
