"""A WSGI app in threads of its own, whose whole answer comes back to the loop at once.

A page goes over to a thread and comes back: two changes of thread. Handing over head and body one by one, as they are written,
takes eight, which cost as much as all of Django's middleware. An answer larger than `AT_ONCE` comes in parts all the same.
"""

import asyncio
import contextvars
import functools
import io
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from a2wsgi.wsgi import build_environ
from starlette.types import Message, Scope, Send

AT_ONCE = 262_144
"""Bytes of an answer that are collected before they are handed over."""

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WSGIThreads:
    """Calls a WSGI app in at most so many threads; further requests wait for one."""

    def __init__(self, app: WSGIApp, threads: int) -> None:
        self._app = app
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="WSGI")

    async def __call__(self, scope: Scope, body: bytes, send: Send) -> None:
        """Answer a request whose body is here in full."""
        loop = asyncio.get_running_loop()
        environ: dict[str, Any] = build_environ(scope, io.BytesIO(body))

        async def send_all(messages: list[Message]) -> None:
            for message in messages:
                await send(message)

        def hand_over(messages: list[Message]) -> None:
            asyncio.run_coroutine_threadsafe(send_all(messages), loop).result()

        there = functools.partial(contextvars.copy_context().run, self._answer, environ, hand_over)
        await send_all(await loop.run_in_executor(self._executor, there))

    def _answer(self, environ: dict[str, Any], hand_over: Callable[[list[Message]], None]) -> list[Message]:
        """What is left to send of the app's answer."""
        head: list[Message] = []
        parts: list[bytes] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: Any = None
        ) -> Callable[[bytes], None]:
            head[:] = [_start(status, headers)]
            return parts.append

        answer = self._app(environ, start_response)
        try:
            size = 0
            for part in answer:
                parts.append(part)
                size += len(part)
                if size > AT_ONCE:
                    hand_over([*head, _body(parts, more=True)])
                    head.clear()
                    parts.clear()
                    size = 0
            return [*head, _body(parts, more=False)]
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()


def _start(status: str, headers: list[tuple[str, str]]) -> Message:
    return {
        "type": "http.response.start",
        "status": int(status[:3]),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }


def _body(parts: list[bytes], *, more: bool) -> Message:
    return {"type": "http.response.body", "body": b"".join(parts), "more_body": more}
