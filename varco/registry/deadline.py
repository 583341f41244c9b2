"""The clock of the review desk: an answer within two business days."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

BUSINESS_DAYS = 2
_SATURDAY = 5


def due_at(submitted_at: int, days: int = BUSINESS_DAYS) -> int:
    """When an answer is due, in epoch seconds: the same time of day, `days` days on, Saturdays and Sundays not counted.

    What comes in at a weekend counts as come in on Monday at 00:00, in the time zone of the portal.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    moment = datetime.fromtimestamp(submitted_at, zone)
    while moment.weekday() >= _SATURDAY:
        moment = datetime.combine(moment.date() + timedelta(days=1), time(), zone)
    while days > 0:
        moment = moment + timedelta(days=1)
        days -= moment.weekday() < _SATURDAY
    return int(moment.timestamp())
