"""Dynamic client registration (RFC 7591), which there is none of: a person reads every registration (S11)."""

from varco.gate.http import Request, Response
from varco.protocol.errors import OAuthError


async def refuse_registration(_request: Request) -> Response:
    """Say so to whoever tries the usual address; the metadata announces no such endpoint. Raises `OAuthError`, always."""
    raise OAuthError(
        "registration_not_supported",
        "Applications cannot register themselves here: a person of the vendor reads each registration. Register it on the "
        "developer pages.",
        status=403,
        why="dynamic-registration",
        rule="S11 registrations are reviewed",
        received="a registration request (RFC 7591 §3.1)",
        expected="a registration on the developer pages",
    )
