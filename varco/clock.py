"""The one place that reads the time, so that tests and the demo can hand in another clock.

Gate and protocol take times as arguments; the Django apps ask `now()` here.
"""

import time
from collections.abc import Callable

Clock = Callable[[], int]


def system_milliseconds() -> int:
    """Milliseconds since the epoch, from the operating system."""
    return time.time_ns() // 1_000_000


_source: Clock = system_milliseconds


def now_ms() -> int:
    """Milliseconds since the epoch, from the installed clock."""
    return _source()


def now() -> int:
    """Whole seconds since the epoch, from the installed clock."""
    return _source() // 1000


def installed() -> Clock:
    """The clock that `now()` and `now_ms()` ask: for whoever keeps one of its own, and for a clock that builds on it."""
    return _source


def install(source: Clock) -> Clock:
    """Replace the clock (in tests and in the demo, whose clock can be moved) and return the one that was there."""
    global _source
    before, _source = _source, source
    return before
