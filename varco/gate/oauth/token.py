"""The token endpoint (RFC 6749 §3.2)."""

import functools

import msgspec

from varco.gate import proofs
from varco.gate.core import Core
from varco.gate.http import Request, Response
from varco.gate.oauth import admission
from varco.gate.oauth.devices import poll
from varco.gate.oauth.exchange import exchange
from varco.gate.oauth.rotation import held, rotate
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
        tokens = self._way(request, ask, given.client_id)

        async def issue(client: Client) -> Response | None:
            check_grant_type(ask, client)
            fapi.check_token_request(client, ask.dpop_jkt)
            await shown.use_up()
            return await tokens(client)

        proven = isinstance(ask, RefreshAsk)
        return shown.with_nonce(await admission.decide(core, request, given, issue, proven=proven, proves=True))

    def _way(self, request: Request, ask: Ask, client_id: str) -> admission.Act:
        """How tokens come of what is asked. Raises `Refusal` for a refresh token that was not issued to this client."""
        core = self._core
        if isinstance(ask, RefreshAsk):
            return functools.partial(rotate, core, ask, held(core, ask, client_id))
        if isinstance(ask, CodeAsk):
            return functools.partial(exchange, core, request, ask)
        return functools.partial(poll, core, request, ask)
