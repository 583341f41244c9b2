"""What the FAPI 2.0 Security Profile asks beyond the rest, for applications registered with it (profile `fapi2`)."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from varco.protocol.client import AUTHORIZATION_CODE, REFRESH_TOKEN, AuthMethod, Client
from varco.protocol.errors import invalid_client, invalid_dpop_proof
from varco.protocol.fault import Fault
from varco.protocol.jose.algorithms import FAPI_ALGORITHMS
from varco.protocol.jose.client_jwk import ClientKeyError, public_key

PROFILE = "fapi2"
CODE_LIFETIME = 60
"""Seconds (§5.3.2.1)."""


class FapiFault(StrEnum):
    """Why a registration does not meet the profile."""

    AUTHENTICATION = "fapi_authentication"
    ID_TOKEN_SIGNATURE = "fapi_id_token_signature"  # noqa: S105 - the name of a fault
    USERINFO_SIGNATURE = "fapi_userinfo_signature"
    GRANT_TYPES = "fapi_grant_types"
    NOT_HTTPS = "fapi_redirect_uri_not_https"
    NO_KEY = "fapi_no_key"


def registration_faults(
    *,
    auth_method: str,
    id_token_alg: str,
    userinfo_alg: str,
    grant_types: list[str],
    redirect_uris: list[str],
    jwks: Mapping[str, Any] | None,
    jwks_uri: str,
) -> Iterator[tuple[str, Fault]]:
    """Check a registration against the profile: the field of each fault (RFC 7591 §2 where there is one) and the fault."""
    if auth_method != AuthMethod.PRIVATE_KEY_JWT:
        yield "token_endpoint_auth_method", Fault(FapiFault.AUTHENTICATION)
    if id_token_alg not in FAPI_ALGORITHMS:
        yield "id_token_alg", Fault(FapiFault.ID_TOKEN_SIGNATURE)
    if userinfo_alg not in {"", *FAPI_ALGORITHMS}:
        yield "userinfo_alg", Fault(FapiFault.USERINFO_SIGNATURE)
    if not set(grant_types) <= {AUTHORIZATION_CODE, REFRESH_TOKEN} or AUTHORIZATION_CODE not in grant_types:
        yield "grant_types", Fault(FapiFault.GRANT_TYPES)
    if any(not uri.startswith("https://") for uri in redirect_uris):
        yield "redirect_uris", Fault(FapiFault.NOT_HTTPS)
    if not jwks_uri and not _usable_keys(jwks):
        yield "jwks", Fault(FapiFault.NO_KEY)


def _usable_keys(jwks: Mapping[str, Any] | None) -> bool:
    for members in (jwks or {}).get("keys", ()):
        try:
            _, algorithms = public_key(members)
        except ClientKeyError:
            continue
        if not algorithms.isdisjoint(FAPI_ALGORITHMS):
            return True
    return False


def check_authentication(client: Client, method: str) -> None:
    """§5.3.2.1: a FAPI client signs, whatever its registration lets through. Raises `OAuthError` (invalid_client, 401)."""
    if client.fapi and method != AuthMethod.PRIVATE_KEY_JWT:
        raise invalid_client(
            "This application follows FAPI 2.0 and must authenticate with private_key_jwt.",
            rule="FAPI 2.0 §5.3.2.1 client authentication",
            received=method,
            expected=AuthMethod.PRIVATE_KEY_JWT,
        )


def check_token_request(client: Client, dpop_jkt: str) -> None:
    """§5.3.2.1: a FAPI client's tokens are bound to its DPoP key. Raises `OAuthError` (invalid_dpop_proof)."""
    if client.fapi and not dpop_jkt:
        raise invalid_dpop_proof(
            "This application follows FAPI 2.0: send a DPoP proof with the token request.",
            rule="FAPI 2.0 §5.3.2.1 sender-constrained tokens",
            received="no DPoP proof",
            expected="a DPoP proof",
        )


def code_lifetime(client: Client, default: int) -> int:
    """Seconds a code of this client lives."""
    return min(default, CODE_LIFETIME) if client.fapi else default


def access_token_alg(client: Client, default: str) -> str:
    """What an access token of this client is signed with (§5.4.1)."""
    return "ES256" if client.fapi and default not in FAPI_ALGORITHMS else default


def rotates_refresh_tokens(client: Client) -> bool:
    """Whether each refresh brings a new refresh token: not under FAPI (§5.3.2.1), where the token is bound to key and client."""
    return not client.fapi
