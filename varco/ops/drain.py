"""Leaving without a closed door: a server that is told to stop says so first, and goes on answering until proxies have looked.

On SIGTERM the supervisor leaves a mark in the directory it shares with its workers. They answer `/readyz` with 503 from then on, and close
each connection after its answer, so that nobody sends the next request down a connection that is about to go. After
`VARCO_DRAIN` seconds no new connection is taken and what is being answered is finished. A second signal, or Ctrl-C, stops at once.
"""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from granian.server.mp import MPServer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOK_EVERY = 0.2
"""Seconds between two looks for the mark."""

_CLOSE = (b"connection", b"close")

_log = logging.getLogger("varco.start")


def _mark(directory: Path) -> Path:
    return directory / "draining"


def _leave_mark(directory: Path) -> bool:
    """Leave the mark, also where somebody has tidied the directory away. False if that is not possible: then nobody waits for it."""
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        _mark(directory).touch()
    except OSError:
        return False
    return True


class Supervisor(MPServer):
    """Granian's, which on SIGTERM waits `drain_seconds` between telling its workers and stopping them, and starts none on SIGHUP."""

    drain_seconds: float = 0
    directory: Path | None = None
    _told = False

    def signal_handler_interrupt(self, number: int = signal.SIGINT, _frame: object = None) -> None:
        """Granian calls this on SIGTERM and SIGINT."""
        if number == signal.SIGTERM and self.directory and self.drain_seconds and not self._told:
            self._told = True
            if not _leave_mark(self.directory):
                super().signal_handler_interrupt()  # type: ignore[no-untyped-call]
                return
            timer = threading.Timer(self.drain_seconds, super().signal_handler_interrupt)
            timer.daemon = True
            timer.start()
            return
        super().signal_handler_interrupt()  # type: ignore[no-untyped-call]

    def shutdown(self, exit_code: int = 0) -> None:
        """Wait for the workers first: granian takes one for alive that ended a millisecond ago, and warns that it had to be killed."""
        for worker in self.wrks:
            worker.terminate()  # type: ignore[no-untyped-call]
        deadline = time.monotonic() + (self.workers_kill_timeout or 0)
        while any(worker.is_alive() for worker in self.wrks) and time.monotonic() < deadline:  # type: ignore[no-untyped-call]
            time.sleep(0.02)
        self.workers_kill_timeout = 1  # seconds for whoever is left: they had theirs
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]

    def signal_handler_reload(self, *_: object) -> None:
        """Granian calls this on SIGHUP, and would put another worker in the place of each.

        That has nothing new to bring, since settings are read at a start, but loses a request now and then, on a connection that was kept.
        """
        _log.info("SIGHUP changes nothing: settings are read at a start, and the log has no file to be opened anew")


class Drain:
    """A worker's part: looks for the mark from `start()` on."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._task: asyncio.Task[None] | None = None
        self.stopping = False

    def start(self) -> None:
        """Begin, on the loop of the worker."""
        self._task = asyncio.get_running_loop().create_task(self._look())

    def stop(self) -> None:
        """Nothing to end: the worker does."""

    def stop_requested(self) -> bool:
        """Whether the server was told to stop."""
        return self.stopping

    async def _look(self) -> None:
        while not _mark(self._directory).exists():  # noqa: ASYNC110 - another process leaves it
            await asyncio.sleep(LOOK_EVERY)
        self.stopping = True


class Exit:
    """The app of a worker; from when it leaves, each of its connections is closed after its answer.

    Until then a request pays for one call (0.1 µs).
    """

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request."""
        if self._drain.stopping and scope["type"] == "http":
            return self._app(scope, receive, _closing(send))
        return self._app(scope, receive, send)


def _closing(send: Send) -> Callable[[Message], Awaitable[None]]:
    def closing(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], _CLOSE]
        return send(message)

    return closing
