"""The clock of the review desk: an answer within two business days.

It runs from the last submission. What was sent back has no clock: the next submission is a new revision with a new one.
Days without business are Saturdays, Sundays, the holidays of Italy, and that of the patron saint where the vendor is.
"""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings

BUSINESS_DAYS = 2
HALF = 1
"""Business days after which the desk is reminded: half of them."""
CLOSE = dt.time(18)  # when a business day ends, in the time zone of the portal
_SATURDAY = 5
_LONGEST = 21 * 86400  # seconds: more than two business days with the longest feasts between them


def due_at(submitted_at: int, days: int = BUSINESS_DAYS) -> int:
    """When an answer is due, in epoch seconds: at `CLOSE`, `days` business days on.

    What comes in after `CLOSE`, or on a day without business, counts as come in on the next business day.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    moment = dt.datetime.fromtimestamp(submitted_at, zone)
    day = moment.date() + dt.timedelta(days=moment.time() > CLOSE)
    while not is_business_day(day):
        day += dt.timedelta(days=1)
    while days > 0:
        day += dt.timedelta(days=1)
        days -= is_business_day(day)
    return int(dt.datetime.combine(day, CLOSE, zone).timestamp())


def half_at(submitted_at: int) -> int:
    """When half of the time for an answer is over, in epoch seconds."""
    return due_at(submitted_at, HALF)


def late_if_before(now: int) -> int:
    """The moment before which whatever was submitted is overdue at `now`; both in epoch seconds."""
    earliest, latest = now - _LONGEST, now
    while earliest < latest:
        middle = (earliest + latest) // 2
        if due_at(middle) < now:
            earliest = middle + 1
        else:
            latest = middle
    return earliest


def is_business_day(day: dt.date) -> bool:
    """Whether somebody sits at the desk on a day."""
    return day.weekday() < _SATURDAY and day not in _holidays(day.year, settings.VARCO.vendor_province)


@lru_cache(maxsize=32)
def _holidays(year: int, province: str) -> frozenset[dt.date]:
    """The holidays of a year. A whole set, since the library's own calendar grows while it is asked, which threads would see."""
    return frozenset(holidays.country_holidays("IT", subdiv=province or None, years=year))
