"""Days as they are reckoned on the pages, which is where the clinics are."""

import datetime as dt

from django.utils import timezone

from varco import clock

_FIRST, _LAST = dt.date(1970, 1, 2), dt.date(9998, 12, 31)


def today() -> dt.date:
    """The day that it is here."""
    return dt.datetime.fromtimestamp(clock.now(), timezone.get_current_timezone()).date()


def sound(day: dt.date | None) -> bool:
    """Whether a day is one that moments are kept of."""
    return day is not None and _FIRST <= day <= _LAST


def midnight(day: dt.date, *, after: int = 0) -> int:
    """The beginning of a day, or of one some days after it, in epoch milliseconds."""
    local = dt.datetime.combine(day + dt.timedelta(days=after), dt.time.min)
    return int(timezone.make_aware(local).timestamp()) * 1000
