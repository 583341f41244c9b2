"""How long answers take, in classes of duration of which four double it: what the gate tallies and the portal reads."""

import math
from collections.abc import Mapping

A_DOUBLING = 4
"""Classes between a duration and its double: a percentile is told at most 19 % too long."""


def class_of(seconds: float) -> int:
    """The class of a duration; 0 for a microsecond and less."""
    return max(0, int(math.log2(seconds * 1_000_000) * A_DOUBLING)) if seconds > 0.000_001 else 0


def milliseconds_within(counted: Mapping[int, int], share: float) -> float:
    """The milliseconds within which a share (0 to 1) of the durations lie, given how many there are of each class; 0.0 of none."""
    wanted, seen = math.ceil(sum(counted.values()) * share), 0
    for number in sorted(counted):
        seen += counted[number]
        if wanted and seen >= wanted:
            return float(2 ** ((number + 1) / A_DOUBLING) / 1000)
    return 0.0
