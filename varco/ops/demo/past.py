"""Acting in the past, so that the demo has a history whose dates agree with each other."""

from collections.abc import Iterator
from contextlib import contextmanager

from varco import clock

DAY, HOUR = 86400, 3600
REGISTERED = 40 * DAY  # how long ago the demo's applications came: before anything that happened to them


@contextmanager
def ago(seconds: int) -> Iterator[None]:
    """Let the services act as if it were so many seconds earlier."""
    real = clock.installed()
    before = clock.install(lambda: real() - seconds * 1000)
    try:
        yield
    finally:
        clock.install(before)
