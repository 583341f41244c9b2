"""The JSON body of a request: read into its struct, or refused with every field that is wrong."""

from functools import lru_cache
from typing import TypeVar

import msgspec
from django.http import HttpRequest
from msgspec import inspect

from varco.json_fields import MEDIA_TYPES, FieldFault, faults
from varco.management.errors import ManagementError

Body = TypeVar("Body", bound=msgspec.Struct)


@lru_cache
def _decoder(kind: type[Body]) -> msgspec.json.Decoder[Body]:
    return msgspec.json.Decoder(kind)


def read_body(request: HttpRequest, kind: type[Body]) -> Body:
    """Read the body. Raises `ManagementError`: 415 for another media type, 400 for what is no JSON, 422 with the faults."""
    if (request.content_type or "").lower() not in MEDIA_TYPES:
        raise ManagementError(
            "unsupported_media_type",
            "Send the body as JSON, with the header Content-Type: application/json.",
            415,
        )
    try:
        return _decoded(request.body, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ManagementError("invalid_request", "The request body is not JSON.", 400) from None


def _decoded(text: bytes, kind: type[Body]) -> Body:
    try:
        decoded: Body = _decoder(kind).decode(text)
    except msgspec.ValidationError:
        value = msgspec.json.decode(text)
    else:
        return decoded
    if found := list(faults(value, inspect.type_info(kind))):
        raise invalid_fields(found)
    return msgspec.convert(value, kind)  # of a name that came twice, the last value counts, and the first was wrong


def invalid_fields(found: list[FieldFault]) -> ManagementError:
    """The refusal of a body whose fields are not valid; what they held is not repeated."""
    names = ", ".join(sorted({fault.field for fault in found if fault.field}))
    return ManagementError(
        "invalid_fields",
        f"These fields are not valid: {names}." if names else "The request is not valid: see fields.",
        422,
        fields=[msgspec.structs.asdict(fault) for fault in found],
    )
