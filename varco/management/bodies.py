"""The JSON body of a request: read into its struct, or refused with every field that is wrong."""

import msgspec
from django.http import HttpRequest

from varco.json_fields import MEDIA_TYPES, NOT_JSON, Body, FieldFault, FieldsError, decoded
from varco.management.errors import ManagementError


def read_body(request: HttpRequest, kind: type[Body]) -> Body:
    """Read the body. Raises `ManagementError`: 415 for another media type, 400 for what is no JSON, 422 with the faults."""
    if (request.content_type or "").lower() not in MEDIA_TYPES:
        raise ManagementError(
            "unsupported_media_type",
            "Send the body as JSON, with the header Content-Type: application/json.",
            415,
        )
    try:
        return decoded(request.body, kind)
    except FieldsError as wrong:
        raise invalid_fields(wrong.faults) from None
    except NOT_JSON:
        raise ManagementError("invalid_request", "The request body is not JSON.", 400) from None


def invalid_fields(found: list[FieldFault]) -> ManagementError:
    """The refusal of a body whose fields are not valid; what they held is not repeated."""
    names = ", ".join(sorted({fault.field for fault in found if fault.field}))
    return ManagementError(
        "invalid_fields",
        f"These fields are not valid: {names}." if names else "The request is not valid: see fields.",
        422,
        fields=[msgspec.to_builtins(fault) for fault in found],
    )
