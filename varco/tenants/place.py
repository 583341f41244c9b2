"""Where a clinic is: its time zone and its holidays. Pure arithmetic, and the checks of what somebody entered."""

import datetime as dt
import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DEFAULT_ZONE = "Europe/Rome"

_FIXED = ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26))
_FRANCIS_AGAIN_SINCE = 2026  # 4 October, by the law of 8 October 2025, n. 151
_MONTH_AND_DAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)


@cache
def zones() -> tuple[str, ...]:
    """The zones to choose from: places by continent and city, without abbreviations and compatibility names."""
    wanted = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return tuple(sorted(name for name in available_timezones() if name.startswith(wanted)))


def known_zone(value: str) -> None:
    """Raise `ValidationError` for what is no zone of `zones`."""
    if value not in zones():
        raise ValidationError(_("There is no time zone of this name."), code="unknown_zone")


def month_and_day(value: str) -> None:
    """Raise `ValidationError` for what is no `MM-DD`; of 29 February too, which most years do not have."""
    found = _MONTH_AND_DAY.fullmatch(value)
    try:
        if found is None:
            raise ValueError
        dt.date(2001, int(found[1]), int(found[2]))
    except ValueError:
        raise ValidationError(_("Give month and day as 12-07."), code="no_day") from None


def holidays(year: int, local: str = "") -> list[dt.date]:
    """Italy's public holidays of a year, Sundays aside, and the local one (`MM-DD`; empty: none), in order."""
    days = {dt.date(year, month, day) for month, day in _FIXED} | {_easter(year) + dt.timedelta(days=1)}
    if year >= _FRANCIS_AGAIN_SINCE:
        days.add(dt.date(year, 10, 4))
    if local:
        month, day = map(int, local.split("-"))
        days.add(dt.date(year, month, day))
    return sorted(days)


def next_holiday(now: int, zone: str, local: str = "") -> dt.date:
    """The first holiday from today on, by the clocks of the zone (`now` in epoch seconds)."""
    today = dt.datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    coming = (day for year in (today.year, today.year + 1) for day in holidays(year, local) if day >= today)
    return next(coming)


def _easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar, by the computus of Meeus, Jones and Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, common = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarter, odd = divmod(rest, 4)
    weekday = (32 + 2 * common + 2 * quarter - moon - odd) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)
