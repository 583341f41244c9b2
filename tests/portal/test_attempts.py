"""Failed attempts are counted one by one, also when they come at the same moment; right ones never count."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from tests.conftest import FrozenClock
from tests.support.races import race
from varco.accounts.models import FailedAttempt
from varco.portal.common.attempts import Limit, Limits, TooManyFailuresError, failed, forget, judge

pytestmark = pytest.mark.usefixtures("transactional_db")
ONE, OTHER = "test:user:1", "test:ip:1"


def right() -> str:
    return "proven"


def wrong() -> str:
    raise ValidationError("not it")


def outcome(limits: Limits, *, guess: bool) -> str:
    try:
        return judge(limits, right if guess else wrong)
    except ValidationError:
        return "wrong"
    except TooManyFailuresError:
        return "too many"


def test_failures_up_to_the_limit_are_told_and_then_nothing_is_until_they_are_forgotten() -> None:
    tries = partial(outcome, {ONE: Limit(2, 600)})
    assert [tries(guess=False) for _ in range(3)] == ["wrong", "wrong", "too many"]
    assert tries(guess=True) == "too many"
    assert outcome({"test:user:2": Limit(2, 600)}, guess=True) == "proven"
    forget([ONE])
    assert tries(guess=True) == "proven"


def test_a_right_attempt_never_counts() -> None:
    assert {outcome({ONE: Limit(1, 600)}, guess=True) for _ in range(5)} == {"proven"}
    assert not FailedAttempt.objects.exists()


def test_a_failure_counts_for_its_seconds(frozen: FrozenClock) -> None:
    limits = {ONE: Limit(1, 60)}
    failed(limits)
    frozen.advance(59)
    assert outcome(limits, guess=True) == "too many"
    frozen.advance(1)
    assert outcome(limits, guess=True) == "proven"


def test_each_limit_of_an_attempt_is_its_own() -> None:
    for _ in range(2):
        outcome({ONE: Limit(5, 600), OTHER: Limit(2, 600)}, guess=False)
    assert outcome({ONE: Limit(5, 600), OTHER: Limit(2, 600)}, guess=True) == "too many"
    assert outcome({ONE: Limit(5, 600)}, guess=True) == "proven"


def test_failures_are_not_kept_for_ever_and_their_keys_are_not_readable(frozen: FrozenClock) -> None:
    failed({ONE: Limit(1, 60)})
    assert ONE not in str(FailedAttempt.objects.get())
    frozen.advance(86_401)
    failed({OTHER: Limit(1, 60)})
    assert FailedAttempt.objects.count() == 1


def test_failures_at_the_same_moment_are_all_counted() -> None:
    def once(_number: int) -> None:
        try:
            outcome({ONE: Limit(100, 600)}, guess=False)
        finally:
            connections.close_all()

    race(once, 10)
    assert FailedAttempt.objects.count() == 10


@pytest.mark.parametrize("proof", [right, wrong])
def test_a_right_guess_in_a_burst_is_answered_as_the_wrong_ones_beside_it(proof: Callable[[], str]) -> None:
    """The limit was not reached yet when it began: the outcome is judged when it is known."""
    limits = {ONE: Limit(3, 600)}

    def late() -> str:
        for _ in range(3):
            failed(limits)
        return proof()

    with pytest.raises(TooManyFailuresError):
        judge(limits, late)
