from urllib.parse import urlsplit

from tests.support.protocol_records import API, ISSUER
from varco.protocol import discovery

SCOPES = ("openid", "profile", "giponext.patients")
FOUND = discovery.document(ISSUER, API, SCOPES)


def test_the_foundation_is_announced() -> None:
    assert FOUND["issuer"] == ISSUER
    assert FOUND["authorization_endpoint"] == f"{ISSUER}/oauth2/authorize"
    assert FOUND["token_endpoint"] == f"{ISSUER}/oauth2/token"
    assert FOUND["jwks_uri"] == f"{ISSUER}/oauth2/jwks"
    assert FOUND["userinfo_endpoint"] == f"{ISSUER}/oauth2/userinfo"
    assert FOUND["scopes_supported"] == list(SCOPES)
    assert FOUND["response_types_supported"] == ["code"]
    assert FOUND["response_modes_supported"] == ["query", "form_post"]
    assert FOUND["grant_types_supported"] == [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
    ]
    assert FOUND["code_challenge_methods_supported"] == ["S256"]
    methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
    assert FOUND["token_endpoint_auth_methods_supported"] == methods
    assert FOUND["authorization_response_iss_parameter_supported"] is True
    assert FOUND["ui_locales_supported"] == ["en", "it"]
    assert FOUND["subject_types_supported"] == ["public"]
    assert "tenants" in FOUND["claims_supported"]


def test_request_objects_are_announced_as_unsupported() -> None:
    assert FOUND["request_parameter_supported"] is False
    assert FOUND["request_uri_parameter_supported"] is False  # absent would mean true (Discovery §3)


def test_the_claims_parameter_is_announced() -> None:
    assert FOUND["claims_parameter_supported"] is True  # absent would mean false (Discovery §3)
    assert FOUND["claim_types_supported"] == ["normal"]


def test_only_algorithms_with_a_key_are_announced() -> None:
    assert FOUND["id_token_signing_alg_values_supported"] == ["RS256", "ES256", "PS256", "EdDSA"]
    few = discovery.document(ISSUER, API, SCOPES, algorithms=["ES256", "RS256"])
    assert few["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert few["userinfo_signing_alg_values_supported"] == ["RS256", "ES256"]


def test_acr_values_are_announced() -> None:
    assert FOUND["acr_values_supported"] == ["urn:varco:acr:1", "urn:varco:acr:2"]


def test_everything_beyond_the_code_flow_is_announced() -> None:
    for name, path in {
        "revocation_endpoint": "revoke",
        "introspection_endpoint": "introspect",
        "device_authorization_endpoint": "device_authorization",
        "pushed_authorization_request_endpoint": "par",
        "end_session_endpoint": "logout",
    }.items():
        assert FOUND[name] == f"{ISSUER}/oauth2/{path}"
    assert FOUND["require_pushed_authorization_requests"] is False
    assert FOUND["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA", "Ed25519"]
    assert FOUND["backchannel_logout_supported"] is True
    assert FOUND["backchannel_logout_session_supported"] is True


def test_a_client_without_authentication_may_revoke_and_not_introspect() -> None:
    assert "none" in FOUND["revocation_endpoint_auth_methods_supported"]
    assert "none" not in FOUND["introspection_endpoint_auth_methods_supported"]


def test_every_address_is_the_issuers() -> None:
    for name, value in FOUND.items():
        if name.endswith(("_endpoint", "_uri")):
            assert urlsplit(value)[:2] == ("https", "login.example"), name


def test_every_endpoint_that_takes_private_key_jwt_says_with_which_algorithms() -> None:
    """RFC 8414 §2."""
    for endpoint in ("token", "revocation", "introspection"):
        assert "private_key_jwt" in FOUND[f"{endpoint}_endpoint_auth_methods_supported"]
        algorithms = FOUND[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        assert set(algorithms) == {"ES256", "PS256", "RS256", "EdDSA", "Ed25519"}
