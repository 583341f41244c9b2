"""The JSON body of a request: read into its struct, or refused with every field that is wrong (S37)."""

from collections.abc import Iterable

import msgspec

from varco.gate.http import Request
from varco.json_fields import MEDIA_TYPES, NOT_JSON, Body, FieldFault, FieldsError, decoded
from varco.protocol.errors import OAuthError, invalid_request


async def read_body(request: Request, kind: type[Body], limit: int) -> Body:
    """Read the body, at most `limit` bytes.

    Raises `OAuthError`: 415 for another media type, 400 for what is no JSON, 422 with the faults, and as `Request.body` does.
    """
    media = (request.header(b"content-type") or "").partition(";")[0].strip().lower()
    if media not in MEDIA_TYPES:
        raise OAuthError(
            "unsupported_media_type",
            "Send the body as JSON, with the header Content-Type: application/json.",
            status=415,
            rule="RFC 9110 §15.5.16 media type",
            received=media[:60] or "no Content-Type",
            expected="application/json",
        )
    text = await request.body(limit)
    try:
        return decoded(text, kind)
    except FieldsError as wrong:
        raise invalid_fields(wrong.faults) from None
    except NOT_JSON:
        raise invalid_request(
            "The request body is not JSON.",
            rule="S29 well-formed body",
            received=f"{len(text)} bytes that are not JSON",
            expected="JSON",
        ) from None


def invalid_fields(faults: Iterable[FieldFault]) -> OAuthError:
    """The error for a body whose fields are not valid (S29); what they held is not repeated."""
    faults = list(faults)
    names = ", ".join(sorted({fault.field for fault in faults if fault.field}))
    return OAuthError(
        "invalid_fields",
        f"These fields are not valid: {names}." if names else "The body is not valid.",
        status=422,
        rule="S29 valid fields",
        received=", ".join(f"{fault.field}: {fault.code}" for fault in faults),
        expected="see the API's description",
        extra={"fields": [msgspec.to_builtins(fault) for fault in faults]},
    )
