"""A clinic's days by its own clocks, as instants: right when the clocks change (S49).

A day falls into *pieces*, in each of which the clock goes evenly: one on most days, two when the clocks change. All hours
are minutes of the clock's face, all instants epoch seconds, all spans half-open. A span of hours means every instant at which
the clock shows such a minute: the hour that is left out in March does not exist, the one that comes twice in October is open twice.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

MINUTE = 60
DAY_MINUTES = 1440
_EPOCH = dt.date(1970, 1, 1).toordinal()

Span = tuple[int, int]
"""From an instant on, and before another."""


class Piece(NamedTuple):
    """A part of a day in which the clock goes evenly; `midnight` is where its face would show 0:00."""

    start: int
    end: int
    midnight: int

    def span(self, opens: int, closes: int) -> Span:
        """The instants whose minute of the day is from `opens` on and before `closes`; empty if it does not end after it begins."""
        return max(self.start, self.midnight + opens * MINUTE), min(self.end, self.midnight + closes * MINUTE)


class LocalDay(NamedTuple):
    """A day of a clinic."""

    day: dt.date
    pieces: tuple[Piece, ...]

    @property
    def start(self) -> int:
        """Its first instant."""
        return self.pieces[0].start

    @property
    def end(self) -> int:
        """The first instant of the next one."""
        return self.pieces[-1].end

    def spans(self, opens: int, closes: int) -> Iterator[Span]:
        """The instants between two hours."""
        for piece in self.pieces:
            start, end = piece.span(opens, closes)
            if start < end:
                yield start, end


@lru_cache(maxsize=4096)
def local_day(zone: ZoneInfo, day: dt.date) -> LocalDay:
    """The pieces of a day."""
    start, end = _begins(zone, day), _begins(zone, day + dt.timedelta(days=1))
    first, last = _offset(zone, start), _offset(zone, end - 1)
    face = (day.toordinal() - _EPOCH) * DAY_MINUTES * MINUTE
    if first == last:
        return LocalDay(day, (Piece(start, end, face - first),))
    before, after = start, end - 1
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == first:
            before = middle
        else:
            after = middle
    return LocalDay(day, (Piece(start, after, face - first), Piece(after, end, face - last)))


def day_of(zone: ZoneInfo, instant: int) -> dt.date:
    """The date that the clinic's calendar shows at an instant."""
    return dt.datetime.fromtimestamp(instant, zone).date()


def _begins(zone: ZoneInfo, day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _offset(zone: ZoneInfo, instant: int) -> int:
    offset = dt.datetime.fromtimestamp(instant, zone).utcoffset()
    assert offset is not None  # noqa: S101 - a zone has one at every instant
    return int(offset.total_seconds())


def united(spans: Iterable[Span]) -> list[Span]:
    """The same instants as few spans, in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        elif start < end:
            found.append((start, end))
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of spans; both are in order and touch nothing of their own."""
    found: list[Span] = []
    gone = list(taken)
    for begin, end in spans:
        start = begin
        for off, on in gone:
            if on <= start:
                continue
            if off >= end:
                break
            if off > start:
                found.append((start, off))
            start = on
        if start < end:
            found.append((start, end))
    return found


@lru_cache(maxsize=64)
def _national(year: int) -> dict[dt.date, str]:
    return {day: str(name) for day, name in holidays.country_holidays("IT", years=year).items()}


def holiday(day: dt.date, patron: str = "") -> str:
    """The name of Italy's public holiday on a day, or of the patron saint's (`MM-DD`); empty if it is none."""
    if name := _national(day.year).get(day):
        return name
    return "Patron saint" if patron and f"{day:%m-%d}" == patron else ""


_national(2027)  # the first look takes 80 ms of reading modules, which no request shall wait for
