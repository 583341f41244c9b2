"""What keeps a registration from being submitted, field by field."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tests.support import registrations
from varco.protocol.jose import base64url
from varco.registry import validation
from varco.registry.registration import AUTH_METHODS, GRANT_TYPES, ScopeRequest

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def public(key: Any, kid: str = "k1") -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": kid}


EC = public(ECKey.import_key(ec.generate_private_key(ec.SECP256R1())))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "toaster"}, "type"),
        ({"environment": "moon"}, "environment"),
        ({"grant_types": ()}, "grant_types"),
        ({"grant_types": ("client_credentials",)}, "grant_types"),
        ({"grant_types": (DEVICE,), "redirect_uris": ()}, "grant_types"),
        ({"type": "device"}, "grant_types"),
        ({"type": "device", "grant_types": (DEVICE,)}, "redirect_uris"),
        ({"redirect_uris": ()}, "redirect_uris"),
        ({"redirect_uris": ("https://a.example/cb", "https://a.example/cb")}, "redirect_uris"),
        ({"redirect_uris": ("http://a.example/cb",)}, "redirect_uris"),
        ({"redirect_uris": ("https://a.example/cb#x",)}, "redirect_uris"),
        ({"redirect_uris": ("https://*.a.example/cb",)}, "redirect_uris"),
        ({"redirect_uris": ("javascript:alert(1)",)}, "redirect_uris"),
        ({"redirect_uris": ("https://a.example/cb?code=1",)}, "redirect_uris"),
        ({"redirect_uris": ("https://a.example/" + "x" * 2000,)}, "redirect_uris"),
        ({"redirect_uris": tuple(f"https://a.example/{n}" for n in range(21))}, "redirect_uris"),
        ({"redirect_uris": ("https://a.example/\0",)}, "redirect_uris"),
        ({"post_logout_redirect_uris": ("ftp://a.example/",)}, "post_logout_redirect_uris"),
        ({"backchannel_logout_uri": "http://a.example/"}, "backchannel_logout_uri"),
        ({"backchannel_logout_uri": "http://127.0.0.1/bye"}, "backchannel_logout_uri"),
        ({"backchannel_logout_uri": "https://a.example/#bye"}, "backchannel_logout_uri"),
        ({"backchannel_logout_uri": "https://*.a.example/"}, "backchannel_logout_uri"),
        ({"backchannel_logout_uri": "https://a@b.example/"}, "backchannel_logout_uri"),
        ({"backchannel_logout_uri": "https://a.example/" + "x" * 500}, "backchannel_logout_uri"),
        ({"scopes": ()}, "scopes"),
        ({"scopes": ("openid", "openid")}, "scopes"),
        ({"scopes": ("root",)}, "scopes"),
        ({"scopes": (ScopeRequest("openid", ""),)}, "reason:openid"),
        ({"scopes": (ScopeRequest("openid", "because"),)}, "reason:openid"),
        ({"scopes": (ScopeRequest("openid", "x" * 501),)}, "reason:openid"),
        ({"scopes": (ScopeRequest("openid", "to sign in \x07 people"),)}, "reason:openid"),
        ({"claims": ("fingerprint",)}, "claims"),
        ({"claims": ("email", "email")}, "claims"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://a.example/jwks"}, "jwks_uri"),
        ({"id_token_alg": "none"}, "id_token_alg"),
        ({"userinfo_alg": "none"}, "userinfo_alg"),
        ({"profile": "fapi9"}, "profile"),
    ],
)
def test_a_fault_stands_beside_its_field(changes: dict[str, Any], field: str) -> None:
    assert field in validation.faults(registrations.registration(**changes).normalised())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": "spa"},
        {"type": "native", "redirect_uris": ("com.example.app:/cb", "http://127.0.0.1/cb")},
        {"type": "native", "grant_types": ("authorization_code", DEVICE)},
        {"type": "device", "grant_types": (DEVICE,), "redirect_uris": ()},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"userinfo_alg": "EdDSA"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [EC]}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/jwks"},
        {"redirect_uris": ("http://localhost:3000/cb", "https://a.example/cb?tenant=1")},
    ],
)
def test_what_is_right_has_no_fault(changes: dict[str, Any]) -> None:
    assert validation.faults(registrations.registration(**changes).normalised()) == {}


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
@pytest.mark.parametrize("keys", [{}, {"jwks": {"keys": [EC]}, "jwks_uri": ""}])
def test_a_registration_that_keeps_fapi_has_no_fault(alg: str, keys: dict[str, Any]) -> None:
    asked = registrations.registration(**registrations.FAPI | {"id_token_alg": alg} | keys).normalised()
    assert validation.faults(asked) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token_endpoint_auth_method": "client_secret_basic"}, "token_endpoint_auth_method"),
        ({"id_token_alg": "RS256"}, "id_token_alg"),
        ({"userinfo_alg": "RS256"}, "userinfo_alg"),
        ({"redirect_uris": ("https://a.example/cb", "http://127.0.0.1/cb")}, "redirect_uris"),
        ({"jwks_uri": ""}, "jwks"),
        ({"jwks_uri": "", "jwks": {"keys": [{**EC, "alg": "RS256"}]}}, "jwks"),
        ({"type": "spa"}, "profile"),
        ({"type": "native", "redirect_uris": ("com.example.app:/cb",)}, "profile"),
        ({"type": "device", "grant_types": (DEVICE,), "redirect_uris": ()}, "profile"),
    ],
)
def test_what_fapi_asks_beyond_the_rest_stands_beside_the_field_to_change(changes: dict[str, Any], field: str) -> None:
    found = validation.faults(registrations.registration(**registrations.FAPI | changes).normalised())
    assert set(found) == {field}
    assert len(found[field]) == 1


def test_a_draft_may_be_incomplete_but_not_unstorable() -> None:
    assert validation.shape_faults(registrations.registration(redirect_uris=(), scopes=()).normalised()) == {}
    assert "redirect_uris" in validation.shape_faults(
        registrations.registration(redirect_uris=("https://a/\0",)).normalised()
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " x "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "Agenda\u202efacile"}, "name"),
        ({"name": "Agenda\0"}, "name"),
        ({"description": "x" * 2001}, "description"),
        ({"publisher": "A\nB"}, "publisher"),
        ({"home_url": "http://a.example"}, "home_url"),
        ({"home_url": "https://"}, "home_url"),
        ({"home_url": "https://user@a.example/"}, "home_url"),
        ({"privacy_url": "javascript:alert(1)"}, "privacy_url"),
        ({"privacy_url": "https://a.example/" + "x" * 500}, "privacy_url"),
        ({"privacy_url": "https://[oops/"}, "privacy_url"),
        ({"contacts": ("not an address",)}, "contacts"),
        ({"contacts": tuple(f"a{n}@b.example" for n in range(6))}, "contacts"),
    ],
)
def test_a_fault_of_the_details_stands_beside_its_field(changes: dict[str, Any], field: str) -> None:
    assert set(validation.details_faults(replace(registrations.DETAILS, **changes))) == {field}


RSA = RSAKey.import_key(rsa.generate_private_key(65537, 2048))
# The modulus is all that is looked at: 1024 bits.
SMALL = {"kty": "RSA", "kid": "k1", "e": "AQAB", "n": base64url.encode(b"\xff" * 128)}


@pytest.mark.parametrize(
    "key_set",
    [
        {},
        {"keys": []},
        {"keys": "x"},
        {"keys": [1]},
        {"keys": [{**RSA.as_dict(private=True), "kid": "k1"}]},
        {"keys": [{**OctKey.generate_key(256).as_dict(private=True), "kid": "k1"}]},
        {"keys": [SMALL]},
        {"keys": [{name: value for name, value in EC.items() if name != "kid"}]},
        {"keys": [EC, EC]},
        {"keys": [{**EC, "x": "AA"}]},
        {"keys": [{**EC, "x": 5}]},
        {"keys": [{**EC, "use": "enc"}]},
        {"keys": [{**EC, "crv": "P-521"}]},
        {"keys": [{**EC, "kid": "a\ud800"}]},
        {"keys": [public(RSA, f"k{number}") for number in range(6)]},
    ],
)
def test_keys_that_cannot_be_used_or_kept_are_refused(key_set: dict[str, Any]) -> None:
    asked = registrations.registration(token_endpoint_auth_method="private_key_jwt", jwks=key_set).normalised()
    assert "jwks" in validation.shape_faults(asked)


@pytest.mark.parametrize("key", [EC, public(RSA), public(OKPKey.generate_key("Ed25519"))])
def test_public_keys_are_accepted(key: dict[str, Any]) -> None:
    asked = registrations.registration(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key]}).normalised()
    assert validation.faults(asked) == {}


def test_every_type_has_its_grants_and_its_methods() -> None:
    assert set(GRANT_TYPES) == set(AUTH_METHODS) == {"web", "spa", "native", "device"}


@given(st.text(max_size=80) | st.from_regex(r"[a-zA-Z.]{1,9}://[ -~]{0,40}", fullmatch=True))
def test_any_redirect_uri_gets_an_answer(uri: str) -> None:
    validation.faults(registrations.registration(redirect_uris=(uri,)).normalised())
