"""The metadata documents (RFC 8414, OpenID Connect Discovery 1.0): only what truly works is announced."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from varco.protocol import dpop, foreign
from varco.protocol.authorize import PROMPTS, RESPONSE_MODES
from varco.protocol.claims import GROUPS, names
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN
from varco.protocol.keys import ALGORITHMS

SUFFIXES = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """What of the server is switched on; each announces its endpoint and metadata."""

    revocation: bool = False
    introspection: bool = False
    device: bool = False
    par: bool = False
    dpop: bool = False
    private_key_jwt: bool = False
    logout: bool = False
    backchannel_logout: bool = False


def document(
    issuer: str,
    api_url: str,
    scopes: Iterable[str],
    *,
    features: Features | None = None,
    algorithms: Sequence[str] = ALGORITHMS,
    locales: Sequence[str] = ("en", "it"),
    acr_values: Sequence[str] = (),
) -> dict[str, Any]:
    """The metadata; both well-known documents are the same.

    `algorithms` are those a key is published for, so that a client never waits for a signature nobody can make.
    """
    features = features or Features()
    auth_methods = ["client_secret_basic", "client_secret_post", "none"]
    if features.private_key_jwt:
        auth_methods.insert(2, "private_key_jwt")
    signatures = [alg for alg in ("RS256", "ES256", "PS256", "EdDSA") if alg in algorithms]
    found: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "scopes_supported": list(scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": [AUTHORIZATION_CODE, REFRESH_TOKEN],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": signatures,
        "userinfo_signing_alg_values_supported": signatures,
        "token_endpoint_auth_methods_supported": auth_methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
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
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": list(locales),
        "protected_resources": [api_url],
    }
    if acr_values:
        found["acr_values_supported"] = list(acr_values)
    _add_features(found, issuer, features, auth_methods)
    return found


def _add_features(found: dict[str, Any], issuer: str, features: Features, auth_methods: list[str]) -> None:
    if features.private_key_jwt:  # RFC 8414 §2: with private_key_jwt, for every endpoint that clients authenticate at
        called = {"token": True, "revocation": features.revocation, "introspection": features.introspection}
        for endpoint in (name for name, offered in called.items() if offered):
            found[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = foreign.every_name(
                sorted(foreign.ALGORITHMS)
            )
    if features.revocation:
        found["revocation_endpoint"] = f"{issuer}/oauth2/revoke"
        found["revocation_endpoint_auth_methods_supported"] = auth_methods
    if features.introspection:
        found["introspection_endpoint"] = f"{issuer}/oauth2/introspect"
        found["introspection_endpoint_auth_methods_supported"] = [name for name in auth_methods if name != "none"]
    if features.device:
        found["device_authorization_endpoint"] = f"{issuer}/oauth2/device_authorization"
        found["grant_types_supported"].append(DEVICE_CODE)
    if features.par:
        found["pushed_authorization_request_endpoint"] = f"{issuer}/oauth2/par"
        found["require_pushed_authorization_requests"] = False
    if features.dpop:
        found["dpop_signing_alg_values_supported"] = foreign.every_name(dpop.ALGORITHMS)
    if features.logout:
        found["end_session_endpoint"] = f"{issuer}/oauth2/logout"
    if features.backchannel_logout:
        found["backchannel_logout_supported"] = True
        found["backchannel_logout_session_supported"] = True
