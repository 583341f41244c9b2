"""The revocation endpoint (RFC 7009)."""

from varco.gate.core import Core
from varco.gate.http import Request, Response, empty_response
from varco.gate.oauth import admission, presented
from varco.gate.oauth.endings import end
from varco.protocol.client import Client
from varco.protocol.revocation import REVOKED, token_of


class RevocationEndpoint:
    """`POST /oauth2/revoke`: an application gives back what it may do for a person."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def post(self, request: Request) -> Response:
        """End the grant of one of the client's own tokens, access or refresh: everything given with it is dead at once (§2.1).

        A refresh token that was rotated since ends it too: a client whose last answer was lost must be able to let go. What is
        foreign, dead or no token at all changes nothing, and the answer is the same 200 (§2.2).
        """
        core = self._core
        parameters = await admission.form(core, request)
        token = token_of(parameters)
        given = admission.credentials_of(request, parameters)

        async def revoke(client: Client) -> Response:
            found = await presented.find(core, token, client)
            if found is not None and found.row["state"] == "active":
                await end(core, request, found.row, REVOKED)
            return empty_response()

        return await admission.decide(core, request, given, revoke, anew=True)
