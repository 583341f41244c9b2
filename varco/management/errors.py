"""Errors of the management API (S29)."""

from typing import Any

import msgspec
from django.http import HttpResponse

from varco.registry.fault_codes import ConflictFault


class ManagementError(Exception):
    """A refused request: `error` code, `message` for the program's developer, HTTP `status`, and further `members`."""

    def __init__(self, error: str, message: str, status: int, **members: Any) -> None:
        super().__init__(message)
        self.error = error
        self.message = message
        self.status = status
        self.members = members


def not_found() -> ManagementError:
    """The refusal of an address where nothing is, or nothing of this person's; the two look the same on purpose."""
    return ManagementError("not_found", "There is nothing at this address, or not for this person.", 404)


def no_caller() -> ManagementError:
    """The refusal of a request that did not come through the gate: nobody has verified a token."""
    return ManagementError(
        "not_found",
        "The management API is not served here: it answers behind the gate only. Ask where gate and portal run together.",
        404,
    )


def conflict(code: str, message: str) -> ManagementError:
    """The refusal of an act that is not possible as things stand: 412 where they have changed since they were read, else 409."""
    if code in {ConflictFault.STALE, ConflictFault.TENANTS_STALE}:
        return ManagementError("precondition_failed", message, 412)
    return ManagementError("not_possible", message, 409, reason=str(code))


def malformed() -> ManagementError:
    """The refusal of a request that Django takes no part of: too many parameters, a broken form."""
    return ManagementError("invalid_request", "The request is malformed.", 400)


def unavailable() -> ManagementError:
    """The refusal while a database is away or locked."""
    return ManagementError(
        "temporarily_unavailable", "The service cannot answer at the moment. Try again shortly.", 503
    )


def internal_error() -> ManagementError:
    """What a fault of the server looks like from outside."""
    return ManagementError(
        "server_error",
        "Something went wrong on our side. The request id helps support to find out what.",
        500,
        fixableBy="administrator",
    )


def json_response(content: Any, status: int = 200) -> HttpResponse:
    """A JSON answer that nobody stores."""
    response = HttpResponse(msgspec.json.encode(content), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def error_response(error: ManagementError, request_id: str = "") -> HttpResponse:
    """The JSON of an error, with the id of its request where one is known."""
    content = {"error": error.error, "message": error.message, "requestId": request_id, **error.members}
    response = json_response(content, error.status)
    if error.status == 503:
        response["Retry-After"] = "1"
    if error.status == 405:
        response["Allow"] = error.members["allowed"]
    return response
