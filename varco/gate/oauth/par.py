"""The pushed authorization request endpoint (RFC 9126)."""

import hashlib
import secrets

from varco.gate import proofs
from varco.gate.core import Core
from varco.gate.http import Request, Response, encode_json, json_response
from varco.gate.oauth import admission
from varco.gate.store import statements as sql
from varco.protocol import par
from varco.protocol.client import Client
from varco.protocol.parameters import Parameters


class PushedRequestEndpoint:
    """`POST /oauth2/par`: a client sends its authorization request itself; the browser carries a reference to it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._audiences = (core.settings.api_url,)

    async def post(self, request: Request) -> Response:
        """A `request_uri` for a request that is sound now; it is checked again when the browser comes. Raises `Refusal`.

        A DPoP proof sent along binds the code to its key (RFC 9449 §10.1).
        """
        core = self._core
        parameters = await admission.form(core, request)
        given = admission.credentials_of(request, parameters)
        shown = proofs.shown(core, request)

        async def push(client: Client) -> Response:
            par.push(parameters, client, core.catalog.scopes, audiences=self._audiences, dpop_jkt=shown.jkt)
            await shown.use_up()
            return await self._keep(client, parameters, shown.jkt)

        return shown.with_nonce(await admission.decide(core, request, given, push, anew=True))

    async def _keep(self, client: Client, parameters: Parameters, dpop_jkt: str) -> Response:
        core = self._core
        now = core.now_ms() // 1000
        reference = secrets.token_urlsafe(32)
        values = (
            hashlib.sha256((par.PREFIX + reference).encode()).hexdigest(),
            client.client_id,
            encode_json(par.stored(parameters)).decode(),
            dpop_jkt,
            now,
            now + par.LIFETIME,
        )
        await core.platform.write((sql.ADD_PUSHED, values))
        return json_response(par.response(reference), 201)
