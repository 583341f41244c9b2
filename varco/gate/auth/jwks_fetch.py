"""The public keys of clients that keep them at an address of their own (`jwks_uri`, RFC 7591 §2).

How such an address is asked stands in `varco.key_sets`. The request runs in one of a few threads
of its own; the gate's loop waits for it no longer than `TIMEOUT`.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from varco.key_sets import JwksError, fetch

TIMEOUT = 3.0
"""Seconds for everything: name, connection, handshake, answer."""

FRESH_MS = 300_000
"""For how long a copy is used without asking again."""

AGAIN_MS = 60_000
"""A key that is not in the copy makes us ask again, at most this often; the same after a failure."""

STALE_MS = 3_600_000
"""For how long a copy serves while its address does not answer."""

COPIES_LIMIT = 1000
THREADS = 4


@dataclass(slots=True)
class _Copy:
    """A copy of a key set, and how asking for it went last."""

    keys: dict[str, Any] | None = None
    fetched_ms: int = 0
    tried_ms: int = 0
    fault: str = ""


class KeySets:
    """Copies of the clients' key sets, by address."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._private_allowed = private_allowed
        self._copies: dict[str, _Copy] = {}
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._threads = ThreadPoolExecutor(THREADS, "jwks")

    async def of(self, uri: str, now_ms: int, *, anew: bool = False) -> dict[str, Any]:
        """The keys at an address: a copy of five minutes, or (`anew`) one of a minute at most. Raises `JwksError`."""
        copy = self._copies.get(uri)
        if copy is None:
            if len(self._copies) >= COPIES_LIMIT:
                self._copies.clear()
            copy = self._copies.setdefault(uri, _Copy())
        fresh = copy.keys is not None and now_ms - copy.fetched_ms < FRESH_MS
        tried_lately = copy.tried_ms and now_ms - copy.tried_ms < AGAIN_MS
        if not tried_lately and (anew or not fresh):
            await self._fetch_once(uri, copy, now_ms)
        if copy.keys is not None and now_ms - copy.fetched_ms < STALE_MS:
            return copy.keys
        raise JwksError(copy.fault or "it is being asked for")

    async def _fetch_once(self, uri: str, copy: _Copy, now_ms: int) -> None:
        """Fetch; of many callers at the same moment one asks, and all wait for the answer."""
        task = self._fetching.get(uri)
        if task is None:
            task = self._fetching[uri] = asyncio.create_task(self._fetch(uri, copy, now_ms))
            task.add_done_callback(lambda _: self._fetching.pop(uri, None))
        await asyncio.shield(task)

    async def _fetch(self, uri: str, copy: _Copy, now_ms: int) -> None:
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(
            self._threads, lambda: fetch(uri, private_allowed=self._private_allowed, timeout=TIMEOUT)
        )
        try:
            copy.keys, copy.fault = await asyncio.wait_for(running, TIMEOUT + 0.5), ""
            copy.fetched_ms = now_ms
        except TimeoutError:
            copy.fault = f"no answer within {TIMEOUT:g} s"
        except JwksError as fault:
            copy.fault = str(fault)
        copy.tried_ms = now_ms

    def close(self) -> None:
        """Let go of the threads; what they still ask for is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
