"""Attempts are counted one by one, also when they come at the same moment."""

import time

import pytest
from django.core.cache import cache
from django.db import connections

from tests.support.races import race
from varco.portal.common.attempts import Attempt, Limit, attempt


@pytest.fixture(autouse=True)
def empty(transactional_db: None) -> None:
    cache.clear()


def test_attempts_beyond_the_limit_are_refused_until_one_is_taken_back() -> None:
    limits = {"test:user:1": Limit(2, 600)}
    first = attempt(limits)
    assert first
    assert attempt(limits)
    assert attempt(limits) is None
    assert attempt({"test:user:2": Limit(2, 600)})
    first.rollback()
    assert attempt(limits)
    assert attempt(limits) is None


def test_an_attempt_counts_for_its_seconds() -> None:
    limits = {"test:user:1": Limit(1, 1)}
    assert attempt(limits)
    assert attempt(limits) is None
    deadline = time.monotonic() + 10
    while attempt(limits) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert time.monotonic() < deadline


def test_what_one_limit_refuses_counts_for_no_other() -> None:
    one, other = "test:user:1", "test:ip:1"
    assert attempt({other: Limit(1, 600)})
    for _ in range(3):
        assert attempt({one: Limit(2, 600), other: Limit(1, 600)}) is None
    assert attempt({one: Limit(2, 600)})


def test_attempts_at_the_same_moment_are_all_counted() -> None:
    def once(_number: int) -> Attempt | None:
        try:
            return attempt({"test:user:1": Limit(3, 600)})
        finally:
            connections.close_all()

    counted = [found for found in race(once, 10) if found]
    # Where the database is busy an attempt may be refused; more than the limit never pass.
    assert 0 < len(counted) <= 3
    assert len({slot for found in counted for slot in found.slots}) == len(counted)
