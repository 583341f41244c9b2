"""The gate as one ASGI application.

The hot endpoints stand in a table of exact paths; what has parameters in its path is found by Starlette's router; any
other path outside the API goes to the application the gate was given, or is 404. Neither knows the other.
"""

import functools
import logging
from collections.abc import Callable, Mapping

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from varco import clock
from varco.caller import MANAGEMENT_PATH
from varco.config import Settings
from varco.gate import error_responses
from varco.gate.auth.client_authentication import note_client_id
from varco.gate.body_timeout import BODY_TIMEOUT, BodyTimeout
from varco.gate.context import GateContext
from varco.gate.cors import preflight
from varco.gate.errors import internal_error, method_not_allowed, not_found, read_timeout, unavailable
from varco.gate.http import Headers, Request, Response, interaction_id, request_ids
from varco.gate.oauth.authorization import PATH as AUTHORIZE
from varco.gate.oauth.authorization import RememberedAuthorization
from varco.gate.routes import Cors, Endpoint, endpoints, management
from varco.gate.store import ReadTimeoutError, StatementError, StoreUnavailable
from varco.protocol.errors import OAuthError

logger = logging.getLogger("varco.gate")

API_BASE = "/v2"
"""Below it only programs ask: what is not there is told as the API tells its errors (S29), never as a page."""

# With every answer: it is what it says it is, over TLS alone (RFC 6797), and the software underneath stays unnamed.
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_SERVER = (b"server", b"varco")


class Gate:
    """The ASGI application."""

    def __init__(self, context: GateContext, fallback: ASGIApp | None, body_timeout: float) -> None:
        self.context = context
        self._body_timeout = BodyTimeout(body_timeout)
        self._ids = request_ids()  # of this gate alone, whose loop is one thread
        self._exact: dict[str, Endpoint] = {}
        routes = []
        self.addresses: list[str] = []  # every one, those with parameters as templates
        for endpoint in endpoints(context):
            self.addresses.append(endpoint.path)
            # What says something besides goes through the router too, so that nobody else is asked whether they do.
            if "{" in endpoint.path or endpoint.headers:
                routes.append(Route(endpoint.path, endpoint=_Routed(self, endpoint)))
            else:
                self._exact[endpoint.path] = endpoint
        self._always = [_NOSNIFF, _SERVER, *([_HSTS] if context.settings.https else [])]
        self._fallback = fallback or self._not_found
        # Only beside the pages, which take whatever it leaves: it is theirs, done in their place.
        self._remembered = RememberedAuthorization(context) if fallback else None
        self._management = management(context, fallback)
        self._router = Router(routes, redirect_slashes=False, default=self._elsewhere)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any kind."""
        if scope["type"] == "http":
            endpoint = self._exact.get(scope["path"])
            if endpoint is not None:
                await self.serve(endpoint, scope, receive, send)
            elif scope["path"] == AUTHORIZE:
                await self._authorize(scope, receive, send)
            else:
                await self._router(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:  # a WebSocket: nothing here speaks that
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start and stop with the server."""
        await receive()
        try:
            await self.context.start()
        except Exception as fault:
            logger.exception("the gate cannot start")
            await send({"type": "lifespan.startup.failed", "message": str(fault)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.context.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def serve(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: whatever happens becomes a complete answer with a request id."""
        request = Request(scope, receive, self._body_timeout, next(self._ids))
        method = request.method
        try:
            handler = endpoint.methods.get(method)
            response = await handler(request) if handler else self._other(endpoint, method)
        except OAuthError as error:
            response = self._refused(endpoint, request, error)
        except ReadTimeoutError as late:
            logger.warning("answered 503: %s", late, extra={"request_id": request.id})
            response = endpoint.error(request, read_timeout(late.retry_after))
        except StoreUnavailable as away:
            logger.warning("answered 503: %s", away, extra={"request_id": request.id})
            response = endpoint.error(request, unavailable(away.retry_after))
        except Exception:
            logger.exception("answered 500 at %s", endpoint.path or request.path, extra={"request_id": request.id})
            response = endpoint.error(request, internal_error())
        scope["varco.client_id"] = request.client_id  # for the access log
        status, body, headers = response
        headers = [*headers, *self._always, (b"x-request-id", request.id.encode("ascii"))]
        if request.dpop:
            headers += interaction_id(request)
        if status != 204:
            headers.append((b"content-length", b"%d" % len(body)))
        if endpoint.cors is not Cors.NOBODY and (endpoint.cors is Cors.EVERYBODY or request.header(b"origin")):
            headers += await self._cors(endpoint, request)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})

    async def _authorize(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The authorization endpoint: the pages' address, whose answer needs no page where nothing is left to ask."""
        if self._remembered is None:
            await self._fallback(scope, receive, send)
            return
        request = Request(scope, receive, self._body_timeout, next(self._ids))
        try:
            answer = await self._remembered.answer(request)
        except Exception:
            logger.exception("the pages answer instead", extra={"request_id": request.id})
            answer = None
        if answer is None:
            await self._fallback(scope, receive, send)
            return
        scope["varco.client_id"] = request.client_id
        said = [(b"x-request-id", request.id.encode("ascii")), (b"content-length", b"0")]
        headers = [*answer.headers, *self._always, *said]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _other(self, endpoint: Endpoint, method: str) -> Response:
        """A method without a handler: OPTIONS tells which there are."""
        allowed = ", ".join([*endpoint.methods, "OPTIONS"])
        if method == "OPTIONS" and endpoint.methods:
            return preflight(allowed)
        raise method_not_allowed(method, allowed)

    def _refused(self, endpoint: Endpoint, request: Request, error: OAuthError) -> Response:
        if endpoint.logged:
            if not request.client_id:
                note_client_id(request)
            request.traced = self.context.refusal_log.add(request, endpoint.path, error, self.context.now_ms())
        return endpoint.error(request, error)

    async def _cors(self, endpoint: Endpoint, request: Request) -> list[tuple[bytes, bytes]]:
        try:
            return await self.context.origins.headers(
                request, everybody=endpoint.cors is Cors.EVERYBODY, now_ms=self.context.now_ms()
            )
        except (StoreUnavailable, StatementError) as fault:
            logger.warning("no origin is known to CORS: %s", fault, extra={"request_id": request.id})
            return []

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = f"{scope['path']}/"
        if path.startswith(f"{MANAGEMENT_PATH}/"):
            await self.serve(self._management, scope, receive, send)
        else:
            await (self._not_found if path.startswith(f"{API_BASE}/") else self._fallback)(scope, receive, send)

    async def _not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def nothing(_request: Request) -> Response:
            raise not_found()

        if scope["type"] == "http":
            worded = functools.partial(error_responses.api, issuer=self.context.settings.issuer)
            nowhere = Endpoint("", {scope["method"]: nothing}, worded, Cors.REGISTERED)
            await self.serve(nowhere, scope, receive, send)


class _Routed:
    """An endpoint as the router calls it."""

    def __init__(self, gate: Gate, endpoint: Endpoint) -> None:
        serve = functools.partial(gate.serve, endpoint)
        self._serve = functools.partial(_saying_more, serve, endpoint.headers) if endpoint.headers else serve
        self._path = endpoint.path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["varco.endpoint"] = self._path  # for what counts requests: an address with ids in it is none
        await self._serve(scope, receive, send)


async def _saying_more(
    serve: ASGIApp, headers: Mapping[str, Headers], scope: Scope, receive: Receive, send: Send
) -> None:
    """Serve with these headers, by method, on every answer: of success, refusal and failure."""
    more = headers.get(scope["method"], [])

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *more]
        await send(message)

    await serve(scope, receive, sending)


def create(
    settings: Settings,
    masters: tuple[bytes, ...],
    *,
    fallback: ASGIApp | None = None,
    clock_ms: Callable[[], int] = clock.system_milliseconds,
    body_timeout: float = BODY_TIMEOUT,
    stopping: Callable[[], bool] = lambda: False,
) -> Gate:
    """The gate of a configuration: an ASGI application that opens and closes its databases with the server's lifespan.

    `fallback` serves every path the gate does not know; without it they are 404. `body_timeout` (seconds) is how long a client
    may take to send a body. `stopping` says whether the server was told to stop, so that nobody counts on it. Raises `CatalogError` when the catalogue cannot be read, or does not fit the API's operations.
    """
    return Gate(GateContext(settings, masters, clock_ms, stopping), fallback, body_timeout)
