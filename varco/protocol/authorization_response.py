"""The authorization response (RFC 6749 §4.1.2, §4.1.2.1), and where it sends the browser."""

from varco.protocol import redirect_uri as redirect
from varco.protocol.errors import OAuthError


def success_parameters(*, code: str, state: str, issuer: str) -> dict[str, str]:
    """The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2)."""
    return {"code": code} | ({"state": state} if state else {}) | {"iss": issuer}


def error_parameters(refusal: OAuthError, *, state: str, issuer: str, request_id: str = "") -> dict[str, str]:
    """The parameters of an authorization error response (RFC 6749 §4.1.2.1, RFC 9207 §2)."""
    return refusal.public(issuer, request_id) | ({"state": state} if state else {}) | {"iss": issuer}


def success_url(redirect_uri: str, *, code: str, state: str, issuer: str) -> str:
    """Where to send the browser with a code."""
    return redirect.extended(redirect_uri, success_parameters(code=code, state=state, issuer=issuer))


def error_url(redirect_uri: str, refusal: OAuthError, *, state: str, issuer: str, request_id: str = "") -> str:
    """Where to send the browser with an error."""
    parameters = error_parameters(refusal, state=state, issuer=issuer, request_id=request_id)
    return redirect.extended(redirect_uri, parameters)
