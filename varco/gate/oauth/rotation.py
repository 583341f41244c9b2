"""Rotating a refresh token (RFC 6749 §6, RFC 9700 §4.14.2): one UPDATE, no table of tokens."""

from varco.gate.core import Core
from varco.gate.http import Response
from varco.gate.oauth import issue
from varco.gate.oauth.records import grant_record
from varco.gate.store import Row
from varco.gate.store import statements as sql
from varco.protocol.client import Client
from varco.protocol.token import RefreshAsk, judge_refresh, refresh_scope, unreadable_refresh_token


async def rotate(core: Core, ask: RefreshAsk, client: Client) -> Response | None:
    """A new access token and the successor of a refresh token; None when the decision must be made again.

    The row's number decides: the UPDATE matches only the one valid token of a grant all of whose people and whose
    application are live. The immediate predecessor, presented again within the window, gets the same successor without any
    change, so a lost answer strands nobody. Raises `Refusal`, whose effects end the grant on reuse.
    """
    decoded = core.refresh_codec.decode(ask.refresh_token, client.client_id)
    if decoded is None:
        raise unreadable_refresh_token()
    rid, n = decoded
    if ask.scope:
        return await _rotate_narrowed(core, ask, client, rid, n)
    row = await _turn(core, client, rid, n)
    if row is None:
        row = await _judged(core, client, rid, n)
        if row is None:
            return None
    return _answer(core, client, row, rid, issue.allowed_scope(row["scopes"], client))


async def _turn(core: Core, client: Client, rid: str, n: int) -> Row | None:
    now_ms = core.now_ms()
    now = now_ms // 1000
    idle = now + core.settings.refresh_idle
    values = (rid, n, now_ms, idle, now, client.application_id, client.version)
    return await core.platform.write((sql.ROTATE, values))


async def _judged(core: Core, client: Client, rid: str, n: int) -> Row | None:
    """The row of a retry; None if the rotation should be tried again. Raises `Refusal` for everything else."""
    row = await core.platform.one(sql.GRANT_OF_RID, rid)
    record = grant_record(row) if row else None
    verdict = judge_refresh(client, record, n, core.now_ms(), core.settings.refresh_retry_window)
    if row is None or verdict == "rotate" or row["application_version"] != client.version:
        return None
    return row


async def _rotate_narrowed(core: Core, ask: RefreshAsk, client: Client, rid: str, n: int) -> Response | None:
    """With `scope`, what is asked is checked before anything changes; with `openid` in it there is a new ID token."""
    row = await core.platform.one(sql.GRANT_OF_RID, rid)
    record = grant_record(row) if row else None
    judge_refresh(client, record, n, core.now_ms(), core.settings.refresh_retry_window)
    if row is None or row["application_version"] != client.version:
        return None
    scope = refresh_scope(ask, issue.allowed_scope(row["scopes"], client))
    turned = await _turn(core, client, rid, n) or await _judged(core, client, rid, n)
    if turned is None:
        return None
    return _answer(core, client, turned, rid, scope, identity=row if "openid" in scope.split() else None)


def _answer(core: Core, client: Client, row: Row, rid: str, scope: str, *, identity: Row | None = None) -> Response:
    now = core.now_ms() // 1000
    access = issue.access_token(
        core, client, grant_id=row["id"], sub=row["sub"], tenant_id=row["tenant"], scope=scope, now=now
    )
    refresh = core.refresh_codec.encode(rid, row["n"], client.client_id)
    signed = ""
    if identity is not None:
        groups = issue.allowed_groups(identity["claims"], client)
        # Without nonce, and with the time of the original sign-in (OpenID Connect Core §12.2).
        signed = issue.id_token(core, client, identity, groups=groups, access=access, now=now)
    return issue.answer(core, access, scope, refresh=refresh, identity=signed)
