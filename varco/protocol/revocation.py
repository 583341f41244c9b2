"""Token revocation (RFC 7009): what is presented, and whose it is."""

from varco.protocol.errors import invalid_request
from varco.protocol.parameters import Parameters


def token_of(parameters: Parameters, section: str = "RFC 7009 §2.1") -> str:
    """The token a request is about. Raises `OAuthError` (invalid_request).

    `token_type_hint` is not read: a token tells its own kind, so a wrong hint cannot hide it (§2.1 allows that).
    """
    token = parameters.get("token")
    if token:
        return token
    raise invalid_request(
        "The parameter token is missing.",
        rule=f"{section} token",
        received="no token",
        expected="token",
    )
