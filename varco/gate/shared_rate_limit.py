"""Rate limits that several processes share, without a request ever waiting for what they share them through.

A request is decided on what this process knows: the last totals it was told, and what it has counted since. What it counted is told
to the store afterwards, many requests at once, and the answer says what the others counted. Pure but for its two events; the
talking is done by `varco.gate.rate_store`.
"""

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from varco.gate.rate_limit import Budget, RateLimits

EAGERNESS = 8
"""A process tells the others at once when it has spent, untold, an eighth of its even share of what is left."""

BATCH = 100
"""Most counters told in one turn."""

Counter = tuple[int, str]
"""The number of a window since the epoch, and whose requests."""


class Totals(NamedTuple):
    """What all processes counted of one key: in the window that was told, and in the one before."""

    running: int
    before: int


class SharedRateLimits(RateLimits):
    """`limit` requests in any `window` seconds in all processes together; a `share` each while they cannot tell each other.

    `together` says whether the others are heard. `waits` is set while something is to be told, `urgent` when it should be told now.
    """

    def __init__(self, limit: int, window: int, share: int, parts: int) -> None:
        super().__init__(share, window)
        self._whole, self._share, self._parts = limit, share, parts
        self._untold: dict[Counter, int] = {}
        self.together = False
        self.waits = asyncio.Event()
        self.urgent = asyncio.Event()

    def count(self, key: str, now_ms: int, *, cost: int = 1) -> Budget:
        """Count one request, as in `RateLimits`, to be told to the others later. A first look asks for what they counted."""
        budget = super().count(key, now_ms, cost=cost)
        if budget.allowed and (cost or key not in self._running):
            self._running.setdefault(key, 0)
            counter = (self._number, key)
            spent = self._untold[counter] = self._untold.get(counter, 0) + cost
            if not self.waits.is_set():
                self.waits.set()
            if spent * EAGERNESS * self._parts >= budget.remaining:
                self.urgent.set()
        return budget

    def untold(self) -> dict[Counter, int]:
        """What is to be told now. It counts as told once `record` says so."""
        self.waits.clear()
        self.urgent.clear()
        if len(self._untold) > BATCH:
            self.urgent.set()
        return dict(islice(self._untold.items(), BATCH))

    def record(self, spent: Mapping[Counter, int], totals: Mapping[Counter, Totals]) -> None:
        """Take what all processes counted. A total never falls within its window: one that does comes of a store that forgot."""
        self.together, self._limit = True, self._whole
        for counter, amount in spent.items():
            left = self._untold.pop(counter, amount) - amount  # it may be forgotten, with its window
            if left:
                self._untold[counter] = left
            number, key = counter
            total = totals[counter]
            if number == self._number:
                self._running[key] = max(total.running + left, self._running.get(key, 0))
                self._before[key] = max(total.before, self._before.get(key, 0))
            elif number == self._number - 1:
                self._before[key] = max(total.running + left, self._before.get(key, 0))
        if self._untold:
            self.waits.set()

    def alone(self) -> None:
        """The others are not heard: each process goes on with its share, of which its part of all that is known is spent."""
        if self.together:
            self.together, self._limit = False, self._share
            for number, counts in ((self._number, self._running), (self._number - 1, self._before)):
                for key, known in counts.items():
                    untold = self._untold.get((number, key), 0)
                    counts[key] = (known - untold) // self._parts + untold
        self._untold = {counter: spent for counter, spent in self._untold.items() if counter[0] >= self._number - 1}
