"""Durations in classes: a percentile of what was tallied is that of the durations, told a fifth too long at most."""

import math
import random

import pytest

from varco.answer_times import class_of, milliseconds_within


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99, 1.0])
@pytest.mark.parametrize("middle", [0.000_05, 0.003, 0.2, 40.0])
def test_a_percentile_of_classes_is_that_of_the_durations(share: float, middle: float) -> None:
    chance = random.Random(f"{share} {middle}")
    durations = sorted(middle * math.exp(chance.gauss(0, 1)) for _ in range(2_000))
    counted: dict[int, int] = {}
    for duration in durations:
        counted[class_of(duration)] = counted.get(class_of(duration), 0) + 1
    exact = durations[math.ceil(len(durations) * share) - 1] * 1000
    assert exact <= milliseconds_within(counted, share) <= exact * 1.2


def test_nothing_and_next_to_nothing() -> None:
    assert milliseconds_within({}, 0.95) == 0.0
    assert [class_of(seconds) for seconds in (-1.0, 0.0, 0.000_000_5, 0.000_001)] == [0, 0, 0, 0]
    assert milliseconds_within({0: 3}, 0.5) < 0.0013
