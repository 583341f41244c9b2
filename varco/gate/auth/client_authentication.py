"""Admitting a client to an endpoint: the form it posts, whether it is who it says, and the decision on its request.

Token, revocation, introspection, device authorization and pushed requests all begin here, so that none can leave out a check.
"""

import contextlib
from collections.abc import Awaitable, Callable

from varco.gate.auth import client_assertion
from varco.gate.auth.replay import ASSERTION, first_use
from varco.gate.context import GateContext
from varco.gate.errors import unavailable
from varco.gate.http import Request, Response
from varco.gate.oauth.grants.grant_end import apply_effects
from varco.gate.rate_limit import client_network, too_many_requests
from varco.protocol.client import Client, SecretRecord
from varco.protocol.client_assertion import used_before
from varco.protocol.client_authentication import Credentials, authenticate, credentials
from varco.protocol.errors import OAuthError, invalid_request
from varco.protocol.parameters import Parameters, parse_form

ATTEMPTS = 4
"""How often a decision is made again because what it stood on changed at the same moment."""

Act = Callable[[Client], Awaitable[Response | None]]
"""What an endpoint does for an admitted client; None when it must be decided again. Raises `OAuthError`."""


async def posted_form(context: GateContext, request: Request) -> Parameters:
    """The parameters of a request, which stand in its body. Raises `OAuthError` (invalid_request)."""
    body = await request.body(context.settings.body_limit)
    if request.query:
        raise invalid_request(
            "This address takes its parameters in the body; an address is written to logs.",
            rule="RFC 6749 §3.2 parameters in the body",
            received="parameters in the address",
            expected="no query",
        )
    request.form = parse_form(request.header(b"content-type"), body)
    return request.form


def credentials_of(request: Request, parameters: Parameters) -> Credentials:
    """Who the client says it is. Raises `OAuthError` (invalid_client, invalid_request)."""
    given = credentials(parameters, _authorization(request))
    request.client_id = given.client_id
    return given


def note_client_id(request: Request) -> None:
    """Note whose request it seems to be: whatever was refused before that was known still finds its developer."""
    parameters = request.form or Parameters({})
    named = parameters.get("client_id", "")
    for header in request.header_values(b"authorization")[:1]:
        with contextlib.suppress(OAuthError):
            named = named or credentials(Parameters({}), header).client_id
    if not named and "client_assertion" in parameters:
        with contextlib.suppress(OAuthError):
            named = credentials(parameters, None).client_id
    request.client_id = named


def _authorization(request: Request) -> str | None:
    """The one Authorization header. Raises `OAuthError` (invalid_request) when there are two (RFC 6749 §2.3)."""
    headers = request.header_values(b"authorization")
    if len(headers) > 1:
        raise invalid_request(
            "The request has more than one Authorization header.",
            rule="RFC 6749 §2.3 one authentication method",
            received=f"{len(headers)} Authorization headers",
            expected="one",
        )
    return headers[0] if headers else None


async def with_authenticated_client(
    context: GateContext, request: Request, given: Credentials, act: Act, *, proven: bool = False, proves: bool = False
) -> Response:
    """Authenticate the client, count the request against its limit, and act.

    Decided on the client as kept, and again on the client as it is before anybody is refused; an act proves by what it
    writes or reads that this client still stands, or returns None. `proven`: the request holds what this server gave to
    this client alone; `proves`: it did if the act succeeds. Raises `OAuthError`, after carrying out its effects.
    """
    counted = used = False
    client = context.clients.kept(given.client_id)
    current = False
    if client is None:
        client, current = await context.clients.fresh(given.client_id), True
    for _ in range(ATTEMPTS):
        try:
            verified = await client_assertion.verify_assertion(context, given, client)
            secret = authenticate(given, client, context.now_ms() // 1000, verified=verified)
            assert client is not None  # noqa: S101 - an unknown client does not authenticate
            request.application_id = client.application_id
            if not counted:
                _count(context, request, client, proven=proven)
                counted = True
            if verified is not None and not used:
                if not await first_use(context, ASSERTION, verified.single_use, verified.remember_until):
                    raise used_before()
                used = True
            response = await act(client)
        except OAuthError as refusal:
            renewed = client if current else await context.clients.fresh(given.client_id)
            if renewed == client or refusal.status in {429, 503}:
                await apply_effects(context, request, refusal.effects)
                raise
            client, current = renewed, True
            continue
        if response is not None:
            _note(context, client, secret, response, proves=proves and not proven)
            return response
        client, current = await context.clients.fresh(given.client_id), True
    raise unavailable()


def _count(context: GateContext, request: Request, client: Client, *, proven: bool) -> None:
    """Count a request against the one budget of the application (S30). Raises `OAuthError` (429).

    The name of a public client is anybody's to say. What is asked in its name without proof is counted by where it comes
    from, or a stranger with a few requests a second could keep all its users out; once it was proven, by a code say, it
    counts like every other.
    """
    known = client.confidential or proven
    budget = context.rate_limits.count(client.client_id, context.now_ms(), cost=int(known))
    if budget.allowed and not known:
        budget = context.rate_limits.count(f"{client.client_id} {client_network(request.ip)}", context.now_ms())
    if not budget.allowed:
        raise too_many_requests(budget)


def _note(
    context: GateContext, client: Client, secret: SecretRecord | None, response: Response, *, proves: bool
) -> None:
    """Note that a secret served; or count what a public client has proven by what it got (`authorization_pending` is no proof)."""
    if secret is not None:
        context.secret_used(secret.id, context.now_ms() // 1000)
    elif proves and not client.confidential and response.status == 200:
        context.rate_limits.count(client.client_id, context.now_ms())
