"""The demo's clock, which one command moves on, so that dates that lie ahead can be seen to come.

How far it is ahead of the machine's stands in a file of the data directory, which every process of the demo reads again
within a second: the gate, the portal, the worker and the commands. It only goes on: what was written at a later date
would lie in the future.
"""

import re
import time
from pathlib import Path

from varco import clock
from varco.ops.demo import state

_FILE = "demo-clock"
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_FORM = re.compile(r"\+([1-9][0-9]{0,4})([mhdw])")
_MOST = 3660 * 86400
_LOOK_EVERY = 1_000_000_000  # nanoseconds


def parse(text: str) -> int:
    """Seconds of a step such as `+15d` (minutes, hours, days, weeks). Raises `ValueError`."""
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise ValueError("give how far to move it on, such as +90m, +36h, +15d or +2w; it never goes back")
    return int(found[1]) * _UNITS[found[2]]


def ahead(directory: Path) -> int:
    """How many seconds the demo's clock is ahead of the machine's."""
    try:
        return min(max(int((directory / _FILE).read_text("ascii")), 0), _MOST)
    except (OSError, ValueError):
        return 0


def move(directory: Path, seconds: int) -> int:
    """Move it on and return how many seconds it is ahead now. Raises `ValueError` beyond ten years."""
    total = ahead(directory) + seconds
    if total > _MOST:
        raise ValueError("the demo's clock cannot be moved on by more than ten years in all")
    state.write(directory / _FILE, str(total).encode())
    return total


def follow(directory: Path) -> None:
    """Let this process go by it from now on."""
    clock.install(_Moved(directory))


def worded(seconds: int) -> str:
    """A stretch of time in the largest unit that tells it whole, as `parse` reads it."""
    for unit, length in sorted(_UNITS.items(), key=lambda item: -item[1]):
        if unit != "w" and seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


class _Moved:
    """The machine's clock and the step in the file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ahead_ms = 0
        self._looked: int | None = None

    def __call__(self) -> int:
        looked = time.monotonic_ns()
        if self._looked is None or looked - self._looked > _LOOK_EVERY:
            self._looked = looked
            self._ahead_ms = ahead(self._directory) * 1000
        return clock.system_milliseconds() + self._ahead_ms
