"""Exchanging an authorization code for tokens (RFC 6749 §4.1.3)."""

import secrets

from varco.audit.tags import Tag
from varco.gate import journal
from varco.gate.core import Core
from varco.gate.http import Request, Response
from varco.gate.oauth import issue
from varco.gate.oauth.records import grant_record, subject
from varco.gate.store import statements as sql
from varco.protocol.client import REFRESH_TOKEN, Client
from varco.protocol.token import CodeAsk, redeem_code


async def exchange(core: Core, request: Request, ask: CodeAsk, client: Client) -> Response | None:
    """The tokens of a code; None when what the decision stood on changed meanwhile, so that it must be made again.

    Everything is made and signed before the code is claimed by one conditional UPDATE: whatever fails earlier leaves the
    code unused, and of many exchanges in parallel one wins. Raises `Refusal`.
    """
    now_ms = core.now_ms()
    now = now_ms // 1000
    row = await core.platform.one(sql.GRANT_OF_CODE, ask.code_hash)
    redeem_code(ask, client, grant_record(row) if row else None, now)
    if row is None or row["application_version"] != client.version:
        return None
    settings = core.settings
    scope = issue.allowed_scope(row["scopes"], client)
    scopes = scope.split()
    access = issue.access_token(
        core, client, grant_id=row["id"], sub=row["sub"], tenant_id=row["tenant"], scope=scope, now=now
    )
    identity = ""
    if "openid" in scopes:
        groups = issue.allowed_groups(row["claims"], client)
        identity = issue.id_token(core, client, row, groups=groups, access=access, now=now, nonce=row["nonce"])
    rid, refresh, expires_at, idle = None, "", now + settings.access_token_lifetime, 0
    if "offline_access" in scopes and REFRESH_TOKEN in client.grant_types:
        rid = secrets.token_hex(16)
        refresh = core.refresh_codec.encode(rid, 1, client.client_id)
        expires_at, idle = now + settings.refresh_absolute, now + settings.refresh_idle
    claim = (
        sql.CLAIM_CODE,
        (row["id"], now, client.application_id, client.version, rid, 1 if rid else 0, now_ms, idle, expires_at),
    )
    about = subject(row)
    issued = journal.step(Tag.GRANT_ISSUED, request, about, now_ms, scope=scope, grant=str(row["id"]))
    if await core.platform.write(claim, issued) is None:
        return None  # another exchange was first, or client or person changed: look again, and tell them apart
    return issue.answer(core, access, scope, refresh=refresh, identity=identity)
