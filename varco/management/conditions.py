"""Headers that make a change safe to send: `ETag` and `If-Match` against lost updates, `Idempotency-Key` against lost answers."""

import re

from django.http import HttpRequest

from varco.management.errors import ManagementError

# Proxies that compress weaken a strong ETag; the stamp in it is as true then.
_ETAG = re.compile(r'(?:W/)?"([0-9a-f]{32})"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def etag(stamp: str) -> dict[str, str]:
    """The header that names how an application, or its list of centres, stands (RFC 9110 §8.8.3)."""
    return {"ETag": f'"{stamp}"'}


def if_match(request: HttpRequest) -> str:
    """The stamp in `If-Match` (RFC 9110 §13.1.1).

    Raises `ManagementError`: 428 without the header, or with `*`, which anything fits; 400 for what is no ETag of this API.
    """
    value = request.headers.get("If-Match", "").strip()
    if value in {"", "*"}:
        raise ManagementError(
            "precondition_required",
            "Send If-Match with the ETag of what is changed as it was read, so that nobody's change is lost.",
            428,
        )
    found = _ETAG.fullmatch(value)
    if found is None:
        raise ManagementError("invalid_request", "If-Match must hold one ETag, as what is changed was read with.", 400)
    return found[1]


def idempotency_key(request: HttpRequest) -> str:
    """The `Idempotency-Key`, empty without one. Raises `ManagementError` (400) for one that is no 1 to 255 visible ASCII characters."""
    value = request.headers.get("Idempotency-Key")
    if value is None:
        return ""
    if not _KEY.fullmatch(value):
        raise ManagementError(
            "invalid_request",
            "Idempotency-Key must be one value of 1 to 255 visible ASCII characters, such as a UUID.",
            400,
        )
    return value
