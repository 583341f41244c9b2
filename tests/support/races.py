"""Many requests at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
RUNNERS = 50
_PATIENCE = "PRAGMA busy_timeout = 60000"
"""How long a runner waits for SQLite's one writer: a whole crowd where the disk is slow and others use it too."""


def race(run: Callable[[int], T], runners: int = RUNNERS) -> list[T]:
    """What each of the runners got; they start together, each in a thread with database connections of its own."""
    start = Barrier(runners)

    def begin(number: int) -> T:
        try:
            if connections["default"].vendor == "sqlite":
                with connections["default"].cursor() as cursor:
                    cursor.execute(_PATIENCE)
            start.wait(timeout=60)
            return run(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(begin, range(runners)))
