"""A token that its own client presents to be revoked or introspected."""

from typing import NamedTuple

from varco.gate.core import Core
from varco.gate.store import Row
from varco.gate.store import statements as sql
from varco.protocol.client import Client
from varco.protocol.refusal import Refusal
from varco.protocol.tokens import AccessClaims, check_access


class Presented(NamedTuple):
    """The grant behind a token (dead or alive): of an access token its claims, of a refresh token its number `n`."""

    row: Row
    access: AccessClaims | None
    n: int


async def find(core: Core, token: str, client: Client) -> Presented | None:
    """The grant of a genuine, unexpired token that was issued to this client; None for anything else."""
    decoded = core.refresh_codec.decode(token, client.client_id)
    if decoded is not None:
        rid, n = decoded
        return _own(await core.platform.one(sql.GRANT_OF_RID, rid), client, None, n)
    now_ms = core.now_ms()
    try:
        claims = await core.access_tokens.claims(token, now_ms)
        check_access(claims, issuer=core.settings.issuer, audience=core.settings.api_url, now=now_ms // 1000)
    except Refusal:
        return None
    if claims.client_id != client.client_id:
        return None
    return _own(await core.platform.one(sql.GRANT_OF_ID, int(claims.gid)), client, claims, 0)


async def still_asks(core: Core, client: Client, found: Presented | None) -> bool:
    """Whether the client that authenticated is still as it was read: a revoked secret says nothing any more (S12, S16)."""
    if found is None:
        return await core.clients.stands(client)
    version: int = found.row["application_version"]
    return version == client.version


def _own(row: Row | None, client: Client, access: AccessClaims | None, n: int) -> Presented | None:
    if row is None or row["application_id"] != client.application_id:
        return None
    return Presented(row, access, n)
