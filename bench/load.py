"""The load: keep-alive connections on raw asyncio transports, each asking again as soon as it was answered."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast

Ask = Callable[[], bytes]
Told = Callable[[bytes], None]


@dataclass
class Result:
    """Latencies in seconds, and what did not answer with the expected status."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    failed: list[bytes] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return len(self.latencies)

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


class Connection(asyncio.Protocol):
    """One client: `ask()` makes its next request, `told(body)` hears the answer."""

    def __init__(
        self, ask: Ask, told: Told, result: Result, stop: Callable[[], bool], done: asyncio.Future[None], *, good: bytes
    ) -> None:
        self.ask, self.told, self.result, self.stop, self.done, self.good = ask, told, result, stop, done, good
        self.buffer = b""
        self.asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)
        self._next()

    def _next(self) -> None:
        if self.stop():
            self.transport.close()
            return
        self.asked_at = time.perf_counter()
        self.transport.write(self.ask())

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self.buffer.find(b"content-length: ", 0, end)
        length = int(self.buffer[at + 16 : self.buffer.find(b"\r\n", at)])
        if len(self.buffer) < end + 4 + length:
            return
        answer, self.buffer = self.buffer, b""
        self.result.latencies.append(time.perf_counter() - self.asked_at)
        if answer.startswith(self.good):
            self.told(answer[end + 4 :])
        else:
            self.result.failed.append(answer)
        self._next()

    def connection_lost(self, _reason: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def run(
    port: int, clients: list[tuple[Ask, Told]], seconds: float, *, requests: int | None = None, status: int = 200
) -> Result:
    """Keep every client asking for so many seconds, or until so many requests were answered; `status` is the right one."""
    good = b"HTTP/1.1 %d" % status
    loop = asyncio.get_running_loop()
    result = Result()
    begun = time.perf_counter()

    def stop() -> bool:
        if requests is not None:
            return len(result.latencies) >= requests
        return time.perf_counter() - begun >= seconds

    dones = []
    for ask, told in clients:
        done = loop.create_future()
        dones.append(done)
        made = partial(Connection, ask, told, result, stop, done, good=good)
        await loop.create_connection(made, "127.0.0.1", port)
    await asyncio.gather(*dones)
    result.seconds = time.perf_counter() - begun
    return result
