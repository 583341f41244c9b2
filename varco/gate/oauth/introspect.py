"""The introspection endpoint (RFC 7662)."""

from collections.abc import Mapping

from varco.gate.core import Core
from varco.gate.http import Request, Response, json_response
from varco.gate.oauth import admission, issue, presented
from varco.gate.oauth.presented import Presented
from varco.gate.oauth.records import grant_record, tenant
from varco.protocol import introspection
from varco.protocol.client import REFRESH_TOKEN, Client
from varco.protocol.grant import GrantRecord, check_people
from varco.protocol.refusal import Refusal
from varco.protocol.revocation import token_of


class IntrospectionEndpoint:
    """`POST /oauth2/introspect`: whether one of the client's own tokens is good now, as the gate itself would find."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def post(self, request: Request) -> Response:
        """What a token may do; of any other only `{"active": false}`. Raises `Refusal` for a caller not entitled to ask."""
        core = self._core
        parameters = await admission.form(core, request)
        token = token_of(parameters, "RFC 7662 §2.1")
        given = admission.credentials_of(request, parameters)

        async def introspect(client: Client) -> Response | None:
            introspection.check_entitled(client)
            found = await presented.find(core, token, client)
            if not await self._proven(client, found):
                return None
            return json_response(self._told(client, found))

        return await admission.decide(core, request, given, introspect)

    async def _proven(self, client: Client, found: Presented | None) -> bool:
        """Whether the client is still as it was read; a token of no grant of its own proves nothing of that."""
        if found is not None:
            return bool(found.row["application_version"] == client.version)
        return await self._core.clients.fresh(client.client_id) == client

    def _told(self, client: Client, found: Presented | None) -> Mapping[str, object]:
        if found is None:
            return introspection.INACTIVE
        row = found.row
        record = grant_record(row)
        now = self._core.now_ms() // 1000
        if not _lives(record, now):
            return introspection.INACTIVE
        scope = issue.allowed_scope(row["scopes"], client)
        if found.access is not None:
            said = found.access.scope.split()
            within = " ".join(name for name in scope.split() if name in said)
            return introspection.access_answer(found.access, within, tenant(row))
        good = found.n == record.n and record.idle_expires_at > now and REFRESH_TOKEN in client.grant_types
        if not good:
            return introspection.INACTIVE
        return introspection.refresh_answer(
            client, record, sub=row["sub"], scope=scope, tenant=tenant(row), issuer=self._core.settings.issuer
        )


def _lives(record: GrantRecord, now: int) -> bool:
    """The grant and the people behind it (S21); that the application is in force was found when it authenticated."""
    try:
        check_people(record, now)
    except Refusal:
        return False
    return record.state == "active" and record.expires_at > now
