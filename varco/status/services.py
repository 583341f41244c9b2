"""Writing down what checks found, also what they found while nothing could be written."""

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction
from django.utils import timezone

from varco import clock
from varco.status.models import CheckedDay, Part, Standing, State

KEPT_DAYS = 90
"""Days kept and shown, today among them."""

MOST_WAITING = 400
"""Counts that wait in memory: of each part more days than anybody leaves a database unwritable."""

_ADD = """
    INSERT INTO status_checkedday (part, day, good, degraded, down, hours) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (part, day) DO UPDATE SET good = status_checkedday.good + excluded.good,
        degraded = status_checkedday.degraded + excluded.degraded, down = status_checkedday.down + excluded.down,
        hours = status_checkedday.hours | excluded.hours
"""


def local(seconds: int) -> dt.datetime:
    """A moment (epoch seconds) where the vendor is."""
    return dt.datetime.fromtimestamp(seconds, timezone.get_default_timezone())


class Recorder:
    """What one process found and has not written yet: while the database is away, that is kept until it is back."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Part, dt.date], list[int]] = {}

    def record(self, found: Mapping[Part, State]) -> int:
        """Write what was found now, with what waits. Raises Django's `DatabaseError` while that cannot be; it waits on, then."""
        now = clock.now()
        moment = local(now)
        for part, state in found.items():
            counts = self._waiting.setdefault((part, moment.date()), [0, 0, 0, 0])
            counts[list(State).index(state)] += 1
            counts[3] |= 1 << moment.hour
        while len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        with transaction.atomic():
            with connection.cursor() as cursor:
                # In one order, so that no two workers wait for each other.
                rows = sorted((part.value, day, *counts) for (part, day), counts in self._waiting.items())
                cursor.executemany(_ADD, rows)
            for part, state in sorted(found.items()):
                _stands(part, state, now)
        self._waiting = {}
        return len(found)


def _stands(part: Part, state: State, now: int) -> None:
    if not Standing.objects.filter(pk=part.value, state=state.value).update(checked_at=now):
        values = {"state": state.value, "since": now, "checked_at": now}
        Standing.objects.update_or_create(part=part.value, defaults=values)


def sweep() -> int:
    """Delete days of long ago, and return how many rows went."""
    first = local(clock.now()).date() - dt.timedelta(days=KEPT_DAYS - 1)
    return CheckedDay.objects.filter(day__lt=first).delete()[0]
