"""The revocation endpoint (RFC 7009)."""

from varco.gate.auth import client_authentication
from varco.gate.context import GateContext
from varco.gate.grant_end import end_grant
from varco.gate.http import Request, Response, json_response
from varco.gate.oauth import token_lookup
from varco.protocol.client import Client
from varco.protocol.errors import EndReason
from varco.protocol.grant import GrantState
from varco.protocol.revocation import token_of


class RevocationEndpoint:
    """`POST /oauth2/revoke`: an application gives back what it may do for a person."""

    def __init__(self, context: GateContext) -> None:
        self._context = context

    async def post(self, request: Request) -> Response:
        """End the grant of one of the client's own tokens, access or refresh: everything given with it is dead at once (§2.1).

        A refresh token that was rotated since ends it too: a client whose last answer was lost must be able to let go. What is
        foreign, dead or no token at all changes nothing, and the answer is the same 200 (§2.2), an
        empty object: client libraries read every success as JSON.
        """
        context = self._context
        parameters = await client_authentication.posted_form(context, request)
        token = token_of(parameters)
        given = client_authentication.credentials_of(request, parameters)

        async def revoke(client: Client) -> Response | None:
            found = await token_lookup.find_token(context, token, client)
            if not await token_lookup.client_stands(context, client, found):
                return None
            if found is not None and found.row.state == GrantState.ACTIVE:
                await end_grant(context, request, found.row, EndReason.REVOKED)
            return json_response({})

        return await client_authentication.with_authenticated_client(context, request, given, revoke)
