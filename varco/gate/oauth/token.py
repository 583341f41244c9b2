"""The token endpoint (RFC 6749 §3.2)."""

import msgspec

from varco.gate.auth import client_authentication, request_proof
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.gate.oauth.grants.authorization_code import exchange_code
from varco.gate.oauth.grants.device_code import poll
from varco.gate.oauth.grants.refresh_token import rotate
from varco.protocol import fapi, resource_indicators
from varco.protocol.client import Client
from varco.protocol.token_request import (
    AuthorizationCodeRequest,
    RefreshTokenRequest,
    TokenRequest,
    check_grant_type,
    parse_token_request,
)


class TokenEndpoint:
    """`POST /oauth2/token`."""

    def __init__(self, context: GateContext) -> None:
        self._context = context
        self._audiences = (context.settings.api_url,)

    async def post(self, request: Request) -> Response:
        """Exchange a code, rotate a refresh token, or answer a device that polls. Raises `OAuthError`, after carrying out its effects."""
        context = self._context
        parameters = await client_authentication.posted_form(context, request)
        ask = parse_token_request(parameters)
        given = client_authentication.credentials_of(request, parameters)
        resource_indicators.check(ask.resource, self._audiences)
        shown = request_proof.request_proof(context, request)
        if shown.proof is not None:
            ask = msgspec.structs.replace(ask, dpop_jkt=shown.jkt)
        # Of a refresh token the MAC tells whether it was issued here to this client. A forged one proves nothing, but it is
        # refused only once the client has authenticated: a wrong secret is `invalid_client` whatever comes with it.
        decoded = (
            context.refresh_codec.decode(ask.refresh_token, given.client_id)
            if isinstance(ask, RefreshTokenRequest)
            else None
        )

        async def issue(client: Client) -> Response | None:
            check_grant_type(ask, client)
            fapi.check_token_request(client, ask.dpop_jkt)
            await shown.use_up()
            return await self._issue(request, ask, decoded, client)

        return shown.with_nonce(
            await client_authentication.with_authenticated_client(
                context, request, given, issue, proven=decoded is not None, proves=True
            )
        )

    async def _issue(
        self, request: Request, ask: TokenRequest, decoded: tuple[str, int] | None, client: Client
    ) -> Response | None:
        if isinstance(ask, RefreshTokenRequest):
            return await rotate(self._context, ask, decoded, client)
        if isinstance(ask, AuthorizationCodeRequest):
            return await exchange_code(self._context, request, ask, client)
        return await poll(self._context, request, ask, client)
