"""The metadata documents (RFC 8414, OpenID Connect Discovery 1.0): only what truly works is announced."""

from collections.abc import Iterable, Sequence
from typing import Any

from varco.protocol.authorization_request import PROMPTS, RESPONSE_MODES
from varco.protocol.claims import ACR_VALUES, GROUPS, names
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, AuthMethod
from varco.protocol.jose.algorithms import ALGORITHMS, FAPI_ALGORITHMS, every_name

AUTH_METHODS = (AuthMethod.BASIC, AuthMethod.POST, AuthMethod.PRIVATE_KEY_JWT, AuthMethod.NONE)


def token_endpoint(issuer: str) -> str:
    """The address of the token endpoint (RFC 8414 §2)."""
    return f"{issuer}/oauth2/token"


def document(
    issuer: str, api_url: str, scopes: Iterable[str], *, algorithms: Sequence[str] = ALGORITHMS
) -> dict[str, Any]:
    """The metadata; both well-known documents are the same.

    `algorithms` are those a key is published for, so that a client never waits for a signature nobody can make.
    """
    signatures = [alg for alg in ALGORITHMS if alg in algorithms]
    assertions = every_name(sorted(ALGORITHMS))
    return {
        "issuer": issuer,
        **_endpoints(issuer),
        "scopes_supported": list(scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": [AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": signatures,
        "userinfo_signing_alg_values_supported": signatures,
        "dpop_signing_alg_values_supported": every_name(FAPI_ALGORITHMS),
        # RFC 8414 §2: with private_key_jwt, for every endpoint that says how clients authenticate at it.
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": assertions,
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": assertions,
        "introspection_endpoint_auth_methods_supported": [name for name in AUTH_METHODS if name != AuthMethod.NONE],
        "introspection_endpoint_auth_signing_alg_values_supported": assertions,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "require_pushed_authorization_requests": False,
        "prompt_values_supported": sorted(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "amr",
            "sid",
            *names(GROUPS),
        ],
        "claims_parameter_supported": True,
        "acr_values_supported": list(ACR_VALUES),
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "ui_locales_supported": ["en", "it"],
        "protected_resources": [api_url],
    }


RESOURCE_METADATA = "/.well-known/oauth-protected-resource"
"""Where the metadata of a resource stands whose identifier is an origin (RFC 9728 §3.1)."""


def protected_resource(issuer: str, api_url: str, scopes: Iterable[str]) -> dict[str, Any]:
    """The metadata of the API (RFC 9728 §2): who issues tokens for it, and how they are sent."""
    return {
        "resource": api_url,
        "authorization_servers": [issuer],
        "scopes_supported": list(scopes),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": every_name(FAPI_ALGORITHMS),
        "dpop_bound_access_tokens_required": False,
    }


def _endpoints(issuer: str) -> dict[str, str]:
    return {
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": token_endpoint(issuer),
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "device_authorization_endpoint": f"{issuer}/oauth2/device_authorization",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth2/par",
        "end_session_endpoint": f"{issuer}/oauth2/logout",
    }
