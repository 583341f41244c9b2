"""Rotating a refresh token (RFC 6749 §6, RFC 9700 §4.14.2): one UPDATE, no table of tokens."""

from typing import NamedTuple

from varco.gate.context import GateContext
from varco.gate.http import Response
from varco.gate.oauth.grants import tokens
from varco.gate.oauth.grants.records import grant_record
from varco.gate.store.sql.grants import GRANT_OF_RID, KEEP_PROVEN, ROTATE, ROTATE_PROVEN, GrantRow, RotatedRow
from varco.protocol.client import Client
from varco.protocol.fapi import rotates_refresh_tokens
from varco.protocol.refresh_token import judge_refresh, refresh_scope, unreadable_refresh_token
from varco.protocol.token_request import RefreshTokenRequest


async def rotate(
    context: GateContext, ask: RefreshTokenRequest, decoded: tuple[str, int] | None, client: Client
) -> Response | None:
    """A new access token and the successor of a refresh token; None when the decision must be made again.

    `decoded` is what the token says, read for this client; None for one that was not issued here to it.
    The row's number decides: the UPDATE matches only the one valid token of a grant all of whose people and whose
    application are live. The immediate predecessor, presented again within the window, gets the same successor without any
    change, so a lost answer strands nobody. Raises `OAuthError`, whose effects end the grant on reuse.
    """
    if decoded is None:
        raise unreadable_refresh_token()
    case = _Case(context, ask, client, *decoded)
    if ask.scope:
        return await _rotate_narrowed(case)
    row: RotatedRow | GrantRow | None = await _turn(case)
    if row is None:
        row = await _judged(case)
        if row is None:
            return None
    return _answer(case, row, tokens.allowed_scope(row.scopes, client))


class _Case(NamedTuple):
    """One refresh token, presented."""

    context: GateContext
    ask: RefreshTokenRequest
    client: Client
    rid: str
    n: int

    @property
    def any_key(self) -> bool:
        """Whether the proof may be of another key than before.

        A confidential client's refresh token is bound to its authentication, so that it may change its DPoP key; a public
        client's only to the key (RFC 9449 §5). A bound one needs some proof in any case.
        """
        return self.client.confidential and bool(self.ask.dpop_jkt)


async def _turn(case: _Case) -> RotatedRow | None:
    context, client, jkt = case.context, case.client, case.ask.dpop_jkt
    now_ms = context.now_ms()
    now = now_ms // 1000
    values = {
        "rid": case.rid,
        "n": case.n,
        "idle_expires_at": now + context.settings.refresh_idle,
        "now": now,
        "application_id": client.application_id,
        "version": client.version,
    }
    if not jkt:
        return await context.platform.write(ROTATE(now_ms=now_ms, **values))
    values |= {"dpop_jkt": jkt, "any_key": int(case.any_key)}
    if rotates_refresh_tokens(client):
        return await context.platform.write(ROTATE_PROVEN(now_ms=now_ms, **values))
    return await context.platform.write(KEEP_PROVEN(**values))


async def _judged(case: _Case) -> GrantRow | None:
    """The row of a retry; None if the rotation should be tried again. Raises `OAuthError` for everything else."""
    row, verdict = await _judge(case)
    return None if verdict == "rotate" else row


async def _judge(case: _Case) -> tuple[GrantRow | None, str]:
    """The grant as it stands, unless the client was read at another time, and what to do. Raises `OAuthError`."""
    context, client = case.context, case.client
    row = await context.platform.one(GRANT_OF_RID(rid=case.rid))
    record = grant_record(row) if row else None
    key = None if case.any_key else case.ask.dpop_jkt
    window = context.settings.refresh_retry_window
    verdict = judge_refresh(client, record, case.n, context.now_ms(), window, dpop_jkt=key)
    if row is None or row.application_version != client.version:
        return None, verdict
    return row, verdict


async def _rotate_narrowed(case: _Case) -> Response | None:
    """With `scope`, what is asked is checked before anything changes; with `openid` in it there is a new ID token."""
    row, _ = await _judge(case)
    if row is None:
        return None
    scope = refresh_scope(case.ask, tokens.allowed_scope(row.scopes, case.client))
    turned = await _turn(case) or await _judged(case)
    # Narrowed by the person in between: decided again on what is left, with the same successor (S21).
    if turned is None or turned.scopes != row.scopes:
        return None
    return _answer(case, turned, scope, identity=row if "openid" in scope.split() else None)


def _answer(case: _Case, row: RotatedRow | GrantRow, scope: str, *, identity: GrantRow | None = None) -> Response:
    context, client, jkt = case.context, case.client, case.ask.dpop_jkt
    now = context.now_ms() // 1000
    access = tokens.access_token(
        context, client, grant_id=row.id, sub=row.sub, tenant_id=row.tenant, scope=scope, now=now, dpop_jkt=jkt
    )
    refresh = context.refresh_codec.encode(case.rid, row.n, client.client_id)
    signed = ""
    if identity is not None:
        groups = tokens.allowed_groups(identity.claims, client)
        # Without nonce, and with the time of the original sign-in (OpenID Connect Core §12.2).
        signed = tokens.id_token(context, client, identity, groups=groups, access=access, now=now)
    return tokens.token_answer(context, access, scope, refresh=refresh, identity=signed, dpop_jkt=jkt)
