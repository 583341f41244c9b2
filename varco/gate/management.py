"""The management API's address on the gate: authentication here, the answer by the application behind (Django, unknown to us).

A request is authenticated as every other of the API: token, what it stands on, proof of possession, rate limit, tenant policy.
What was proven goes on in the ASGI scope; the credentials themselves do not.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message

from varco.caller import MANAGEMENT_DOCUMENT, MANAGEMENT_PATH, SCOPE_KEY, ManagementCaller
from varco.gate.api import checks
from varco.gate.auth.bearer import Bearer, bearer_token
from varco.gate.context import GateContext
from varco.gate.errors import internal_error
from varco.gate.http import Handler, Headers, Request, Response
from varco.gate.rate_limit import too_many_requests
from varco.protocol.errors import Fixer, OAuthError

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# What the application behind must not see of a request, and what of its answer is the gate's to say.
_CREDENTIALS = frozenset({b"authorization", b"dpop", b"cookie"})
_OWN_HEADERS = frozenset({b"content-length", b"server", b"x-request-id", b"set-cookie"})


class ManagementEndpoint:
    """Every address below `/manage`."""

    def __init__(self, context: GateContext, bearer: Bearer, application: ASGIApp | None) -> None:
        self._context = context
        self._bearer = bearer
        self._application = application
        self._scopes = [scope.name for scope in context.catalog.scopes.values() if scope.kind == "management"]
        self.methods: dict[str, Handler] = dict.fromkeys(METHODS, self._handle)

    async def _handle(self, request: Request) -> Response:
        if self._application is None:
            raise _not_served(request)
        if request.path == MANAGEMENT_DOCUMENT and request.method in {"GET", "HEAD"}:  # tells nothing of anybody
            return await _answer(self._application, request, None, 0)
        context = self._context
        caller = await self._bearer.caller(request, *bearer_token(request))
        budget = context.rate_limits.count(caller.client.client_id, context.now_ms())
        if not budget.allowed:
            raise too_many_requests(budget)
        checks.tenant_policy(caller)
        if self._scopes and caller.scopes.isdisjoint(self._scopes):  # which of them, the operation says
            checks.scope(self._scopes[0], caller)
        proven = ManagementCaller(
            user_id=caller.person.sub,
            application_id=caller.client.application_id,
            client_id=caller.client.client_id,
            grant_id=caller.grant_id,
            tenant_id=caller.tenant.id,
            scopes=caller.scopes,
            request_id=request.id,
            ip=request.ip,
        )
        response = await _answer(self._application, request, proven, context.settings.body_limit)
        if response.status >= 400:
            raise _refusal(request, response)
        return response._replace(headers=[*response.headers, *budget.headers()])


async def _answer(application: ASGIApp, request: Request, caller: ManagementCaller | None, body_limit: int) -> Response:
    """The whole answer of an application to a request of a proven caller, or of anybody."""
    reading = request.method in {"GET", "HEAD"}
    body = b"" if reading else await request.body(body_limit)
    arriving: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        return arriving.pop() if arriving else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name, value) for name, value in request.headers if name not in _CREDENTIALS]
    scope = {
        **request.scope,
        "method": "GET" if reading else request.method,
        "headers": headers,
        SCOPE_KEY: caller,
    }
    await application(scope, receive, send)
    return _whole(sent)


def _whole(sent: Sequence[Message]) -> Response:
    start = sent[0]
    headers: Headers = [(name, value) for name, value in start["headers"] if name.lower() not in _OWN_HEADERS]
    return Response(start["status"], b"".join(message.get("body", b"") for message in sent[1:]), headers)


def _refusal(request: Request, response: Response) -> OAuthError:
    """The refusal that an answer tells (S29), so that it stands in the developer's trace as every other (S33)."""
    try:
        told = msgspec.json.decode(response.body, type=dict[str, Any])
        error, message = str(told.pop("error")), str(told.pop("message"))
    except (ValueError, KeyError):  # a page, or plain text: not for programs
        return internal_error()
    told.pop("requestId", None)
    return OAuthError(
        error,
        message,
        status=response.status,
        rule="S28 management API",
        fixer=Fixer(told["fixableBy"]) if "fixableBy" in told else Fixer.DEVELOPER,
        received=f"{request.method} {request.path[:100]}",
        expected=str(told.get("required", "")),
        headers=tuple(header for header in response.headers if header[0].lower() in {b"retry-after", b"allow"}),
        extra=told,
    )


def _not_served(request: Request) -> OAuthError:
    return OAuthError(
        "not_found",
        "The management API is not served here: this process is the gate alone. Ask where gate and portal run together.",
        status=404,
        rule="RFC 9110 §15.5.5 path",
        fixer=Fixer.ADMINISTRATOR,
        received=f"{MANAGEMENT_PATH} at {request.path[:60]}",
    )
