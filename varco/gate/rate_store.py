"""The Valkey or Redis through which processes tell each other what they counted, and the task that tells it.

No request waits for it. While it is away it is tried every few seconds, by the task alone.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Mapping
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from varco.gate.shared_rate_limit import Counter, SharedRateLimits, Totals

logger = logging.getLogger("varco.gate")

INTERVAL = 0.1
"""Seconds that counted requests wait to be told, at most."""

OVERDUE = 0.1
"""Seconds of a turn after which the worker goes by its share until the answer comes: unheard, all could spend all."""

PATIENCE = 0.5
"""Seconds for an answer of the store, and for a connection to it."""

RETRY = 2.0
"""Seconds between two tries while it is away."""

# One command for many counters. For each: count, let it end with the last window that looks back at it, tell both windows.
_ADD = """
local told = {}
for i = 1, #ARGV - 1 do
  local running = redis.call('INCRBY', KEYS[2 * i - 1], ARGV[i])
  redis.call('EXPIRE', KEYS[2 * i - 1], ARGV[#ARGV])
  told[2 * i - 1] = running
  told[2 * i] = tonumber(redis.call('GET', KEYS[2 * i]) or 0)
end
return told
"""

_NOTHING: Mapping[Counter, int] = {(0, "probe"): 0}


class RateStoreAwayError(Exception):
    """The store did not do what it was asked; the message says why, without the secrets of its URL."""


class RateStore:
    """Counters of one installation (`issuer`) and length of window (seconds), in a Valkey or Redis."""

    def __init__(self, url: str, issuer: str, window: int) -> None:
        self._client = Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),  # the next turn is the next try
            protocol=2,  # the older one, which asks less of a server and of its access rules
        )
        installation = hashlib.sha256(issuer.encode()).hexdigest()[:12]
        self._prefix = f"varco:rate:{installation}:{window}"
        self._kept = str(2 * window + 10)  # seconds; clocks of two machines may differ

    async def add(self, spent: Mapping[Counter, int]) -> dict[Counter, Totals]:
        """Count, and tell what all have counted; with nothing to count, try whether it could, which leaves nothing behind.

        Raises `RateStoreAwayError`; some of it may have been counted, then.
        """
        counters, kept = (spent, self._kept) if spent else (_NOTHING, "1")
        keys = [f"{self._prefix}:{window}:{key}" for number, key in counters for window in (number, number - 1)]
        arguments = [*map(str, counters.values()), kept]
        try:
            answer = await cast("Awaitable[list[int]]", self._client.eval(_ADD, len(keys), *keys, *arguments))
            running, before = map(int, answer[::2]), map(int, answer[1::2])
            totals = {counter: Totals(*pair) for counter, *pair in zip(counters, running, before, strict=True)}
        except (RedisError, OSError, ValueError, TypeError) as fault:
            with contextlib.suppress(RedisError, OSError):
                await self._client.connection_pool.disconnect()
            raise RateStoreAwayError(str(fault) or type(fault).__name__) from None
        return totals if spent else {}

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()


class RateSharing:
    """Tells a store what `limits` counted, in turns, between `start` and `stop`."""

    def __init__(self, limits: SharedRateLimits, store: RateStore) -> None:
        self._limits = limits
        self._store = store
        self._warned = False
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Hear what the others counted, if the store answers; go on in the background."""
        await self._turn()
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Tell what is left to be told, and close."""
        self._ending.set()
        self._limits.waits.set()
        self._limits.urgent.set()
        if self._task:
            await self._task
        if self._limits.together:
            await self._turn()
        await self._store.close()

    async def _work(self) -> None:
        while not self._ending.is_set():
            if self._limits.together:
                await self._limits.waits.wait()
                await _at_most(INTERVAL, self._limits.urgent)
            else:
                await _at_most(RETRY, self._ending)
            await self._turn()

    async def _turn(self) -> None:
        try:
            await self._tell()
        except Exception:  # whatever it is, requests are answered
            logger.exception("counted requests could not be told to the rate-limit store; it is tried again")
            self._limits.alone()

    async def _tell(self) -> None:
        spent = self._limits.untold()
        overdue = asyncio.get_running_loop().call_later(OVERDUE, self._limits.alone)
        try:
            totals = await self._store.add(spent)
        except RateStoreAwayError as away:
            self._limits.alone()
            if not self._warned:
                self._warned = True
                logger.warning("each worker allows its share of the rate limit: the rate-limit store is away: %s", away)
            return
        finally:
            overdue.cancel()
        self._limits.record(spent, totals)
        if self._warned:
            self._warned = False
            logger.info("the rate-limit store is back")


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
