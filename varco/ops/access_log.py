"""The access log: who was answered what, how quickly, under which request id; never a query string.

Off the hot path by choice: `VARCO_ACCESS_LOG=errors` (the default) writes only answers of 400 and above, and costs a
successful request one closure and one comparison (0.7 µs measured, of some 80 that the gate takes); `all` costs some 30 µs. A device
that asks every few seconds whether its person has answered is told by a 400 (RFC 8628 §3.5) that nothing is wrong, and a client
that goes away in the middle of its request reads no answer: both are noted in the scope, and `errors` leaves them out.
"""

import logging
import time
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from varco.ops.metrics.requests import Observe

_PATH_LIMIT = 500  # characters of an address that are worth a line in a log

_log = logging.getLogger("varco.access")


def logged(app: ASGIApp, level: str, observe: Observe | None = None) -> ASGIApp:
    """The app with its access log; `level` is `off`, `errors` or `all`. `observe` counts each request, where that is wanted."""
    if level == "off" and observe is None:
        return app
    least = {"off": 1000, "errors": 400, "all": 0}[level]
    if observe is not None:
        return _counted(app, least, observe)
    clock = time.perf_counter

    def with_log(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return app(scope, receive, send)
        started = clock()

        def noting(message: Message) -> Awaitable[None]:
            if (
                message["type"] == "http.response.start"
                and message["status"] >= least
                and not (least and "varco.routine" in scope)
            ):
                _write(scope, message, clock() - started)
            return send(message)

        return app(scope, receive, noting)

    return with_log


def _counted(app: ASGIApp, least: int, observe: Observe) -> ASGIApp:
    """The same, with each request counted: two functions, so that a server that counts none does not pay for asking whether it does."""
    clock = time.perf_counter

    def with_count(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return app(scope, receive, send)
        started = clock()

        def noting(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                seconds, status = clock() - started, message["status"]
                observe(scope, status, seconds)
                if status >= least and not (least and "varco.routine" in scope):
                    _write(scope, message, seconds)
            return send(message)

        return app(scope, receive, noting)

    return with_count


def _write(scope: Scope, message: Message, seconds: float) -> None:
    request_id = next((value.decode("latin-1") for name, value in message["headers"] if name == b"x-request-id"), "")
    client = scope.get("client")
    status, path = message["status"], scope["path"][:_PATH_LIMIT]
    _log.log(
        logging.ERROR if status >= 500 else logging.INFO,
        "%s %s %d",
        scope["method"],
        path,
        status,
        extra={
            "request_id": request_id,
            "method": scope["method"],
            "path": path,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "ip": client[0] if client else "",
            # The gate notes the client it recognised in the scope; the portal's pages have none.
            "client_id": scope.get("varco.client_id", ""),
        },
    )
