"""The refresh token grant (RFC 6749 §6, RFC 9700 §4.14.2): a rotation is one UPDATE, and there is no table of tokens.

The row's number decides: the UPDATE matches only the one valid token of a grant all of whose people and whose application
are live. When it changed nothing, the grant is read to find out why.
"""

import logging
from typing import NamedTuple

from varco.audit.tags import Tag
from varco.gate import audit
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.gate.oauth.grants import token_issuing
from varco.gate.records import grant_record, subject
from varco.gate.store.sql.grants import (
    FORWARD,
    FORWARD_PROVEN,
    GRANT_OF_RID,
    KEEP_PROVEN,
    ROTATE,
    ROTATE_PROVEN,
    GrantRow,
    RotatedRow,
)
from varco.protocol import refresh_token, refusal_log
from varco.protocol.client import Client
from varco.protocol.fapi import rotates_refresh_tokens
from varco.protocol.refresh_token import Position
from varco.protocol.scope import OPENID, Scopes
from varco.protocol.token_request import RefreshTokenRequest

logger = logging.getLogger("varco.gate")

TOLD_EVERY_MS = 60_000
"""Milliseconds between two warnings that the database was rolled back."""


class RotationAttempt(NamedTuple):
    """A refresh token that was issued here to its client: number `n` of the grant `rid`."""

    context: GateContext
    client: Client
    rid: str
    n: int
    dpop_jkt: str

    @property
    def any_key(self) -> bool:
        """Whether the proof may be of another key than before.

        A confidential client's refresh token is bound to its authentication, so that it may change its DPoP key; a public
        client's only to the key (RFC 9449 §5). A bound one needs some proof in any case.
        """
        return self.client.confidential and bool(self.dpop_jkt)


class Narrowing(NamedTuple):
    """The scope that a request was narrowed to, and the grant as it was read for that."""

    grant: GrantRow
    scope: Scopes


class Retry(NamedTuple):
    """The immediate predecessor was presented again in time: the same successor is the answer, and nothing changes."""

    grant: GrantRow


class Ahead(NamedTuple):
    """The token is newer than the grant's row: the database was rolled back, and the row has to catch up."""

    grant: GrantRow


class TryAgain(NamedTuple):
    """Nothing stands against the rotation (any more), or the client changed: the whole decision is made again."""


async def refresh(context: GateContext, http: Request, request: RefreshTokenRequest, client: Client) -> Response | None:
    """A new access token and the successor of a refresh token; None when the decision must be made again.

    A retry gets the same successor, so a lost answer strands nobody. With `scope`, what is asked for is checked before
    anything changes; with `openid` in it there is a new ID token. Raises `OAuthError`, whose effects end the grant on reuse.
    """
    if request.issued is None:
        raise refresh_token.not_issued()
    attempt = RotationAttempt(context, client, *request.issued, request.dpop_jkt)
    narrowing = None
    if request.scope:
        narrowing = await narrow(attempt, request)
        if narrowing is None:
            return None
    grant: RotatedRow | GrantRow | None = await attempt_rotation(attempt)
    if grant is None:
        outcome = await explain_failed_rotation(attempt)
        if isinstance(outcome, TryAgain):
            return None
        grant = await catch_up(attempt, http, outcome.grant) if isinstance(outcome, Ahead) else outcome.grant
        if grant is None:
            return None
    if narrowing is None:
        return _tokens(attempt, grant, token_issuing.allowed_scope(grant.scopes, client))
    if grant.scopes != narrowing.grant.scopes:
        return None  # the person took something back in between: decided again on what is left, with the same successor (S21)
    return _tokens(attempt, grant, narrowing.scope, identity=narrowing.grant if OPENID in narrowing.scope else None)


async def narrow(attempt: RotationAttempt, request: RefreshTokenRequest) -> Narrowing | None:
    """The scope that a request with `scope` is answered with; None when the decision must be made again. Raises `OAuthError`."""
    examined = await _examine(attempt)
    if examined is None:
        return None
    grant, _ = examined
    granted = token_issuing.allowed_scope(grant.scopes, attempt.client)
    return Narrowing(grant, refresh_token.narrowed_scope(request, granted))


async def attempt_rotation(attempt: RotationAttempt) -> RotatedRow | None:
    """The grant after its rotation; None if the one UPDATE matched nothing."""
    context, client, jkt = attempt.context, attempt.client, attempt.dpop_jkt
    now_ms = context.now_ms()
    now = now_ms // 1000
    values = {
        "rid": attempt.rid,
        "n": attempt.n,
        "idle_expires_at": now + context.settings.refresh_idle,
        "now": now,
        "application_id": client.application_id,
        "version": client.version,
    }
    if not jkt:
        return await context.platform.write(ROTATE(now_ms=now_ms, **values))
    values |= {"dpop_jkt": jkt, "any_key": int(attempt.any_key)}
    if rotates_refresh_tokens(client):
        return await context.platform.write(ROTATE_PROVEN(now_ms=now_ms, **values))
    return await context.platform.write(KEEP_PROVEN(**values))


async def catch_up(attempt: RotationAttempt, http: Request, known: GrantRow) -> RotatedRow | None:
    """Move the grant's row on to a number above the token's, with the record of it; None if another was faster."""
    context, client, jkt = attempt.context, attempt.client, attempt.dpop_jkt
    now_ms = context.now_ms()
    values = {
        "rid": attempt.rid,
        "n": attempt.n,
        "next_n": attempt.n + 1 if rotates_refresh_tokens(client) else attempt.n,
        "now_ms": now_ms,
        "idle_expires_at": now_ms // 1000 + context.settings.refresh_idle,
        "now": now_ms // 1000,
        "application_id": client.application_id,
        "version": client.version,
    }
    proven = {"dpop_jkt": jkt, "any_key": int(attempt.any_key)}
    statement = FORWARD_PROVEN(**values, **proven) if jkt else FORWARD(**values)
    event = audit.step(
        Tag.REFRESH_ROLLED_BACK, http, subject(known), now_ms, grant=str(known.id), presented=attempt.n, known=known.n
    )
    row = await context.platform.write(statement, event)
    if row is not None:
        if now_ms >= context.roll_back_told_ms + TOLD_EVERY_MS:  # a restored backup meets every client
            context.roll_back_told_ms = now_ms
            logger.warning(
                "a refresh token newer than the database was accepted: it was restored to an earlier state; see: varco doctor",
                extra={"request_id": http.id},
            )
        context.refusal_log.add_notice(http, http.path, refusal_log.rolled_back(attempt.n, known.n), now_ms)
    return row


async def explain_failed_rotation(attempt: RotationAttempt) -> Retry | Ahead | TryAgain:
    """What to do after a rotation that changed nothing. Raises `OAuthError` for reuse, and for what is not valid (any more)."""
    examined = await _examine(attempt)
    if examined is None:
        return TryAgain()
    grant, position = examined
    if position is Position.AHEAD:
        return Ahead(grant)
    return Retry(grant) if position is Position.PREDECESSOR else TryAgain()


async def _examine(attempt: RotationAttempt) -> tuple[GrantRow, Position] | None:
    """The grant as it stands and the token's position in it; None if the client was read at another time. Raises `OAuthError`."""
    context, client = attempt.context, attempt.client
    grant = await context.platform.one(GRANT_OF_RID(rid=attempt.rid))
    if grant is None:
        raise refresh_token.unknown()
    position = refresh_token.position(
        client,
        grant_record(grant),
        attempt.n,
        context.now_ms(),
        context.settings.refresh_retry_window,
        dpop_jkt=None if attempt.any_key else attempt.dpop_jkt,
    )
    return (grant, position) if grant.application_version == client.version else None


def _tokens(
    attempt: RotationAttempt, grant: RotatedRow | GrantRow, scope: Scopes, *, identity: GrantRow | None = None
) -> Response:
    context, client, jkt = attempt.context, attempt.client, attempt.dpop_jkt
    now = context.now_ms() // 1000
    access = token_issuing.access_token(context, client, grant, scope=scope, now=now, dpop_jkt=jkt)
    successor = context.refresh_tokens.encode(attempt.rid, grant.n, client.client_id)
    id_token = ""
    if identity is not None:
        groups = token_issuing.allowed_groups(identity.claims, client)
        # Without nonce, and with the time of the original sign-in (OpenID Connect Core §12.2).
        id_token = token_issuing.id_token(context, client, identity, groups=groups, access=access, now=now)
    return token_issuing.success(context, access, scope, refresh=successor, id_token=id_token, dpop_jkt=jkt)
