"""The token endpoint (RFC 6749 §3.2)."""

import msgspec

from varco.gate import proofs
from varco.gate.core import Core
from varco.gate.http import Request, Response
from varco.gate.oauth import admission
from varco.gate.oauth.devices import poll
from varco.gate.oauth.exchange import exchange
from varco.gate.oauth.rotation import rotate
from varco.protocol import fapi, resource
from varco.protocol.client import Client
from varco.protocol.token import Ask, CodeAsk, RefreshAsk, check_grant_type, parse_token_request


class TokenEndpoint:
    """`POST /oauth2/token`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._audiences = (core.settings.api_url,)

    async def post(self, request: Request) -> Response:
        """Exchange a code, rotate a refresh token, or answer a device that polls. Raises `Refusal`, after carrying out its effects."""
        core = self._core
        parameters = await admission.form(core, request)
        ask = parse_token_request(parameters)
        given = admission.credentials_of(request, parameters)
        resource.check(ask.resource, self._audiences)
        shown = proofs.shown(core, request)
        if shown.proof is not None:
            ask = msgspec.structs.replace(ask, dpop_jkt=shown.jkt)
        # Of a refresh token the MAC tells whether it was issued here to this client. A forged one proves nothing, but it is
        # refused only once the client has authenticated: a wrong secret is `invalid_client` whatever comes with it.
        decoded = core.refresh_codec.decode(ask.refresh_token, given.client_id) if isinstance(ask, RefreshAsk) else None

        async def issue(client: Client) -> Response | None:
            check_grant_type(ask, client)
            fapi.check_token_request(client, ask.dpop_jkt)
            await shown.use_up()
            return await self._issue(request, ask, decoded, client)

        return shown.with_nonce(
            await admission.decide(core, request, given, issue, proven=decoded is not None, proves=True)
        )

    async def _issue(
        self, request: Request, ask: Ask, decoded: tuple[str, int] | None, client: Client
    ) -> Response | None:
        if isinstance(ask, RefreshAsk):
            return await rotate(self._core, ask, decoded, client)
        if isinstance(ask, CodeAsk):
            return await exchange(self._core, request, ask, client)
        return await poll(self._core, request, ask, client)
