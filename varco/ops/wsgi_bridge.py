"""The portal as an ASGI app: Django in a few threads, behind a front that hands it whole and honest requests."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote_from_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from varco.caller import SCOPE_KEY
from varco.config import Settings
from varco.ops import health
from varco.ops.wsgi_threads import WSGIThreads

MANAGEMENT_THREADS = 2  # of their own, so that programs of developers never keep people waiting
THREADS = 8  # people, not programs: a page takes some 20 ms
ACCOUNT = "/account/"  # below it stand all forms with a password
BODY_TIMEOUT = 30  # seconds a client has to send the body of a request
BODY_LIMIT = 1_048_576  # bytes; the largest form of the portal, with room to spare
FORMS_WITH_FILES = (
    "/tickets/",
    "/support/",
)  # below these a form may have attachments too, VARCO_ATTACHMENT_LIMIT bytes of them
LARGE_AT_ONCE = 16  # bodies over BODY_LIMIT that one worker reads at once: they stand in memory
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class BodyTooLargeError(Exception):
    """The request body is over the limit of its address, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class TooManyLargeError(Exception):
    """`LARGE_AT_ONCE` others are being read."""


class BodyLostError(Exception):
    """The request ended before it was whole: the client went away, or its chunks are malformed."""


class PasswordForms(NamedTuple):
    """Forms with a password that a worker is at, and those that wait for a thread."""

    running: int
    waiting: int


class Portal(NamedTuple):
    """Django's app, and what says how many forms with a password it is at."""

    app: ASGIApp
    password_forms: Callable[[], PasswordForms]


def portal(settings: Settings, *, alone: bool, stopping: Callable[[], bool]) -> Portal:
    """Django's app. `alone`: nobody else answers `/healthz` and `/readyz`.

    The body is read here, on the loop, before a thread is taken: a slow sender holds a few kilobytes and no thread.
    """
    from django.core.handlers.wsgi import WSGIHandler

    handler: Any = WSGIHandler()
    pages = WSGIThreads(handler, THREADS)
    account = _Bounded(handler, settings.password_hashes, settings.password_hash_queue)
    management = WSGIThreads(handler, MANAGEMENT_THREADS)
    scheme = "https" if settings.https else "http"
    bodies = _Bodies(settings.attachment_limit)

    async def bridge(scope: Scope, receive: Receive, send: Send) -> None:
        send = _unnamed(send)
        if alone and scope["path"] in {"/healthz", "/readyz"}:
            await _health(scope["path"], send, stopping=stopping())
            return
        try:
            async with asyncio.timeout(BODY_TIMEOUT):
                body = await bodies.read(scope, receive)
        except TimeoutError:
            await _plain(send, 408, f"The request was not complete within {BODY_TIMEOUT} seconds.")
            return
        except BodyTooLargeError as fault:
            await _plain(send, 413, f"The request is larger than {fault.limit} bytes.")
            return
        except TooManyLargeError:
            await _plain(send, 503, "Many files are being sent at this moment. Wait a few seconds and try again.")
            return
        except BodyLostError:  # if nobody answered, the server would, with a 500
            scope["varco.routine"] = True
            await _plain(send, 400, "The request is not whole: it broke off, or its chunks are malformed.")
            return
        query = scope["query_string"]
        if not query.isascii():
            query = quote_from_bytes(query, safe=_PRINTABLE).encode("ascii")
        # A caller stands in the scope when the gate has authenticated a request for the management API.
        django = management if SCOPE_KEY in scope else account if _takes_a_password(scope) else pages
        # The public face decides the scheme, never a header: cookies, CSRF and redirects follow the issuer.
        whole = dict(scope, scheme=scheme, query_string=query, headers=_headers(scope, len(body)))
        await django(whole, body, send)

    return Portal(bridge, account.forms)


def _unnamed(send: Send) -> Send:
    """The answer's way out, with a name that tells nothing of the server underneath."""

    async def named(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"server", b"varco")]
        await send(message)

    return named


class _Bounded:
    """Django in `threads` threads, with at most `waiting` requests that wait for one; the next is answered with 503."""

    def __init__(self, handler: Any, threads: int, waiting: int) -> None:
        self._app = WSGIThreads(handler, threads)
        self._threads = threads
        self._limit = threads + waiting
        self._running = 0

    def forms(self) -> PasswordForms:
        return PasswordForms(min(self._running, self._threads), max(0, self._running - self._threads))

    async def __call__(self, scope: Scope, body: bytes, send: Send) -> None:
        if self._running >= self._limit:
            await _plain(send, 503, "Too many people are signing in at this moment. Wait a few seconds and try again.")
            return
        self._running += 1
        try:
            await self._app(scope, body, send)
        finally:
            self._running -= 1


def _takes_a_password(scope: Scope) -> bool:
    """Whether a form may have a password in it: hashing one takes time and memory, and pages shall not wait for that."""
    return bool(scope["method"] == "POST" and scope["path"].startswith(ACCOUNT))


def _headers(scope: Scope, length: int) -> list[tuple[bytes, bytes]]:
    """The headers with the length of what was really read, so that a chunked body is not taken for an empty one."""
    headers = [
        (name, value) for name, value in scope["headers"] if name not in {b"content-length", b"transfer-encoding"}
    ]
    return [*headers, (b"content-length", str(length).encode("ascii"))] if length else headers


class _Bodies:
    """Reads bodies whole; those over `BODY_LIMIT`, of forms with files, only so many at once."""

    def __init__(self, files: int) -> None:
        self._limit = BODY_LIMIT + files
        self._large = 0

    async def read(self, scope: Scope, receive: Receive) -> bytes:
        """The body of a request. Raises `BodyTooLargeError`, `BodyLostError` and `TooManyLargeError`."""
        with_files = scope["method"] == "POST" and scope["path"].startswith(FORMS_WITH_FILES)
        limit = self._limit if with_files else BODY_LIMIT
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > limit:
                raise BodyTooLargeError(limit)
        parts: list[bytes] = []
        size, counted = 0, False
        more = scope["method"] not in {"GET", "HEAD"}
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BodyLostError
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > limit:
                    raise BodyTooLargeError(limit)
                if size > BODY_LIMIT and not counted:
                    if self._large >= LARGE_AT_ONCE:
                        raise TooManyLargeError
                    self._large, counted = self._large + 1, True
                more = message.get("more_body", False)
        finally:
            self._large -= counted
        return b"".join(parts)


async def _health(path: str, send: Send, *, stopping: bool) -> None:
    if path == "/healthz":
        await _plain(send, 200, "ok")
        return
    if stopping:
        await _plain(send, 503, "stopping")
        return
    faults = await asyncio.get_running_loop().run_in_executor(None, health.faults)
    await _plain(send, 503 if faults else 200, "\n".join(faults) or "ready")


async def _plain(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    if status in {400, 408, 413}:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
