"""The clock of the review desk: an answer within two business days."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

BUSINESS_DAYS = 2
CLOSE = time(18)  # when a business day ends, in the time zone of the portal
_SATURDAY = 5
_LONGEST = 7 * 86400  # seconds: more than two business days with a weekend and a change of the clocks between them


def due_at(submitted_at: int, days: int = BUSINESS_DAYS) -> int:
    """When an answer is due, in epoch seconds: at `CLOSE`, `days` days on, Saturdays and Sundays not counted.

    What comes in at a weekend or after `CLOSE` counts as come in on the next business day.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    moment = datetime.fromtimestamp(submitted_at, zone)
    day = moment.date() + timedelta(days=moment.time() > CLOSE)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    return int(datetime.combine(day, CLOSE, zone).timestamp())


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
