"""Requests and answers of the gate, as thin as ASGI allows: the hot endpoints cannot afford more.

`Request` reads what an endpoint asks for, `Response` is what it returns; `app` turns the one into the other.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple

import msgspec
from starlette.types import Receive, Scope

from varco.gate.body_timeout import BodyTimeout
from varco.gate.errors import broken_off, too_large, too_slow
from varco.protocol.errors import OAuthError
from varco.protocol.parameters import Parameters

Headers = list[tuple[bytes, bytes]]

_INTERACTION_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_JSON = (b"content-type", b"application/json")
_NO_STORE: Headers = [(b"cache-control", b"no-store"), (b"pragma", b"no-cache")]

encode_json = msgspec.json.Encoder().encode


class Response(NamedTuple):
    """A complete answer; `headers` without Content-Length, which is added when it is sent."""

    status: int
    body: bytes
    headers: Headers


def json_response(content: Any, status: int = 200, *, extra: Headers | None = None, store: bool = False) -> Response:
    """A JSON answer; not to be stored by anybody unless `store`."""
    headers = [_JSON] if store else [_JSON, *_NO_STORE]
    if extra:
        headers += extra
    return Response(status, encode_json(content), headers)


def unstored(body: bytes, content_type: bytes) -> Response:
    """A success of another type than JSON, not to be stored by anybody."""
    return Response(200, body, [(b"content-type", content_type), *_NO_STORE])


def request_ids() -> Iterator[str]:
    """Ids for requests without end, a hundred for each time the system is asked for random bytes, which takes ten microseconds."""
    while True:
        drawn = os.urandom(1000).hex()
        for start in range(0, 2000, 20):
            yield drawn[start : start + 20]


class Request:
    """One request. `application_id` and `client_id` are filled in as soon as they are known, for trace and audit.

    `dpop`: its access token came with the scheme DPoP (RFC 9449 §7.1). `form`: the parameters of its body, once parsed.
    `traced`: its refusal stands in the log of refused requests.
    """

    __slots__ = (
        "_body_timeout",
        "_receive",
        "application_id",
        "client_id",
        "dpop",
        "form",
        "headers",
        "id",
        "method",
        "path",
        "query",
        "scope",
        "traced",
    )

    def __init__(self, scope: Scope, receive: Receive, body_timeout: BodyTimeout, id: str) -> None:  # noqa: A002 - its name
        self.scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: Headers = scope["headers"]
        self.application_id: int | None = None
        self.client_id = ""
        self.dpop = False
        self.form: Parameters | None = None
        self.traced = False
        self._receive = receive
        self._body_timeout = body_timeout
        self.id = id

    def header(self, name: bytes) -> str | None:
        """The first header of a lower-case name, as text; None when absent."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return None

    def header_values(self, name: bytes) -> list[str]:
        """Every header of a lower-case name, for those that must not come twice."""
        return [value.decode("latin-1") for key, value in self.headers if key == name]

    @property
    def ip(self) -> str:
        """The client's address. Whoever serves the gate has unwound the proxies in front of it; no header is believed here."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises `OAuthError`: 413 beyond `limit` bytes, 408 when it took too long, 400 when it broke off."""
        announced = self.header(b"content-length")
        # Python refuses to read a number of thousands of digits; one of more than 18 is too large whatever it is.
        if announced is not None and announced.isdecimal() and (len(announced) > 18 or int(announced) > limit):
            raise too_large(limit)
        task = self._body_timeout.begin()
        try:
            return await self._whole(limit)
        except asyncio.CancelledError:
            if self._body_timeout.ran_out(task):
                raise too_slow(self._body_timeout.seconds) from None
            raise
        finally:
            self._body_timeout.end(task)

    async def _whole(self, limit: int) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise self._broken_off()
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            if len(body) > limit:
                raise too_large(limit)
            return body
        parts = [body]
        size = len(body)
        while message.get("more_body", False):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise self._broken_off()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise too_large(limit)
        return b"".join(parts)

    def _broken_off(self) -> OAuthError:
        self.scope["varco.routine"] = True  # clients go away all the time, and are told nothing
        return broken_off()


def interaction_id(request: Request) -> Headers:
    """The UUID by which a client follows one call through both logs, told back (FAPI 2.0 Implementation Advice §2.1.1)."""
    given = request.header(b"x-fapi-interaction-id") or ""
    return [(b"x-fapi-interaction-id", given.encode("ascii"))] if _INTERACTION_ID.fullmatch(given) else []


Handler = Callable[[Request], Awaitable[Response]]
