"""Counting, and forgetting what is too old to be shown."""

from varco import clock
from varco.usage import records, refreshes
from varco.usage.models import AnswerTime, CountedGrant, DayCount


def count() -> dict[str, int]:
    """Count what was recorded since the last time, and return how many of each kind of record.

    Any number of servers may do so at once: each row is counted in the transaction that moves past it.
    """
    return {source.name: records.count(source) for source in records.SOURCES} | {refreshes.SOURCE: refreshes.count()}


def sweep() -> int:
    """Delete days of long ago, and return how many counts that was."""
    now = clock.now_ms()
    CountedGrant.objects.filter(at__lt=now - records.KEPT_DAYS * records.DAY_MS).delete()
    past = now // records.DAY_MS - records.KEPT_DAYS
    return sum(model.objects.filter(day__lt=past).delete()[0] for model in (DayCount, AnswerTime))
