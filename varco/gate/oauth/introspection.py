"""The introspection endpoint (RFC 7662)."""

from collections.abc import Mapping

from varco.gate.auth import client_authentication
from varco.gate.context import GateContext
from varco.gate.http import Request, Response, json_response
from varco.gate.oauth import token_lookup
from varco.gate.oauth.grants import token_issuing
from varco.gate.oauth.token_lookup import FoundToken
from varco.gate.records import grant_record, tenant
from varco.protocol import introspection
from varco.protocol.client import REFRESH_TOKEN, Client
from varco.protocol.eligibility import eligibility
from varco.protocol.grant import GrantRecord, GrantState
from varco.protocol.revocation import token_of
from varco.protocol.scope import stored


class IntrospectionEndpoint:
    """`POST /oauth2/introspect`: whether one of the client's own tokens is good now, as the gate itself would find."""

    def __init__(self, context: GateContext) -> None:
        self._context = context

    async def post(self, request: Request) -> Response:
        """What a token may do; of any other only `{"active": false}`. Raises `OAuthError` for a caller not entitled to ask."""
        context = self._context
        parameters = await client_authentication.posted_form(context, request)
        token = token_of(parameters, "RFC 7662 §2.1")
        given = client_authentication.credentials_of(request, parameters)

        async def introspect(client: Client) -> Response | None:
            introspection.check_entitled(client)
            found = await token_lookup.find_token(context, token, client)
            if not await token_lookup.client_stands(context, client, found):
                return None
            return json_response(self._response(client, found))

        return await client_authentication.with_authenticated_client(context, request, given, introspect)

    def _response(self, client: Client, found: FoundToken | None) -> Mapping[str, object]:
        if found is None:
            return introspection.INACTIVE
        row = found.row
        record = grant_record(row)
        now = self._context.now_ms() // 1000
        if not _is_live(record, now):
            return introspection.INACTIVE
        scope = token_issuing.allowed_scope(row.scopes, client)
        if found.access is not None:
            token_scope = stored(found.access.scope)
            return introspection.access_token_response(
                found.access, str(scope.within(token_scope)), tenant(row), acr=row.acr, auth_time=row.auth_time
            )
        good = found.n >= record.n and record.idle_expires_at > now and REFRESH_TOKEN in client.grant_types
        if not good:
            return introspection.INACTIVE
        return introspection.refresh_token_response(
            client, record, sub=row.sub, scope=str(scope), tenant=tenant(row), issuer=self._context.settings.issuer
        )


def _is_live(record: GrantRecord, now: int) -> bool:
    """Whether the grant and the people behind it are live (S21); that the application is in force was found when it authenticated."""
    return record.state == GrantState.ACTIVE and record.expires_at > now and eligibility(record.facts, now) is None
