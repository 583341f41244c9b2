"""The events, and the security event tokens that carry them (RFC 8417; SSF 1.0 §4; CAEP 1.0; RISC 1.0)."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

SET_TYP = "secevent+jwt"
"""The type of a security event token (RFC 8417 §2.3)."""

_CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
_RISC = "https://schemas.openid.net/secevent/risc/event-type/"
_SSF = "https://schemas.openid.net/secevent/ssf/event-type/"


class Kind(StrEnum):
    """What happened, as rows keep it."""

    SESSION_REVOKED = "session-revoked"
    TOKEN_CLAIMS_CHANGE = "token-claims-change"  # noqa: S105 - the name of an event
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    VERIFICATION = "verification"
    STREAM_UPDATED = "stream-updated"


URIS: Mapping[Kind, str] = {
    Kind.SESSION_REVOKED: f"{_CAEP}{Kind.SESSION_REVOKED}",
    Kind.TOKEN_CLAIMS_CHANGE: f"{_CAEP}{Kind.TOKEN_CLAIMS_CHANGE}",
    Kind.ACCOUNT_DISABLED: f"{_RISC}{Kind.ACCOUNT_DISABLED}",
    Kind.ACCOUNT_ENABLED: f"{_RISC}{Kind.ACCOUNT_ENABLED}",
    Kind.VERIFICATION: f"{_SSF}{Kind.VERIFICATION}",
    Kind.STREAM_UPDATED: f"{_SSF}{Kind.STREAM_UPDATED}",
}
"""The address by which each is known."""

ABOUT_PEOPLE = (Kind.SESSION_REVOKED, Kind.TOKEN_CLAIMS_CHANGE, Kind.ACCOUNT_DISABLED, Kind.ACCOUNT_ENABLED)
"""The kinds that a receiver asks for; the other two are about its stream and always come (SSF §8.1.4, §8.1.5)."""

SUPPORTED = tuple(URIS[kind] for kind in ABOUT_PEOPLE)
"""The addresses of those, as `events_supported` has them."""


EVERYTHING = ("*",)
"""What rows keep of a receiver that asked for no events in particular: it gets all there are."""


def delivered(requested: Collection[str]) -> tuple[Kind, ...]:
    """The kinds among what was asked for that there are; the others are no error (SSF §8.1.1)."""
    if tuple(requested) == EVERYTHING:
        return ABOUT_PEOPLE
    return tuple(kind for kind in ABOUT_PEOPLE if URIS[kind] in requested)


def addresses(kinds: Iterable[str]) -> list[str]:
    """The addresses of kinds as rows keep them."""
    return [URIS[Kind(kind)] for kind in kinds]


def claims_of_scope(scope: str) -> dict[str, Any]:
    """What a change of what an application may do says: the scopes that remain, none if it is all over (CAEP §3.2)."""
    return {"claims": {"scope": scope}}


def set_claims(
    *,
    issuer: str,
    client_id: str,
    stream_id: str,
    kind: str,
    jti: str,
    txn: str,
    at: int,
    sub: str = "",
    sid: str = "",
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The claims of a security event token. There is no `exp`, and no `sub`, so that none passes for an ID token (SSF §4.1).

    All of it is of the moment `at` when it happened (epoch seconds): a token that is fetched or sent twice says the same twice.
    """
    known = Kind(kind)
    event = dict(detail or {})
    if known in {Kind.SESSION_REVOKED, Kind.TOKEN_CLAIMS_CHANGE}:
        event["event_timestamp"] = at
    return {
        "iss": issuer,
        "aud": client_id,
        "iat": at,
        "jti": jti,
        "txn": txn,
        "sub_id": _subject(issuer, stream_id, sub, sid),
        "events": {URIS[known]: event},
    }


def _subject(issuer: str, stream_id: str, sub: str, sid: str) -> dict[str, Any]:
    """Whom it is about: the stream itself, a person as ID tokens name them, or one session of theirs (RFC 9493, SSF §3)."""
    if not sub:
        return {"format": "opaque", "id": stream_id}
    person = {"format": "iss_sub", "iss": issuer, "sub": sub}
    if not sid:
        return person
    return {"format": "complex", "user": person, "session": {"format": "opaque", "id": sid}}
