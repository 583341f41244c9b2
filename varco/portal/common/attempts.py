"""Limits of failed attempts, as at guessing a password or a code, of one account or place.

So many are free in the seconds before; then nothing is looked at for a while, which each further failure makes longer.

Only failures count, and after the fact: each is a row, inserted when the proof has failed. So any number of people with the
right password come in at the same moment. A burst of guesses gains nothing by that: every outcome, right or wrong, is
judged again when it is known, by the failures that stand in the database by then.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from varco import clock
from varco.accounts import queries as accounts
from varco.accounts import services
from varco.accounts.queries import Failures

T = TypeVar("T")
_KEPT = 86_400  # seconds that a failure is kept, as far as any limit looks back


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures are free in so many seconds.

    After them the next attempt waits `first` seconds from the last failure, twice as long after each further one, and never
    longer than `longest` (NIST SP 800-63B-4 §3.2.2). Without `first` it waits until fewer failures are that young.
    """

    failures: int
    seconds: int
    first: int = 0
    longest: int = 0

    def wait(self, failed: Failures, now_ms: int) -> int:
        """Seconds until the next attempt is looked at; 0 if it is at once."""
        beyond = failed.number - self.failures
        if beyond < 0:
            return 0
        if not self.first:
            return max(1, self.seconds - (now_ms - failed.first_ms) // 1000)
        delay = min(self.longest, self.first << min(beyond, 20))
        return max(0, math.ceil(delay - (now_ms - failed.last_ms) / 1000))


Limits = Mapping[str, Limit]
"""Keys say what is counted and whose, as `user_code:ip:203.0.113.9`; they are stored as a keyed hash."""


class TooManyFailuresError(Exception):
    """There were too many failures under one of the keys; whether this attempt was right, nobody is told.

    `seconds` is how long nothing is looked at.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"nothing is looked at for {seconds} s")
        self.seconds = seconds


def judge(limits: Limits, prove: Callable[[], T], wrong: type[Exception] = ValidationError) -> T:
    """Run `prove` within the limits, count its failure under every key, and return what it returns.

    `prove` raises `wrong` where the proof fails, which is raised on. Raises `TooManyFailuresError` before it, and after it
    whatever came out: a right guess is answered as the wrong ones beside it, which otherwise would tell it apart.
    """
    _check(limits)
    try:
        proven = prove()
    except wrong:
        seconds = wait(limits)
        failed(limits)
        if seconds:
            raise TooManyFailuresError(seconds) from None
        raise
    _check(limits)
    return proven


def _check(limits: Limits) -> None:
    seconds = wait(limits)
    if seconds:
        raise TooManyFailuresError(seconds)


def wait(limits: Limits) -> int:
    """Seconds for which nothing is looked at, because of the failures under one of the keys; 0 if an attempt is."""
    now = clock.now_ms()
    stored = {_stored(key): limit for key, limit in limits.items()}
    found = accounts.failed_attempts({key: now - limit.seconds * 1000 for key, limit in stored.items()})
    return max((stored[key].wait(failures, now) for key, failures in found.items()), default=0)


def failed(limits: Limits) -> None:
    """Count a failure under every key, and forget those that no limit looks at any more."""
    now = clock.now_ms()
    services.add_failed_attempts([_stored(key) for key in limits], now, forgotten_ms=now - _KEPT * 1000)


def forget(keys: Iterable[str]) -> None:
    """Forget the failures under these keys, as after a sign-in or a new password."""
    services.forget_failed_attempts(map(_stored, keys))


def _stored(key: str) -> str:
    """What is stored of a key: people type passwords where an e-mail address belongs."""
    return salted_hmac("varco.portal.attempts", key, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
