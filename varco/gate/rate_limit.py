"""Rate limits per client_id in a sliding window, shared by all users of the application (S30).

Two counters a client: of the running window and of the one before, the latter weighed by how much of it the sliding
window still covers. Memory is bounded by the clients seen in the last two windows. Each worker process counts by itself, with its share of the
limit; `varco.gate.shared_rate_limit` is for those that tell each other.
"""

from typing import NamedTuple

from varco.gate.http import Headers
from varco.protocol.errors import Fixer, OAuthError


class Budget(NamedTuple):
    """What is left: of `limit` requests `remaining`, and the seconds after which one more is free for sure."""

    allowed: bool
    limit: int
    remaining: int
    reset: int

    def headers(self) -> Headers:
        """The RateLimit headers of this answer (draft-ietf-httpapi-ratelimit-headers, in the widespread spelling)."""
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset),
        ]


class RateLimits:
    """`limit` requests in any `window` seconds, for each key."""

    def __init__(self, limit: int, window: int) -> None:
        self._limit = limit
        self._window_ms = window * 1000
        self._number = -1
        self._running: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def count(self, key: str, now_ms: int, *, cost: int = 1) -> Budget:
        """Count one request of a key, unless its budget is used up; a refused request costs nothing. `cost` 0 only looks."""
        number, elapsed = divmod(now_ms, self._window_ms)
        if number != self._number:
            self._before = self._running if number == self._number + 1 else {}
            self._running = {}
            self._number = number
        running = self._running.get(key, 0)
        before = self._before.get(key, 0)
        used = running + before * (self._window_ms - elapsed) / self._window_ms
        if used + 1 > self._limit:
            return Budget(allowed=False, limit=self._limit, remaining=0, reset=self._wait(running, before, elapsed))
        if cost:
            self._running[key] = running + cost
        reset = -(-(self._window_ms - elapsed) // 1000)
        return Budget(allowed=True, limit=self._limit, remaining=int(self._limit - used - cost), reset=reset)

    def _wait(self, running: int, before: int, elapsed: int) -> int:
        """Whole seconds until one more request fits."""
        left = self._window_ms - elapsed
        if running + 1 <= self._limit and before:  # enough of the window before has to slide out
            keep = (self._limit - 1 - running) * self._window_ms / before
            return max(1, -(-int(left - keep + 1) // 1000))
        # The running window alone is full: it becomes the one before, and then has to slide out far enough.
        keep = (self._limit - 1) * self._window_ms / running
        return max(1, -(-int(left + self._window_ms - keep + 1) // 1000))


def too_many_requests(budget: Budget) -> OAuthError:
    """The refusal of a request beyond the budget (S29)."""
    return OAuthError(
        "rate_limit_exceeded",
        f"The application has used up its {budget.limit} requests. Try again in {budget.reset} s.",
        status=429,
        fixer=Fixer.RETRY,
        rule="S30 rate limit",
        received=f"more than {budget.limit} requests in the window",
        expected=f"at most {budget.limit}",
        headers=((b"retry-after", b"%d" % budget.reset), *budget.headers()),
    )
