"""The successful answer of the token endpoint (RFC 6749 §5.1)."""

from typing import Any


def token_response(
    *,
    access_token: str,
    expires_in: int,
    scope: str,
    refresh_token: str = "",
    id_token: str = "",
    token_type: str = "Bearer",  # noqa: S107 - the name of a type
) -> dict[str, Any]:
    """The successful answer of the token endpoint (RFC 6749 §5.1); `scope` is always told (S18)."""
    answer: dict[str, Any] = {
        "access_token": access_token,
        "token_type": token_type,
        "expires_in": expires_in,
        "scope": scope,
    }
    if refresh_token:
        answer["refresh_token"] = refresh_token
    if id_token:
        answer["id_token"] = id_token
    return answer
