"""Judging a refresh token whose rotation changed no row (RFC 6749 §6, RFC 9700 §4.14.2)."""

from typing import Literal

from varco.protocol.client import Client
from varco.protocol.errors import EndGrant, EndReason, Fixer, OAuthError, invalid_grant, invalid_scope
from varco.protocol.grant import GrantRecord, check_people
from varco.protocol.token_request import RefreshTokenRequest


def unreadable_refresh_token() -> OAuthError:
    """The refusal of a refresh token that this server did not issue to this client."""
    return invalid_grant(
        "The refresh token is not valid for this application.",
        rule="RFC 6749 §6 refresh token",
        received="a refresh token whose code does not verify for this client",
        expected="a refresh token issued here to this client",
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
            rule="RFC 6749 §6 refresh token",
            received="a refresh token of no grant",
            expected="a live grant",
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
        rule="RFC 9700 §4.14.2 refresh token reuse",
        fixer=Fixer.DEVELOPER,
        received=f"number {n}, presented {(now_ms - record.rotated_at) // 1000} s after the last rotation",
        expected=f"number {record.n}, or {record.n - 1} within {window} s",
        effects=(EndGrant(record.id, EndReason.REFRESH_REUSED),),
    )


def check_bound_key(record: GrantRecord, dpop_jkt: str) -> None:
    """RFC 9449 §5: a bound refresh token needs a proof of its key. Raises `OAuthError` (invalid_grant)."""
    if record.dpop_jkt and dpop_jkt != record.dpop_jkt:
        raise invalid_grant(
            "The refresh token is bound to a DPoP key: send a DPoP proof made with that key.",
            rule="RFC 9449 §5 bound refresh token",
            received=dpop_jkt or "no DPoP proof",
            expected=record.dpop_jkt,
        )


def _grant_is_live(record: GrantRecord, now: int) -> None:
    if record.state != "active":
        raise invalid_grant(
            "The access behind this refresh token has ended. The person has to sign in again.",
            rule="RFC 6749 §6 grant ended",
            fixer=Fixer.PERSON,
            received=f"grant {record.state}: {record.end_reason}".rstrip(": "),
            expected="an active grant",
        )
    if record.expires_at <= now:
        raise invalid_grant(
            "The access behind this refresh token has reached its longest time. The person has to sign in again.",
            rule="RFC 9700 §4.14.2 absolute lifetime",
            fixer=Fixer.PERSON,
            received=f"expired {now - record.expires_at} s ago",
            expected="a grant that has not expired",
        )
    if record.idle_expires_at <= now:
        raise invalid_grant(
            "The refresh token was not used for too long. The person has to sign in again.",
            rule="RFC 9700 §4.14.2 idle lifetime",
            fixer=Fixer.PERSON,
            received=f"expired {now - record.idle_expires_at} s ago",
            expected="a refresh token used regularly",
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
        raise invalid_scope(
            "Nothing of the scope asked for is granted. Leave scope out to get everything that was granted.",
            rule="RFC 6749 §6 scope",
            received=" ".join(sorted(asked)),
            expected=granted,
        )
    return " ".join(name for name in held if name in asked)
