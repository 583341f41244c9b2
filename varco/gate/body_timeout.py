"""How long a client may take to send the body of its request.

A timer of the loop for each request would cost several times what reading a body costs; here a request that waits costs an
entry in a dictionary, and one timer looks after all of them.
"""

import asyncio

BODY_TIMEOUT = 30.0
"""Seconds a client has for the whole body, whether it sends nothing or drop by drop."""


class BodyTimeout:
    """Interrupts whoever has waited `seconds` for a body; the waiting are ordered by when they began."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._waiting: dict[asyncio.Task[object], float] = {}
        self._watching = False
        self._interrupted: set[asyncio.Task[object]] = set()

    def begin(self) -> asyncio.Task[object]:
        """The task that calls waits from now on, until `end`."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a body is read in a task")
        loop = asyncio.get_running_loop()
        self._waiting[task] = loop.time() + self.seconds
        if not self._watching:
            self._watching = True
            loop.call_later(self.seconds, self._look, loop)
        return task

    def end(self, task: asyncio.Task[object]) -> None:
        """It waits no more."""
        self._waiting.pop(task, None)

    def ran_out(self, task: asyncio.Task[object]) -> bool:
        """Whether it was us who interrupted the task; it goes on, then. Anybody else's interruption stands."""
        if task not in self._interrupted:
            return False
        self._interrupted.discard(task)
        return task.uncancel() == 0

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Interrupt whose time is up, and look again when that of the next is."""
        self._watching = False
        now = loop.time()
        for task, until in list(self._waiting.items()):
            if until > now:
                self._watching = True
                loop.call_at(until, self._look, loop)
                return
            del self._waiting[task]
            self._interrupted.add(task)
            task.cancel()
