"""Headers that make a write safe to send: `If-Match` against lost updates, `Idempotency-Key` against lost answers (S54)."""

import re

from varco.gate.http import Request
from varco.protocol.errors import OAuthError, invalid_request

KEY_LIMIT = 255
"""Characters of an `Idempotency-Key`."""

# Proxies that compress weaken a strong ETag; the version in it is as true then.
_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,17})"')
_KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_LIMIT}}}")


def etag(version: int) -> tuple[bytes, bytes]:
    """The header that names the version of an object (RFC 9110 §8.8.3)."""
    return b"etag", b'"%d"' % version


def if_match(request: Request) -> int:
    """Return the version in `If-Match` (RFC 9110 §13.1.1).

    Raises `OAuthError`: 428 without the header, or with `*`, which any version fits; 400 for what is no ETag of this API.
    """
    values = request.header_values(b"if-match")
    if not values or values == ["*"]:
        raise OAuthError(
            "precondition_required",
            "Send If-Match with the ETag that the object was read with, so that nobody's change is lost.",
            status=428,
            rule="RFC 6585 §3 If-Match",
            received=", ".join(values) or "no If-Match",
            expected="the ETag of the version that the change is based on",
        )
    found = _ETAG.fullmatch(values[0].strip())
    if len(values) > 1 or found is None:
        raise invalid_request(
            "If-Match must hold one ETag, as the answer with the object had it.",
            rule="RFC 9110 §13.1.1 If-Match",
            received=", ".join(values),
            expected='one ETag, such as "3"',
        )
    return int(found[1])


def idempotency_key(request: Request) -> str:
    """Return the `Idempotency-Key`, empty without one (draft-ietf-httpapi-idempotency-key-header).

    Raises `OAuthError` (400) for more than one, or one that is not 1 to 255 visible ASCII characters.
    """
    values = request.header_values(b"idempotency-key")
    if not values:
        return ""
    if len(values) > 1 or not _KEY.fullmatch(values[0]):
        raise invalid_request(
            f"Idempotency-Key must be one value of 1 to {KEY_LIMIT} visible ASCII characters, such as a UUID.",
            rule="S54 Idempotency-Key",
            received=f"{len(values)} values, the first of {len(values[0])} characters",
            expected="one value, such as a UUID",
        )
    return values[0]


def changed_meanwhile(version: int | None) -> OAuthError:
    """The error for a change that is based on an older version (S29); `version` is today's, where it is known."""
    return OAuthError(
        "version_conflict",
        "This was changed meanwhile. Read it again, and base the change on what it is now.",
        status=409,
        rule="S54 version",
        received="the ETag of an older version",
        expected=f"version {version}" if version else "the version of now",
        headers=(etag(version),) if version else (),
        extra={"version": version} if version else {},
    )


def merged_into(survivor: int) -> OAuthError:
    """The error for an object that was merged into another one, which has taken its place (S48)."""
    return OAuthError(
        "merged",
        f"This was merged into {survivor}. Go on with that one.",
        status=404,
        rule="S48 merged",
        received="an id that was merged into another one",
        expected=f"{survivor}",
        extra={"mergedInto": survivor},
    )


def wrong_state(state: str, expected: str) -> OAuthError:
    """The error for what cannot be done with an object as it is now."""
    return OAuthError(
        "wrong_state",
        f"This is {state}: what was asked for needs it to be {expected}.",
        status=409,
        rule="S48 states of a patient",
        received=state,
        expected=expected,
    )
