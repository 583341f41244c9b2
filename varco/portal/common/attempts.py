"""Limits of attempts, as at guessing a code: at most so many in the seconds before, of one person or from one place.

An attempt takes one of the limit's slots until its seconds are over. Taking a slot is one atomic `add` to the cache, so
two attempts at the same moment count as two, and one that cannot be counted is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in so many seconds."""

    attempts: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted."""

    slots: tuple[str, ...]

    def rollback(self) -> None:
        """Do not count it after all."""
        cache.delete_many(self.slots)


def attempt(limits: Mapping[str, Limit]) -> Attempt | None:
    """Count one attempt under every key; None, and nothing is counted, when there were too many or the count failed.

    Keys say what is counted and whose, as `user_code:ip:203.0.113.9`.
    """
    taken: list[str] = []
    for key, limit in limits.items():
        slot = _take_slot(key, limit)
        if slot is None:
            cache.delete_many(taken)
            return None
        taken.append(slot)
    return Attempt(tuple(taken))


def _take_slot(key: str, limit: Limit) -> str | None:
    slots = [f"attempts:{key}:{number}" for number in range(limit.attempts)]
    occupied = cache.get_many(slots)
    # One that another attempt takes meanwhile is refused by `add`, and the next is tried.
    free = (slot for slot in slots if slot not in occupied)
    return next((slot for slot in free if cache.add(slot, value=True, timeout=limit.seconds)), None)
