"""Reads of the same kind, asked for at the same moment, go to PostgreSQL as one question.

What a query costs the gate is mostly the asking: some seventy microseconds each, some ten when the requests of one moment
share it. A read never joins a query that was sent before it was asked for, so everybody sees the present.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from varco.gate.store.statement import KeyedStatement

Key = int | str
Kind = tuple[KeyedStatement[Any], tuple[Any, ...]]
Fetch = Callable[[KeyedStatement[Any], list[Key], tuple[Any, ...]], Awaitable[Sequence[Any]]]

FLIGHTS = 2
"""Most questions of one kind on their way at once; with more, none would gather anything."""

KEYS_LIMIT = 200
"""Most keys of one question."""


class Gatherer:
    """Collects keys by statement and further parameters; `fetch` finds the driver's rows of many keys."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._waiting: dict[Kind, dict[Key, list[asyncio.Future[Any]]]] = {}
        self._flights: dict[Kind, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def row(self, statement: KeyedStatement[Any], key: Key, rest: tuple[Any, ...]) -> "asyncio.Future[Any]":
        """The row of a key; asked at the end of this tick of the loop, with all that was asked for in it."""
        loop = asyncio.get_running_loop()
        kind = (statement, rest)
        future: asyncio.Future[Any] = loop.create_future()
        waiting = self._waiting.get(kind)
        if waiting is None:
            waiting = self._waiting[kind] = {}
            if self._flights.get(kind, 0) < FLIGHTS:
                loop.call_soon(self._depart, kind)
        waiting.setdefault(key, []).append(future)
        return future

    def _depart(self, kind: Kind) -> None:
        """Send what has gathered, if there is a flight left for it; otherwise the next one back takes it."""
        waiting = self._waiting.get(kind)
        if waiting is None or self._flights.get(kind, 0) >= FLIGHTS:
            return
        if len(waiting) > KEYS_LIMIT:
            leaving = {key: waiting.pop(key) for key in list(waiting)[:KEYS_LIMIT]}
        else:
            leaving = self._waiting.pop(kind)
        self._flights[kind] = self._flights.get(kind, 0) + 1
        task = asyncio.get_running_loop().create_task(self._fly(kind, leaving))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fly(self, kind: Kind, asked: dict[Key, list["asyncio.Future[Any]"]]) -> None:
        statement, rest = kind
        rows: dict[Key, Any] = {}
        fault: BaseException | None = None
        try:
            rows = {row[0]: statement.row(*row) for row in await self._fetch(statement, list(asked), rest)}
        except BaseException as failed:
            fault = failed
            if not isinstance(failed, Exception):  # the loop is being closed
                raise
        finally:
            self._flights[kind] -= 1
            if not self._flights[kind]:
                del self._flights[kind]
            for key, futures in asked.items():
                for future in futures:
                    if future.done():  # its request has gone away
                        continue
                    if fault is not None:
                        future.set_exception(fault)
                    else:
                        future.set_result(rows.get(key))
            self._depart(kind)
