"""Many requests at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")
RUNNERS = 50


def race(run: Callable[[int], T], runners: int = RUNNERS) -> list[T]:
    """What each of the runners got; they start together."""
    start = Barrier(runners)

    def begin(number: int) -> T:
        start.wait()
        return run(number)

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(begin, range(runners)))
