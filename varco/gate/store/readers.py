"""SQLite's readers: threads for statements whose cost grows with the data, so that the event loop goes on meanwhile.

SQLite lets Python go on while it works, and stops a statement when another thread says so. Each reader has a connection of its
own. Whoever asks is answered, or turned away, within the seconds that were set, the wait for a free reader included.
"""

import asyncio
import contextlib
import os
import queue
import sqlite3
import sys
import threading
from collections.abc import Callable
from typing import Any

from varco.gate.store.engine import ReadTimeoutError

READERS = 2
"""Threads of one database: a search more at once would only take turns with them."""

NICENESS = 7
"""Of a reader, beside the 0 of the event loop (sched(7): each step is a factor of 1.25)."""

WAITING_LIMIT = 100
"""Most reads that wait for a reader; more are turned away at once."""


class _Job:
    """One statement, and who waits for its rows. `connection` is there while it runs."""

    __slots__ = ("connection", "future", "text", "values")

    def __init__(self, text: str, values: tuple[Any, ...], future: "asyncio.Future[list[Any]]") -> None:
        self.text = text
        self.values = values
        self.future = future
        self.connection: sqlite3.Connection | None = None


class Readers:
    """The readers of one database file; `connect` opens it for reading. They start with the first statement."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], seconds: float) -> None:
        self._connect = connect
        self._seconds = seconds
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._running = threading.Lock()  # held to set, clear or use a job's connection: an interrupt meets its own job

    @property
    def waiting(self) -> int:
        """How many reads wait for a thread."""
        return self._jobs.qsize()

    async def rows(self, text: str, values: tuple[Any, ...]) -> list[Any]:
        """Every row of a statement. Raises `ReadTimeoutError`, and what SQLite says."""
        if self._jobs.qsize() >= WAITING_LIMIT:
            raise ReadTimeoutError(f"{WAITING_LIMIT} reads are waiting")
        if not self._threads:
            self._start()
        loop = asyncio.get_running_loop()
        job = _Job(text, values, loop.create_future())
        self._jobs.put(job)
        late = loop.call_later(self._seconds, self._give_up, job)
        try:
            return await job.future
        finally:
            late.cancel()
            self._stop(job)  # its caller has gone away, or does not wait any longer

    async def close(self) -> None:
        """Let running statements end, and the threads with them."""
        threads, self._threads = self._threads, []
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            await asyncio.to_thread(thread.join)

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._threads = [
            threading.Thread(target=self._work, args=(loop,), name=f"reader {number}", daemon=True)
            for number in range(READERS)
        ]
        for thread in self._threads:
            thread.start()

    def _give_up(self, job: _Job) -> None:
        if not job.future.done():
            job.future.set_exception(ReadTimeoutError(f"a read took longer than {self._seconds:g} s: {job.text[:60]}"))

    def _stop(self, job: _Job) -> None:
        with self._running:
            if job.connection is not None:
                job.connection.interrupt()

    # In the threads

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        _yield_to_the_loop()
        connection: sqlite3.Connection | None = None
        while job := self._jobs.get():
            rows: list[Any] = []
            fault: Exception | None = None
            try:
                connection = connection or self._connect()
                rows = self._run(job, connection)
            except Exception as failed:  # noqa: BLE001 - whoever waits hears of it
                fault = failed
            loop.call_soon_threadsafe(_resolve, job.future, rows, fault)
        if connection:
            connection.close()

    def _run(self, job: _Job, connection: sqlite3.Connection) -> list[Any]:
        with self._running:
            if job.future.done():
                return []
            job.connection = connection
        try:
            return connection.execute(job.text, job.values).fetchall()
        finally:
            with self._running:
                job.connection = None


def _yield_to_the_loop() -> None:
    """Where a processor is short, the event loop gets the larger part of it: five times that of a reader."""
    if sys.platform == "linux":  # elsewhere a thread has no niceness of its own
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _resolve(future: "asyncio.Future[list[Any]]", rows: list[Any], fault: Exception | None) -> None:
    if future.done():  # too late, or nobody waits any more
        return
    if fault is None:
        future.set_result(rows)
    else:
        future.set_exception(fault)
