"""Noting what the upkeep did."""

from collections.abc import Mapping

from varco import clock
from varco.upkeep.models import Run, Step

KEPT = 30 * 86400
"""Seconds that a run is kept."""


def note(step: str, *, every: float, at_ms: int, took_ms: int, done: Mapping[str, int], fault: str = "") -> None:
    """Note that a step was done (`every` in seconds), and the run itself if it did something or failed."""
    values = {"every_ms": int(every * 1000), "last_at": at_ms}
    if fault:
        values |= {"last_fault_at": at_ms, "last_fault": fault[:250]}  # type: ignore[dict-item] # columns of several types
    Step.objects.update_or_create(name=step, defaults=values)
    counted = {name: number for name, number in done.items() if number}
    if counted or fault:
        Run.objects.create(step=step, at=at_ms, took_ms=took_ms, fault=fault[:250], done=counted)


def sweep() -> int:
    """Delete runs of long ago, and return how many."""
    return Run.objects.filter(at__lt=clock.now_ms() - KEPT * 1000).delete()[0]
