"""Refresh tokens (RFC 6749 §6, RFC 9700 §4.14.2): their text, and why one rotates, is answered again, or ends its grant.

The text is `vrt.<kid>.<rid>.<n>.<mac>`, so that garbage dies before a grant is looked for: `rid` (128 bits, hexadecimal)
names the grant, `n` is the token's number in it, `mac` is HMAC-SHA256 over both and the `client_id` it was issued to
(RFC 6749 §10.4: bound to its client).
"""

import hmac
import re
from collections.abc import Sequence
from enum import Enum, auto

from varco.protocol import scope
from varco.protocol.client import Client
from varco.protocol.credentials import REFRESH_TOKEN, key_id
from varco.protocol.errors import EndGrant, EndReason, Fixer, OAuthError, invalid_grant, invalid_scope
from varco.protocol.grant import GrantRecord, GrantState, check_eligibility
from varco.protocol.jose import base64url
from varco.protocol.scope import Scopes
from varco.protocol.token_request import RefreshTokenRequest

_TOKEN = re.compile(
    re.escape(REFRESH_TOKEN) + r"([0-9a-f]{8})\.([0-9a-f]{32})\.([1-9][0-9]{0,17})\.([A-Za-z0-9_-]{43})"
)


class RefreshTokenCodec:
    """Writes and reads refresh tokens under derived keys: the first signs, all verify."""

    __slots__ = ("_kid", "_macs")

    def __init__(self, keys: Sequence[bytes]) -> None:
        # Begun under each key once and copied for each token: a third of what beginning anew would cost is saved.
        self._macs = {key_id(key): hmac.new(key, digestmod="sha256") for key in keys}
        self._kid = key_id(keys[0])

    def encode(self, rid: str, n: int, client_id: str) -> str:
        """The refresh token number `n` of the grant `rid`, for this client."""
        return self._text(self._kid, rid, str(n), client_id)

    def decode(self, token: str, client_id: str) -> tuple[str, int] | None:
        """(rid, n) of a token issued here to this client, None for anything else. Whether it is still valid only the row knows."""
        found = _TOKEN.fullmatch(token)
        if found is None or found[1] not in self._macs:
            return None
        kid, rid, n, _ = found.groups()
        # The texts are compared, so that one token has one spelling.
        return (rid, int(n)) if hmac.compare_digest(self._text(kid, rid, n, client_id), token) else None

    def _text(self, kid: str, rid: str, n: str, client_id: str) -> str:
        mac = self._macs[kid].copy()
        mac.update(f"{rid}|{n}|{client_id}".encode())
        return f"{REFRESH_TOKEN}{kid}.{rid}.{n}.{base64url.encode(mac.digest())}"


class Position(Enum):
    """Which of its grant's refresh tokens a good one is."""

    CURRENT = auto()
    PREDECESSOR = auto()
    AHEAD = auto()
    """Newer than the row: this server signed it, and the database has lost that it did (decision 29)."""


def not_issued() -> OAuthError:
    """The error for a refresh token that this server did not issue to this client."""
    return invalid_grant(
        "The refresh token is not valid for this application.",
        rule="RFC 6749 §6 refresh token",
        received="a refresh token whose code does not verify for this client",
        expected="a refresh token issued here to this client",
    )


def unknown() -> OAuthError:
    """The error for a refresh token whose grant is not there (any more)."""
    return invalid_grant(
        "The refresh token is no longer valid.",
        rule="RFC 6749 §6 refresh token",
        received="a refresh token of no grant",
        expected="a live grant",
    )


def position(
    client: Client, record: GrantRecord, n: int, now_ms: int, window: int, *, dpop_jkt: str | None = None
) -> Position:
    """The position of refresh token number `n` in its grant, if it is good for new tokens.

    Nothing stands against the rotation of the current token. The immediate predecessor, presented again within `window`
    seconds, is a retry: it gets the same successor (number `record.n`) with a new access token, and nothing changes. A number
    above the row's can only be ours from before the database was rolled back, which is no reuse: the row moves on to it.
    Of an older one raises `OAuthError` (invalid_grant), with `EndGrant` on reuse (RFC 9700 §4.14.2). `dpop_jkt` is the
    thumbprint of the proven DPoP key, empty without proof; None where it may be any.
    """
    if record.application_id != client.application_id:
        raise not_issued()
    now = now_ms // 1000
    _grant_is_live(record, now)
    check_eligibility(record, now)
    if dpop_jkt is not None:
        check_bound_key(record, dpop_jkt)
    if n == record.n:
        return Position.CURRENT
    if n == record.n - 1 and now_ms - record.rotated_at <= window * 1000:
        return Position.PREDECESSOR
    if n > record.n:
        return Position.AHEAD
    raise invalid_grant(
        "The refresh token was used before. To be safe all access given with it has been ended; the person has to sign in "
        "again. Keep the newest refresh token of every answer.",
        rule="RFC 9700 §4.14.2 refresh token reuse",
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
    if record.state != GrantState.ACTIVE:
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


def narrowed_scope(request: RefreshTokenRequest, granted: Scopes) -> Scopes:
    """The scope of the new access token: what is asked for within what is granted now (RFC 6749 §6).

    Whatever else is asked for is left out, never given, and the answer's `scope` says so (RFC 6749 §3.3): client libraries
    repeat the scope of their first request, of which the person may have refused a part. The grant itself keeps its full
    scope. Raises `OAuthError` (invalid_scope) when nothing of what is asked for is granted.
    """
    if not request.scope:
        return granted
    requested = scope.parse(request.scope)
    narrowed = granted.within(requested)
    if not narrowed:
        raise invalid_scope(
            "Nothing of the scope asked for is granted. Leave scope out to get everything that was granted.",
            rule="RFC 6749 §6 scope",
            received=" ".join(sorted(requested)),
            expected=str(granted),
        )
    return narrowed
