"""The gate as one ASGI application.

The hot endpoints stand in a table of exact paths; what has parameters in its path is found by Starlette's router; any
other path outside the API goes to the application the gate was given, or is 404. Neither knows the other.
"""

import functools
import logging
from collections.abc import Callable
from typing import NamedTuple

from starlette.routing import Route, Router

from varco import clock
from varco.config import Settings
from varco.gate import error_responses
from varco.gate.api import registry
from varco.gate.api.endpoint import OperationHandlers
from varco.gate.api.openapi import OpenApiEndpoint, SwaggerEndpoint
from varco.gate.auth.bearer import Bearer
from varco.gate.auth.client_authentication import note_client_id
from varco.gate.body_timeout import BODY_TIMEOUT, BodyTimeout
from varco.gate.context import GateContext
from varco.gate.cors import preflight
from varco.gate.errors import internal_error, method_not_allowed, not_found, unavailable
from varco.gate.health import HealthEndpoint, ReadinessEndpoint
from varco.gate.http import ASGIApp, Handler, Receive, Request, Response, Scope, Send, interaction_id
from varco.gate.oauth.device_authorization import DeviceAuthorizationEndpoint
from varco.gate.oauth.discovery import DiscoveryEndpoint
from varco.gate.oauth.introspection import IntrospectionEndpoint
from varco.gate.oauth.jwks import JwksEndpoint
from varco.gate.oauth.pushed_request import PushedRequestEndpoint
from varco.gate.oauth.registration import refuse_registration
from varco.gate.oauth.revocation import RevocationEndpoint
from varco.gate.oauth.token import TokenEndpoint
from varco.gate.oauth.userinfo import UserInfoEndpoint
from varco.gate.store import StatementError, StoreUnavailable
from varco.protocol.errors import OAuthError

logger = logging.getLogger("varco.gate")

API_BASE = "/v2"
"""Below it only programs ask: what is not there is told as the API tells its errors (S29), never as a page."""

Face = Callable[[Request, OAuthError], Response]


class Endpoint(NamedTuple):
    """An address: its handlers by method, how it tells a refusal, who may call it by CORS, and its name in the trace."""

    methods: dict[str, Handler]
    face: Face
    cors: str
    trace: str


class Gate:
    """The ASGI application."""

    def __init__(self, context: GateContext, fallback: ASGIApp | None, body_timeout: float) -> None:
        self.context = context
        self._patience = BodyTimeout(body_timeout)
        bearer = Bearer(context)
        self._exact = self._exact_endpoints(bearer)
        routes = []
        for path, operations in registry.by_path().items():
            handlers = OperationHandlers(context, bearer, operations).methods
            endpoint = Endpoint(_with_head(handlers), error_responses.api, "registered", path)
            if "{" in path:
                routes.append(Route(path, endpoint=_Routed(self, endpoint)))
            else:
                self._exact[path] = endpoint
        self._fallback = fallback or self._not_found
        self._router = Router(routes, redirect_slashes=False, default=self._elsewhere)

    def _exact_endpoints(self, bearer: Bearer) -> dict[str, Endpoint]:
        context = self.context
        userinfo = UserInfoEndpoint(context, bearer)
        discovery = _with_head({"GET": DiscoveryEndpoint(context).get})

        def document(get: Handler) -> Endpoint:
            return Endpoint(_with_head({"GET": get}), error_responses.oauth, "public", "")

        face = functools.partial(error_responses.oauth, issuer=context.settings.issuer)

        def posted(path: str, post: Handler, cors: str = "registered") -> dict[str, Endpoint]:
            return {path: Endpoint({"POST": post}, face, cors, path)}

        return {
            **posted("/oauth2/token", TokenEndpoint(context).post),
            **posted("/oauth2/device_authorization", DeviceAuthorizationEndpoint(context).post),
            **posted("/oauth2/par", PushedRequestEndpoint(context).post),
            **posted("/oauth2/revoke", RevocationEndpoint(context).post),
            # Not for scripts: those have no client's credentials.
            **posted("/oauth2/introspect", IntrospectionEndpoint(context).post, ""),
            "/oauth2/register": Endpoint({"POST": refuse_registration}, face, "", ""),
            "/oauth2/userinfo": Endpoint(
                _with_head({"GET": userinfo.get, "POST": userinfo.post}),
                error_responses.bearer,
                "registered",
                "/oauth2/userinfo",
            ),
            "/oauth2/jwks": document(JwksEndpoint(context).get),
            "/.well-known/openid-configuration": Endpoint(discovery, error_responses.oauth, "public", ""),
            "/.well-known/oauth-authorization-server": Endpoint(discovery, error_responses.oauth, "public", ""),
            "/v2/openapi.json": document(OpenApiEndpoint(context).get),
            "/swagger/docs/v2": document(SwaggerEndpoint(context).get),
            "/healthz": Endpoint(_with_head({"GET": HealthEndpoint().get}), error_responses.api, "", ""),
            "/readyz": Endpoint(_with_head({"GET": ReadinessEndpoint(context).get}), error_responses.api, "", ""),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any kind."""
        if scope["type"] == "http":
            endpoint = self._exact.get(scope["path"])
            if endpoint is None:
                await self._router(scope, receive, send)
            else:
                await self.serve(endpoint, scope, receive, send)
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
        request = Request(scope, receive, self._patience)
        method = request.method
        try:
            handler = endpoint.methods.get(method)
            response = await handler(request) if handler else self._other(endpoint, method)
        except OAuthError as refusal:
            response = self._refused(endpoint, request, refusal)
        except StoreUnavailable as away:
            logger.warning("answered 503: %s", away, extra={"request_id": request.id})
            response = endpoint.face(request, unavailable(away.retry_after))
        except Exception:
            logger.exception("answered 500 at %s", endpoint.trace or request.path, extra={"request_id": request.id})
            response = endpoint.face(request, internal_error())
        scope["varco.client_id"] = request.client_id  # for the access log
        status, body, headers = response
        headers = [*headers, (b"x-request-id", request.id.encode("ascii"))]
        if request.dpop:
            headers += interaction_id(request)
        if status != 204:
            headers.append((b"content-length", b"%d" % len(body)))
        if endpoint.cors and (endpoint.cors == "public" or request.header(b"origin")):
            headers += await self._cors(endpoint, request)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})

    def _other(self, endpoint: Endpoint, method: str) -> Response:
        """A method without a handler: OPTIONS tells which there are."""
        allowed = ", ".join([*endpoint.methods, "OPTIONS"])
        if method == "OPTIONS" and endpoint.methods:
            return preflight(allowed)
        raise method_not_allowed(method, allowed)

    def _refused(self, endpoint: Endpoint, request: Request, refusal: OAuthError) -> Response:
        if endpoint.trace:
            if not request.client_id:
                note_client_id(request)
            self.context.refusal_log.add(request, endpoint.trace, refusal, self.context.now_ms())
        return endpoint.face(request, refusal)

    async def _cors(self, endpoint: Endpoint, request: Request) -> list[tuple[bytes, bytes]]:
        try:
            return await self.context.origins.headers(request, endpoint.cors, self.context.now_ms())
        except (StoreUnavailable, StatementError) as fault:
            logger.warning("no origin is known to CORS: %s", fault, extra={"request_id": request.id})
            return []

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = f"{scope['path']}/".startswith(f"{API_BASE}/")
        await (self._not_found if ours else self._fallback)(scope, receive, send)

    async def _not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def nothing(_request: Request) -> Response:
            raise not_found()

        if scope["type"] == "http":
            await self.serve(
                Endpoint({scope["method"]: nothing}, error_responses.api, "registered", ""), scope, receive, send
            )


class _Routed:
    """An endpoint as the router calls it."""

    def __init__(self, gate: Gate, endpoint: Endpoint) -> None:
        self._serve = functools.partial(gate.serve, endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._serve(scope, receive, send)


def _with_head(methods: dict[str, Handler]) -> dict[str, Handler]:
    """HEAD beside every GET (RFC 9110 §9.3.2); its body is left out when the answer is sent."""
    return methods | {"HEAD": methods["GET"]} if "GET" in methods else methods


def create(
    settings: Settings,
    masters: tuple[bytes, ...],
    *,
    fallback: ASGIApp | None = None,
    clock_ms: Callable[[], int] = clock.system_milliseconds,
    body_timeout: float = BODY_TIMEOUT,
) -> Gate:
    """The gate of a configuration: an ASGI application that opens and closes its databases with the server's lifespan.

    `fallback` serves every path the gate does not know; without it they are 404. `body_timeout` (seconds) is how long a client
    may take to send a body. Raises `DeclarationError` when the catalogue lacks a scope or permission that the API's operations
    need, `CatalogError` when it cannot be read.
    """
    context = GateContext(settings, masters, clock_ms)
    registry.check(context.catalog)
    return Gate(context, fallback, body_timeout)
