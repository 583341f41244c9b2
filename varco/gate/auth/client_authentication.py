"""Client authentication at an endpoint: the form a client posts, whether it is who it says, and the decision on its request.

Token, revocation, introspection, device authorization and pushed requests all begin here, so that none can leave out a check.
"""

import contextlib
from collections.abc import Awaitable, Callable
from enum import Enum, auto

from varco.gate.auth import client_assertion
from varco.gate.auth.replay import ASSERTION, first_use
from varco.gate.context import GateContext
from varco.gate.errors import unavailable
from varco.gate.grant_end import apply_effects
from varco.gate.http import Request, Response
from varco.gate.rate_limit import too_many_requests
from varco.network import client_network
from varco.protocol.client import Client, SecretRecord
from varco.protocol.client_assertion import used_before
from varco.protocol.client_authentication import Credentials, authenticate, credentials
from varco.protocol.errors import OAuthError, invalid_request
from varco.protocol.parameters import Parameters, parse_form

ATTEMPTS = 4
"""How often a decision is made again because what it stood on changed at the same moment."""

_WHOEVER_ASKS = frozenset({429, 503})
"""Statuses of errors that another version of the client would not change."""

Act = Callable[[Client], Awaitable[Response | None]]
"""What an endpoint does for an authenticated client; None when it must be decided again. Raises `OAuthError`."""


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
    return credentials(parameters, _authorization(request))


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


class Possession(Enum):
    """Whether a request holds something that this server gave to this client alone, such as a code or a refresh token."""

    NONE = auto()
    BY_SUCCESS = auto()
    """It does if what it asks for succeeds."""
    PROVEN = auto()


class ClientAuthentication:
    """The authentication of one request's client, as often as its decision is made.

    It begins with the client as it is kept, which may be out of date, and goes on with the client as it stands in the
    database. However often it is made, the request counts once against its limit and its assertion is used up once.
    """

    __slots__ = ("_context", "_counted", "_credentials", "_current", "_possession", "_request", "_used", "client")

    def __init__(
        self, context: GateContext, request: Request, credentials: Credentials, possession: Possession
    ) -> None:
        self._context = context
        self._request = request
        self._credentials = credentials
        self._possession = possession
        self._counted = self._used = False
        self.client = context.clients.kept(credentials.client_id)
        self._current = False
        request.client_id = credentials.client_id

    async def authenticate(self) -> tuple[Client, SecretRecord | None]:
        """The client, and the secret that matched. Raises `OAuthError` (invalid_client, 401; 429)."""
        context = self._context
        if self.client is None and not self._current:
            await self.renew()
        verified = await client_assertion.verify_assertion(context, self._credentials, self.client)
        client, secret = authenticate(self._credentials, self.client, context.now_ms() // 1000, verified=verified)
        self._request.application_id = client.application_id
        if not self._counted:
            self._count(client)
            self._counted = True
        if verified is not None and not self._used:
            if not await first_use(context, ASSERTION, verified.single_use, verified.remember_until):
                raise used_before()
            self._used = True
        return client, secret

    async def renew(self) -> None:
        """Read the client as it stands now."""
        self.client, self._current = await self._context.clients.fresh(self._credentials.client_id), True

    async def changed(self) -> bool:
        """Whether the client stands otherwise than it was decided on, and is worth another decision."""
        if self._current:
            return False
        before = self.client
        await self.renew()
        return self.client != before

    def _count(self, client: Client) -> None:
        """Count a request against the one budget of the application (S30). Raises `OAuthError` (429).

        The name of a public client is anybody's to say. What is asked in its name without proof is counted by where it
        comes from, or a stranger with a few requests a second could keep all its users out; once it was proven, by a code
        say, it counts like every other.
        """
        limits, now_ms = self._context.rate_limits, self._context.now_ms()
        known = client.confidential or self._possession is Possession.PROVEN
        budget = limits.count(client.client_id, now_ms, cost=int(known))
        if budget.allowed and not known:
            budget = limits.count(f"{client.client_id} {client_network(self._request.ip)}", now_ms)
        if not budget.allowed:
            raise too_many_requests(budget)

    def served(self, client: Client, secret: SecretRecord | None, response: Response) -> None:
        """Note that a secret served; or count what a public client has proven by its success (`authorization_pending` is none)."""
        context = self._context
        if secret is not None:
            context.secret_used(secret.id, context.now_ms() // 1000, self._request.ip)
        elif self._possession is Possession.BY_SUCCESS and not client.confidential and response.status == 200:
            context.rate_limits.count(client.client_id, context.now_ms())


async def with_authenticated_client(
    context: GateContext,
    request: Request,
    credentials: Credentials,
    act: Act,
    *,
    possession: Possession = Possession.NONE,
) -> Response:
    """Authenticate the client, count the request against its limit, and act.

    Decided on the client as kept, and again on the client as it is before anybody is refused; an act proves by what it
    writes or reads that this client still stands, or returns None. Raises `OAuthError`, after carrying out its effects.
    """
    authentication = ClientAuthentication(context, request, credentials, possession)
    for _ in range(ATTEMPTS):
        try:
            client, secret = await authentication.authenticate()
            response = await act(client)
        except OAuthError as error:
            if error.status in _WHOEVER_ASKS or not await authentication.changed():
                await apply_effects(context, request, error.effects)
                raise
            continue
        if response is not None:
            authentication.served(client, secret, response)
            return response
        await authentication.renew()
    raise unavailable()
