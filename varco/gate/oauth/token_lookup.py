"""Lookup of a token that its own client presents, to be revoked or introspected."""

from typing import NamedTuple

from varco.gate.context import GateContext
from varco.gate.store.sql.grants import GRANT_OF_ID, GRANT_OF_RID, GrantRow
from varco.protocol.access_token import AccessClaims, check_access
from varco.protocol.client import Client
from varco.protocol.errors import OAuthError


class FoundToken(NamedTuple):
    """The grant behind a token (dead or alive): of an access token its claims, of a refresh token its number `n`."""

    row: GrantRow
    access: AccessClaims | None
    n: int


async def find_token(context: GateContext, token: str, client: Client) -> FoundToken | None:
    """The grant of a genuine, unexpired token that was issued to this client; None for anything else."""
    decoded = context.refresh_tokens.decode(token, client.client_id)
    if decoded is not None:
        rid, n = decoded
        row = await context.platform.one(GRANT_OF_RID(rid=rid))
        return _own(row, client, None, n)
    now_ms = context.now_ms()
    try:
        claims = await context.access_tokens.claims(token, now_ms)
        check_access(claims, issuer=context.settings.issuer, audience=context.settings.api_url, now=now_ms // 1000)
    except OAuthError:
        return None
    if claims.client_id != client.client_id:
        return None
    row = await context.platform.one(GRANT_OF_ID(id=int(claims.gid)))
    return _own(row, client, claims, 0)


async def client_stands(context: GateContext, client: Client, found: FoundToken | None) -> bool:
    """Whether the client that authenticated is still as it was read: a revoked secret says nothing any more (S12, S16)."""
    if found is None:
        return await context.clients.stands(client)
    return found.row.application_version == client.version


def _own(row: GrantRow | None, client: Client, access: AccessClaims | None, n: int) -> FoundToken | None:
    if row is None or row.application_id != client.application_id:
        return None
    return FoundToken(row, access, n)
