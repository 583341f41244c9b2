"""Reading how the parts of the service stand and stood."""

import datetime as dt
from dataclasses import dataclass, field

from varco import clock
from varco.status.models import CheckedDay, Part, Standing, State
from varco.status.services import KEPT_DAYS, local

STALE = 300
"""Seconds after which nobody knows any more how a part stands: it is checked every minute."""

_HOURS = 24


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a part. `state` is the worst that was found; None: it was not checked. `share`: of good checks, of a hundred."""

    date: dt.date
    state: State | None = None
    share: float | None = None
    unchecked: int = 0  # hours without a check, between the first one ever and now


@dataclass(slots=True)
class PartHistory:
    """A part: how it stands (None: nobody knows) since when, when that was checked (epoch seconds), and its days, the oldest first."""

    part: Part
    state: State | None
    since: int
    checked_at: int
    days: list[Day] = field(default_factory=list)
    share: float | None = None  # of good checks in all days, of a hundred


def history() -> list[PartHistory]:
    """Every part that was ever checked; two statements."""
    now = clock.now()
    today = local(now).date()
    dates = [today - dt.timedelta(days=back) for back in range(KEPT_DAYS - 1, -1, -1)]
    rows: dict[str, dict[dt.date, CheckedDay]] = {}
    for row in CheckedDay.objects.filter(day__gte=dates[0]).order_by("day"):
        rows.setdefault(row.part, {})[row.day] = row
    found = []
    known = {standing.part: standing for standing in Standing.objects.all()}
    for part in Part:
        standing = known.get(part.value)
        if standing is None:
            continue
        state = State(standing.state) if standing.checked_at > now - STALE else None
        counted = rows.get(part.value, {})
        days = [_day(date, counted.get(date), _expected(date, counted, now)) for date in dates]
        good, total = sum(row.good for row in counted.values()), sum(map(_checks, counted.values()))
        share = good * 100 / total if total else None
        found.append(PartHistory(part, state, standing.since, standing.checked_at, days, share))
    return found


def _checks(row: CheckedDay) -> int:
    return row.good + row.degraded + row.down


def _expected(date: dt.date, counted: dict[dt.date, CheckedDay], now: int) -> int:
    """A bit for each whole hour of a day in which there should have been checks."""
    first = min(counted, default=None)
    today = local(now).date()
    if first is None or date < first or date > today:
        return 0
    hours = (1 << _HOURS) - 1
    if date == first:  # from the first check on
        lowest = (counted[first].hours & -counted[first].hours).bit_length() - 1
        hours &= ~((1 << max(lowest, 0)) - 1)
    if date == today:
        hours &= (1 << local(now).hour) - 1
    return hours


def _day(date: dt.date, row: CheckedDay | None, expected: int) -> Day:
    if row is None or not _checks(row):
        return Day(date, unchecked=expected.bit_count())
    state = State.DOWN if row.down else State.DEGRADED if row.degraded else State.GOOD
    return Day(date, state, row.good * 100 / _checks(row), (expected & ~row.hours).bit_count())
