"""Days of a clinic as moments: pure arithmetic by the clocks of its zone, over their changes too."""

import datetime as dt
from zoneinfo import ZoneInfo

_LAST = dt.time(23, 59, 59)
_MORNING = dt.time(8)


def today(now: int, zone: str) -> dt.date:
    """The day it is at a moment (epoch seconds) by the clocks of a zone."""
    return dt.datetime.fromtimestamp(now, ZoneInfo(zone)).date()


def beginning_of(day: dt.date, zone: str) -> int:
    """When a day begins (epoch seconds)."""
    return _moment(day, dt.time(0), zone, fold=0)


def morning_of(day: dt.date, zone: str) -> int:
    """When people begin to work on a day: at eight."""
    return _moment(day, _MORNING, zone, fold=0)


def end_of(day: dt.date, zone: str) -> int:
    """The last second of a day, 23:59:59; where the clocks go back over midnight, the later one of that name."""
    return _moment(day, _LAST, zone, fold=1)


def latest_day(first: dt.date) -> dt.date:
    """The last day that twelve months from a first one reach."""
    try:
        return first.replace(year=first.year + 1)
    except ValueError:  # 29 February
        return dt.date(first.year + 1, 2, 28)


def _moment(day: dt.date, time: dt.time, zone: str, *, fold: int) -> int:
    return int(dt.datetime.combine(day, time.replace(fold=fold), ZoneInfo(zone)).timestamp())
