"""The pushed authorization request endpoint (RFC 9126)."""

import secrets

from varco.gate.auth import client_authentication, request_proof
from varco.gate.context import GateContext
from varco.gate.http import Request, Response, encode_json, json_response
from varco.gate.store.sql.pushed_requests import ADD_PUSHED
from varco.protocol import pushed_request
from varco.protocol.client import Client
from varco.protocol.credentials import hash_of
from varco.protocol.parameters import Parameters


class PushedRequestEndpoint:
    """`POST /oauth2/par`: a client sends its authorization request itself; the browser carries a reference to it."""

    def __init__(self, context: GateContext) -> None:
        self._context = context
        self._audiences = (context.settings.api_url,)

    async def post(self, request: Request) -> Response:
        """A `request_uri` for a request that is sound now; it is checked again when the browser comes. Raises `OAuthError`.

        A DPoP proof sent along binds the code to its key (RFC 9449 §10.1).
        """
        context = self._context
        parameters = await client_authentication.posted_form(context, request)
        given = client_authentication.credentials_of(request, parameters)
        proof = request_proof.request_proof(context, request)

        async def push(client: Client) -> Response | None:
            pushed_request.push(
                parameters, client, context.catalog.scopes, audiences=self._audiences, dpop_jkt=proof.jkt
            )
            await proof.use_up()
            return await self._keep(client, parameters, proof.jkt)

        return proof.with_nonce(await client_authentication.with_authenticated_client(context, request, given, push))

    async def _keep(self, client: Client, parameters: Parameters, dpop_jkt: str) -> Response | None:
        context = self._context
        now = context.now_ms() // 1000
        reference = secrets.token_urlsafe(32)
        added = ADD_PUSHED(
            request_uri_hash=hash_of(pushed_request.PREFIX + reference),
            client_id=client.client_id,
            parameters=encode_json(pushed_request.stored(parameters)).decode(),
            dpop_jkt=dpop_jkt,
            now=now,
            expires_at=now + pushed_request.LIFETIME,
            application_id=client.application_id,
            version=client.version,
        )
        if await context.platform.write(added) is None:
            return None
        return json_response(pushed_request.response(reference), 201)
