"""Limits of failed attempts, as at guessing a password or a code: at most so many in the seconds before, of one account or place.

Only failures count, and after the fact: each is a row, inserted when the proof has failed. So any number of people with the
right password come in at the same moment. A burst of guesses gains nothing by that: every outcome, right or wrong, is
judged again when it is known, by the failures that stand in the database by then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.crypto import salted_hmac

from varco import clock
from varco.accounts.models import FailedAttempt

T = TypeVar("T")
_KEPT = 3600  # seconds that a failure is kept, more than any limit looks back


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures in so many seconds."""

    failures: int
    seconds: int


Limits = Mapping[str, Limit]
"""Keys say what is counted and whose, as `user_code:ip:203.0.113.9`; they are stored as a keyed hash."""


class TooManyFailuresError(Exception):
    """There were too many failures under one of the keys; whether this attempt was right, nobody is told."""


def judge(limits: Limits, prove: Callable[[], T], wrong: type[Exception] = ValidationError) -> T:
    """Run `prove` within the limits, count its failure under every key, and return what it returns.

    `prove` raises `wrong` where the proof fails, which is raised on. Raises `TooManyFailuresError` before it, and after it
    whatever came out: a right guess is answered as the wrong ones beside it, which otherwise would tell it apart.
    """
    if exceeded(limits):
        raise TooManyFailuresError
    try:
        proven = prove()
    except wrong:
        over = exceeded(limits)
        failed(limits)
        if over:
            raise TooManyFailuresError from None
        raise
    if exceeded(limits):
        raise TooManyFailuresError
    return proven


def exceeded(limits: Limits) -> bool:
    """Whether there were too many failures under one of the keys."""
    now = clock.now_ms()
    stored = {_stored(key): limit for key, limit in limits.items()}
    recent = (Q(key=key, at_ms__gt=now - limit.seconds * 1000) for key, limit in stored.items())
    found = FailedAttempt.objects.filter(reduce(or_, recent)).values_list("key").annotate(Count("pk"))
    return any(count >= stored[key].failures for key, count in found)


def failed(limits: Limits) -> None:
    """Count a failure under every key, and forget those that no limit looks at any more."""
    now = clock.now_ms()
    FailedAttempt.objects.bulk_create(FailedAttempt(key=_stored(key), at_ms=now) for key in limits)
    FailedAttempt.objects.filter(at_ms__lt=now - _KEPT * 1000).delete()


def forget(key: str) -> None:
    """Forget the failures under a key, as after a new password."""
    FailedAttempt.objects.filter(key=_stored(key)).delete()


def _stored(key: str) -> str:
    """What is stored of a key: people type passwords where an e-mail address belongs."""
    return salted_hmac("varco.portal.attempts", key, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
