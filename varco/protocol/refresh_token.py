"""Judging a refresh token whose rotation changed no row (RFC 6749 §6, RFC 9700 §4.14.2)."""

from typing import Literal

from varco.protocol.client import Client
from varco.protocol.errors import EndGrant, Fixer, OAuthError
from varco.protocol.grant import GrantRecord, check_people, invalid_grant
from varco.protocol.token_request import RefreshTokenRequest

REFRESH_REUSED = "refresh_reused"
"""Why a grant ended one of whose older refresh tokens came back."""


def unreadable_refresh_token() -> OAuthError:
    """The refusal of a refresh token that this server did not issue to this client."""
    return invalid_grant(
        "The refresh token is not valid for this application.",
        "RFC 6749 §6 refresh token",
        "a refresh token whose code does not verify for this client",
        "a refresh token issued here to this client",
    )


def judge_refresh(
    client: Client, record: GrantRecord | None, n: int, now_ms: int, window: int, *, dpop_jkt: str | None = None
) -> Literal["retry", "rotate"]:
    """What to do when the rotation of refresh token number `n` changed no row.

    `retry`: it is the immediate predecessor, presented again within `window` seconds: answer the same successor
    (number `record.n`) with a new access token and change nothing. `rotate`: nothing stands against the rotation (any
    more): try it again. Otherwise raises `OAuthError` (invalid_grant), with `EndGrant` on reuse (RFC 9700 §4.14.2).
    `dpop_jkt` is the thumbprint of the proven DPoP key, empty without proof; None where the caller has no DPoP.
    """
    if record is None:
        raise invalid_grant(
            "The refresh token is no longer valid.",
            "RFC 6749 §6 refresh token",
            "a refresh token of no grant",
            "a live grant",
        )
    if record.application_id != client.application_id:
        raise unreadable_refresh_token()
    now = now_ms // 1000
    _grant_is_live(record, now)
    check_people(record, now)
    if dpop_jkt is not None:
        check_bound_key(record, dpop_jkt)
    if n == record.n:
        return "rotate"
    if n == record.n - 1 and now_ms - record.rotated_at <= window * 1000:
        return "retry"
    raise invalid_grant(
        "The refresh token was used before. To be safe all access given with it has been ended; the person has to sign in "
        "again. Keep the newest refresh token of every answer.",
        "RFC 9700 §4.14.2 refresh token reuse",
        f"number {n}, presented {(now_ms - record.rotated_at) // 1000} s after the last rotation",
        f"number {record.n}, or {record.n - 1} within {window} s",
        fixer=Fixer.DEVELOPER,
        effects=(EndGrant(record.id, REFRESH_REUSED),),
    )


def check_bound_key(record: GrantRecord, dpop_jkt: str) -> None:
    """RFC 9449 §5: a bound refresh token needs a proof of its key. Raises `OAuthError` (invalid_grant)."""
    if record.dpop_jkt and dpop_jkt != record.dpop_jkt:
        raise invalid_grant(
            "The refresh token is bound to a DPoP key: send a DPoP proof made with that key.",
            "RFC 9449 §5 bound refresh token",
            dpop_jkt or "no DPoP proof",
            record.dpop_jkt,
        )


def _grant_is_live(record: GrantRecord, now: int) -> None:
    if record.state != "active":
        raise invalid_grant(
            "The access behind this refresh token has ended. The person has to sign in again.",
            "RFC 6749 §6 grant ended",
            f"grant {record.state}: {record.end_reason}".rstrip(": "),
            "an active grant",
            fixer=Fixer.PERSON,
        )
    if record.expires_at <= now:
        raise invalid_grant(
            "The access behind this refresh token has reached its longest time. The person has to sign in again.",
            "RFC 9700 §4.14.2 absolute lifetime",
            f"expired {now - record.expires_at} s ago",
            "a grant that has not expired",
            fixer=Fixer.PERSON,
        )
    if record.idle_expires_at <= now:
        raise invalid_grant(
            "The refresh token was not used for too long. The person has to sign in again.",
            "RFC 9700 §4.14.2 idle lifetime",
            f"expired {now - record.idle_expires_at} s ago",
            "a refresh token used regularly",
            fixer=Fixer.PERSON,
        )


def refresh_scope(ask: RefreshTokenRequest, granted: str) -> str:
    """The scope of the new access token: what is asked for within what is granted now (RFC 6749 §6).

    Whatever else is asked for is left out, never given, and the answer's `scope` says so (RFC 6749 §3.3): client libraries
    repeat the scope of their first request, of which the person may have refused a part. The grant itself keeps its full
    scope. Raises `OAuthError` (invalid_scope) when nothing of what is asked for is granted.
    """
    if not ask.scope:
        return granted
    asked = set(ask.scope.split(" ")) - {""}
    held = granted.split()
    if asked.isdisjoint(held):
        raise OAuthError(
            "invalid_scope",
            "Nothing of the scope asked for is granted. Leave scope out to get everything that was granted.",
            rule="RFC 6749 §6 scope",
            received=" ".join(sorted(asked)),
            expected=granted,
        )
    return " ".join(name for name in held if name in asked)
