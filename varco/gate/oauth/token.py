"""The token endpoint (RFC 6749 §3.2)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from varco.gate.auth import client_authentication, request_proof
from varco.gate.auth.client_authentication import Possession
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.gate.oauth.grants.authorization_code import exchange
from varco.gate.oauth.grants.device_code import poll
from varco.gate.oauth.grants.refresh_token import refresh
from varco.protocol import fapi, resource_indicators
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, Client
from varco.protocol.token_request import RefreshTokenRequest, check_grant_type, parse_token_request

Grant = Callable[[GateContext, Request, Any, Client], Awaitable[Response | None]]
"""The tokens that a typed token request of its kind gets; None when it must be decided again. Raises `OAuthError`."""

GRANTS: Mapping[str, Grant] = {
    AUTHORIZATION_CODE: exchange,
    REFRESH_TOKEN: refresh,
    DEVICE_CODE: poll,
}


class TokenEndpoint:
    """`POST /oauth2/token`."""

    def __init__(self, context: GateContext) -> None:
        self._context = context
        self._audiences = (context.settings.api_url,)

    async def post(self, request: Request) -> Response:
        """Exchange a code, rotate a refresh token, or answer a device that polls. Raises `OAuthError`, after carrying out its effects."""
        context = self._context
        parameters = await client_authentication.posted_form(context, request)
        token_request = parse_token_request(parameters)
        credentials = client_authentication.credentials_of(request, parameters)
        resource_indicators.check(token_request.resource, self._audiences)
        proof = request_proof.request_proof(context, request)
        if proof.proof is not None:
            token_request = msgspec.structs.replace(token_request, dpop_jkt=proof.jkt)
        possession = Possession.BY_SUCCESS
        if isinstance(token_request, RefreshTokenRequest):
            # Of a refresh token the MAC tells whether it was issued here to this client. A forged one proves nothing, but it is
            # refused only once the client has authenticated: a wrong secret is `invalid_client` whatever comes with it.
            issued = context.refresh_tokens.decode(token_request.refresh_token, credentials.client_id)
            if issued is not None:
                token_request = msgspec.structs.replace(token_request, issued=issued)
                possession = Possession.PROVEN

        async def issue(client: Client) -> Response | None:
            check_grant_type(token_request, client)
            fapi.check_token_request(client, token_request.dpop_jkt)
            await proof.use_up()
            return await GRANTS[token_request.grant_type](context, request, token_request, client)

        return proof.with_nonce(
            await client_authentication.with_authenticated_client(
                context, request, credentials, issue, possession=possession
            )
        )
