from urllib.parse import urlsplit

import pytest

from tests.protocol.cast import API, ISSUER
from varco.protocol import discovery
from varco.protocol.discovery import Features

SCOPES = ("openid", "profile", "giponext.patients")
PLAIN = discovery.document(ISSUER, API, SCOPES)


def test_the_foundation_is_announced() -> None:
    assert PLAIN["issuer"] == ISSUER
    assert PLAIN["authorization_endpoint"] == f"{ISSUER}/oauth2/authorize"
    assert PLAIN["token_endpoint"] == f"{ISSUER}/oauth2/token"
    assert PLAIN["jwks_uri"] == f"{ISSUER}/oauth2/jwks"
    assert PLAIN["userinfo_endpoint"] == f"{ISSUER}/oauth2/userinfo"
    assert PLAIN["scopes_supported"] == list(SCOPES)
    assert PLAIN["response_types_supported"] == ["code"]
    assert PLAIN["response_modes_supported"] == ["query", "form_post"]
    assert PLAIN["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert PLAIN["code_challenge_methods_supported"] == ["S256"]
    assert PLAIN["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post", "none"]
    assert PLAIN["authorization_response_iss_parameter_supported"] is True
    assert PLAIN["ui_locales_supported"] == ["en", "it"]
    assert PLAIN["subject_types_supported"] == ["public"]
    assert "tenants" in PLAIN["claims_supported"]


def test_request_objects_are_announced_as_unsupported() -> None:
    assert PLAIN["request_parameter_supported"] is False
    assert PLAIN["request_uri_parameter_supported"] is False  # absent would mean true (Discovery §3)


def test_the_claims_parameter_is_announced() -> None:
    assert PLAIN["claims_parameter_supported"] is True  # absent would mean false (Discovery §3)
    assert PLAIN["claim_types_supported"] == ["normal"]


def test_only_algorithms_with_a_key_are_announced() -> None:
    assert PLAIN["id_token_signing_alg_values_supported"] == ["RS256", "ES256", "PS256", "EdDSA"]
    few = discovery.document(ISSUER, API, SCOPES, algorithms=["ES256", "RS256"])
    assert few["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert few["userinfo_signing_alg_values_supported"] == ["RS256", "ES256"]


def test_acr_values_are_announced_where_there_are_any() -> None:
    assert "acr_values_supported" not in PLAIN
    assert discovery.document(ISSUER, API, SCOPES, acr_values=["mfa"])["acr_values_supported"] == ["mfa"]


@pytest.mark.parametrize(
    ("feature", "announced"),
    [
        ("revocation", {"revocation_endpoint", "revocation_endpoint_auth_methods_supported"}),
        ("introspection", {"introspection_endpoint", "introspection_endpoint_auth_methods_supported"}),
        ("device", {"device_authorization_endpoint"}),
        ("par", {"pushed_authorization_request_endpoint", "require_pushed_authorization_requests"}),
        ("dpop", {"dpop_signing_alg_values_supported"}),
        ("private_key_jwt", {"token_endpoint_auth_signing_alg_values_supported"}),
        ("logout", {"end_session_endpoint"}),
        ("backchannel_logout", {"backchannel_logout_supported", "backchannel_logout_session_supported"}),
    ],
)
def test_a_feature_is_announced_when_it_is_on(feature: str, announced: set[str]) -> None:
    found = discovery.document(ISSUER, API, SCOPES, features=Features(**{feature: True}))
    assert set(found) - set(PLAIN) == announced


def test_a_device_grant_and_private_key_jwt_join_the_lists() -> None:
    found = discovery.document(
        ISSUER, API, SCOPES, features=Features(device=True, private_key_jwt=True, introspection=True)
    )
    assert "urn:ietf:params:oauth:grant-type:device_code" in found["grant_types_supported"]
    methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
    assert found["token_endpoint_auth_methods_supported"] == methods
    assert "none" not in found["introspection_endpoint_auth_methods_supported"]


def test_every_address_is_the_issuers() -> None:
    everything = dict.fromkeys(Features.__struct_fields__, True)
    found = discovery.document(ISSUER, API, SCOPES, features=Features(**everything))
    for name, value in found.items():
        if name.endswith(("_endpoint", "_uri")):
            assert urlsplit(value)[:2] == ("https", "login.example"), name


def test_every_endpoint_that_takes_private_key_jwt_says_with_which_algorithms() -> None:
    """RFC 8414 §2."""
    found = discovery.document(
        ISSUER, API, SCOPES, features=Features(private_key_jwt=True, revocation=True, introspection=True)
    )
    for endpoint in ("token", "revocation", "introspection"):
        assert "private_key_jwt" in found[f"{endpoint}_endpoint_auth_methods_supported"]
        algorithms = found[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        assert set(algorithms) == {"ES256", "PS256", "RS256", "EdDSA", "Ed25519"}
    bare = discovery.document(ISSUER, API, SCOPES, features=Features(revocation=True, introspection=True))
    assert not [name for name in bare if name.endswith("_auth_signing_alg_values_supported")]
