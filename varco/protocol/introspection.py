"""Token introspection (RFC 7662): who may ask, and what is told of a token that is good now."""

from typing import Any

from varco.protocol.access_token import AccessClaims
from varco.protocol.claims import TenantFacts
from varco.protocol.client import Client
from varco.protocol.errors import invalid_client
from varco.protocol.grant import GrantRecord

INACTIVE = {"active": False}
"""All that is told of a token that is dead, foreign, malformed or unknown: nobody can tell which (§2.2)."""


def check_entitled(client: Client) -> None:
    """Whether a client may ask at all: anybody could say a public `client_id`, and scan for tokens (RFC 7662 §2.1, §4).

    Raises `OAuthError` (invalid_client, 401).
    """
    if not client.confidential:
        raise invalid_client(
            "Introspection is for clients that authenticate. This is a public client; it learns the same by using the token.",
            rule="RFC 7662 §2.1 authorization of the caller",
            received="a public client",
            expected="a confidential client",
        )


def access_token_response(
    claims: AccessClaims, scope: str, tenant: TenantFacts, *, acr: str, auth_time: int
) -> dict[str, Any]:
    """A good access token; `scope` is what it may do now, which can be less than what it says (RFC 7662 §2.2).

    `acr` and `auth_time` are of the sign-in that it goes back to, for a resource that wants a stronger or newer one (RFC 9470 §6.2).
    """
    response: dict[str, Any] = {
        "active": True,
        "scope": scope,
        "client_id": claims.client_id,
        "token_type": "DPoP" if claims.cnf else "Bearer",
        "exp": claims.exp,
        "iat": claims.iat,
        "sub": claims.sub,
        "aud": claims.aud,
        "iss": claims.iss,
        "jti": claims.jti,
        "tenants": [{"id": tenant.id, "name": tenant.name}],
    }
    response |= ({"acr": acr} if acr else {}) | ({"auth_time": auth_time} if auth_time else {})
    # A resource server must check the proof of this key as well (RFC 9449 §6.2).
    return response | ({"cnf": claims.cnf} if claims.cnf else {})


def refresh_token_response(
    client: Client, record: GrantRecord, *, sub: str, scope: str, tenant: TenantFacts, issuer: str
) -> dict[str, Any]:
    """A good refresh token; it has no `token_type`, which would be how a resource takes it (RFC 7662 §2.2)."""
    response = {
        "active": True,
        "scope": scope,
        "client_id": client.client_id,
        "exp": min(record.idle_expires_at, record.expires_at),
        "sub": sub,
        "iss": issuer,
        "tenants": [{"id": tenant.id, "name": tenant.name}],
    }
    return response | ({"cnf": {"jkt": record.dpop_jkt}} if record.dpop_jkt else {})
