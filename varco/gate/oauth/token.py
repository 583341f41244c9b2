"""The token endpoint (RFC 6749 §3.2)."""

from varco.audit.tags import Tag
from varco.gate import journal
from varco.gate.core import Core
from varco.gate.http import Request, Response
from varco.gate.limits import exceeded
from varco.gate.oauth.exchange import exchange
from varco.gate.oauth.records import subject
from varco.gate.oauth.rotation import rotate
from varco.gate.refused import Refused, unavailable
from varco.gate.store import statements as sql
from varco.protocol import resource
from varco.protocol.client import Client
from varco.protocol.client_auth import Credentials, authenticate, credentials
from varco.protocol.parameters import parse_form
from varco.protocol.refusal import EndGrant, Refusal
from varco.protocol.token import (
    CODE_REPLAYED,
    REFRESH_REUSED,
    Ask,
    CodeAsk,
    RefreshAsk,
    check_grant_type,
    parse_token_request,
    unreadable_refresh_token,
)

ATTEMPTS = 4
"""How often a decision is made again because what it stood on changed at the same moment."""

_TAGS = {CODE_REPLAYED: Tag.CODE_REPLAYED, REFRESH_REUSED: Tag.REFRESH_REUSED}


def authorization(request: Request) -> str | None:
    """The one Authorization header. Raises `Refused` (invalid_request) when there are two (RFC 6749 §2.3)."""
    headers = request.header_values(b"authorization")
    if len(headers) > 1:
        raise Refused(
            "invalid_request",
            "The request has more than one Authorization header.",
            rule="RFC 6749 §2.3 one authentication method",
            received=f"{len(headers)} Authorization headers",
            expected="one",
        )
    return headers[0] if headers else None


class TokenEndpoint:
    """`POST /oauth2/token`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._audiences = (core.settings.api_url, core.settings.issuer)

    async def post(self, request: Request) -> Response:
        """Exchange a code or rotate a refresh token. Raises `Refusal`, after carrying out its effects."""
        core = self._core
        body = await request.body(core.settings.body_limit)
        if request.query:
            raise Refused(
                "invalid_request",
                "The token endpoint takes its parameters in the body; an address is written to logs.",
                rule="RFC 6749 §3.2 parameters in the body",
                received="parameters in the address",
                expected="no query",
            )
        parameters = parse_form(request.header(b"content-type"), body)
        ask = parse_token_request(parameters)
        given = credentials(parameters, authorization(request))
        request.client_id = given.client_id
        resource.check(ask.resource, self._audiences)
        # A forged or foreign refresh token is known by its MAC, before any database is asked.
        if isinstance(ask, RefreshAsk) and core.refresh_codec.decode(ask.refresh_token, given.client_id) is None:
            raise unreadable_refresh_token()
        return await self._decide(request, ask, given)

    async def _decide(self, request: Request, ask: Ask, given: Credentials) -> Response:
        """Decide on the client as kept, and again on the client as it is before refusing anybody."""
        core = self._core
        counted = False
        client = core.clients.kept(given.client_id)
        current = False
        if client is None:
            client, current = await core.clients.fresh(given.client_id), True
        for _ in range(ATTEMPTS):
            try:
                secret = authenticate(given, client, core.now_ms() // 1000)
                assert client is not None  # noqa: S101 - an unknown client does not authenticate
                request.application_id = client.application_id
                check_grant_type(ask, client)
                if not counted:
                    self._count(client)
                    counted = True
                response = await self._issue(request, ask, client)
            except Refusal as refusal:
                renewed = client if current else await core.clients.fresh(given.client_id)
                if renewed == client or refusal.status in {429, 503}:
                    await self._carry_out(request, refusal.effects)
                    raise
                client, current = renewed, True
                continue
            if response is not None:
                if secret is not None:
                    core.secret_used(secret.id, core.now_ms() // 1000)
                return response
            client, current = await core.clients.fresh(given.client_id), True
        raise unavailable()

    async def _issue(self, request: Request, ask: Ask, client: Client) -> Response | None:
        if isinstance(ask, RefreshAsk):
            return await rotate(self._core, ask, client)
        if isinstance(ask, CodeAsk):
            return await exchange(self._core, request, ask, client)
        raise Refused(
            "unsupported_grant_type",
            "The device flow is not offered here.",
            rule="RFC 6749 §5.2 unsupported_grant_type",
            received=ask.grant_type,
        )

    def _count(self, client: Client) -> None:
        budget = self._core.limits.count(client.client_id, self._core.now_ms())
        if not budget.allowed:
            raise exceeded(budget)

    async def _carry_out(self, request: Request, effects: tuple[EndGrant, ...]) -> None:
        """End the grants a refusal ends, and record why; of several at the same moment one does."""
        core = self._core
        for effect in effects:
            row = await core.platform.one(sql.GRANT_OF_ID, effect.grant_id)
            if row is None:
                continue
            now_ms = core.now_ms()
            about = subject(row)
            events = [
                journal.step(tag, request, about, now_ms, grant=str(effect.grant_id), reason=effect.reason)
                for tag in (_TAGS[effect.reason], Tag.GRANT_ENDED)
            ]
            await core.platform.write((sql.END_GRANT, (effect.grant_id, now_ms // 1000, effect.reason)), *events)
