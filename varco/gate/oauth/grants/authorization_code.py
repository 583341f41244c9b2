"""The authorization code grant (RFC 6749 §4.1.3), and the claim by which any grant gets its first tokens."""

import secrets
from typing import Any

from varco.audit.tags import Tag
from varco.gate import audit
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.gate.oauth.grants import token_issuing
from varco.gate.records import grant_record, subject
from varco.gate.store import BoundStatement
from varco.gate.store.sql.grants import CLAIM_CODE, GRANT_OF_CODE, GrantRow
from varco.protocol.authorization_code import check_exchange, unknown_code
from varco.protocol.client import REFRESH_TOKEN, Client
from varco.protocol.scope import OFFLINE_ACCESS, OPENID
from varco.protocol.token_request import AuthorizationCodeRequest


async def exchange(
    context: GateContext, request: Request, token_request: AuthorizationCodeRequest, client: Client
) -> Response | None:
    """The tokens of a code; None when what the decision stood on changed meanwhile, so that it must be made again.

    Everything is made and signed before the code is claimed by one conditional UPDATE: whatever fails earlier leaves the
    code unused, and of many exchanges in parallel one wins. Raises `OAuthError`.
    """
    row = await context.platform.one(GRANT_OF_CODE(code_hash=token_request.code_hash))
    if row is None:
        raise unknown_code()
    check_exchange(token_request, client, grant_record(row), context.now_ms() // 1000)
    if row.application_version != client.version:
        return None
    return await claim_and_issue(context, request, client, row, dpop_jkt=token_request.dpop_jkt)


async def claim_and_issue(
    context: GateContext,
    request: Request,
    client: Client,
    row: GrantRow,
    *further: BoundStatement[None],
    dpop_jkt: str,
) -> Response | None:
    """The tokens of a grant that waits in state `code`, claimed with `further` steps in the same transaction.

    They are bound to the DPoP key that was proven, if any (RFC 9449 §5).

    None when another claim was first, or client, person or what was granted changed: look again, and tell them apart.
    """
    now_ms = context.now_ms()
    now = now_ms // 1000
    settings = context.settings
    scope = token_issuing.allowed_scope(row.scopes, client)
    access = token_issuing.access_token(context, client, row, scope=scope, now=now, dpop_jkt=dpop_jkt)
    id_token = ""
    if OPENID in scope:
        groups = token_issuing.allowed_groups(row.claims, client)
        id_token = token_issuing.id_token(context, client, row, groups=groups, access=access, now=now, nonce=row.nonce)
    rid, refresh, expires_at, idle = None, "", now + settings.access_token_lifetime, 0
    if OFFLINE_ACCESS in scope and REFRESH_TOKEN in client.grant_types:
        rid = secrets.token_hex(16)
        refresh = context.refresh_tokens.encode(rid, 1, client.client_id)
        expires_at, idle = now + settings.refresh_absolute, now + settings.refresh_idle
    claim = CLAIM_CODE(
        id=row.id,
        application_id=client.application_id,
        version=client.version,
        scopes=row.scopes,
        claims=row.claims,
        now=now,
        now_ms=now_ms,
        rid=rid,
        n=1 if rid else 0,
        idle_expires_at=idle,
        expires_at=expires_at,
        dpop_jkt=dpop_jkt,
    )
    by_itself: dict[str, Any] = {"by_itself": True} if client.acts_by_itself else {}
    issued = audit.step(
        Tag.GRANT_ISSUED, request, subject(row), now_ms, scope=str(scope), grant=str(row.id), **by_itself
    )
    if await context.platform.write(claim, *further, issued) is None:
        return None
    return token_issuing.success(context, access, scope, refresh=refresh, id_token=id_token, dpop_jkt=dpop_jkt)
