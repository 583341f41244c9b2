from typing import Any

import pytest

from tests.support.protocol_records import CALLBACK, CHALLENGE, JWKS, KEYS, client, refused
from varco.protocol import fapi
from varco.protocol.fapi import FapiFault
from varco.protocol.jose import jwk

SOUND: dict[str, Any] = {
    "auth_method": "private_key_jwt",
    "id_token_alg": "PS256",
    "userinfo_alg": "",
    "grant_types": ["authorization_code", "refresh_token"],
    "redirect_uris": [CALLBACK],
    "jwks": JWKS,
    "jwks_uri": "",
}


def only(alg: str, **changes: Any) -> dict[str, Any]:
    return {"keys": [jwk.public_jwk(KEYS[alg], alg, alg) | changes]}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"grant_types": ["authorization_code"]},
        {"id_token_alg": "ES256"},
        {"id_token_alg": "EdDSA"},
        {"userinfo_alg": "ES256"},
        {"jwks": None, "jwks_uri": "https://agenda.example/jwks"},
        {"jwks": only("EdDSA")},
        {"jwks": only("PS256")},
    ],
)
def test_a_registration_of_the_profile_is_sound(changes: dict[str, Any]) -> None:
    assert list(fapi.registration_faults(**(SOUND | changes))) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"auth_method": "client_secret_basic"}, FapiFault.AUTHENTICATION),
        ({"auth_method": "client_secret"}, FapiFault.AUTHENTICATION),
        ({"auth_method": "none"}, FapiFault.AUTHENTICATION),
        ({"id_token_alg": "RS256"}, FapiFault.ID_TOKEN_SIGNATURE),
        ({"userinfo_alg": "RS256"}, FapiFault.USERINFO_SIGNATURE),
        (
            {"grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]},
            FapiFault.GRANT_TYPES,
        ),
        ({"grant_types": ["refresh_token"]}, FapiFault.GRANT_TYPES),
        ({"redirect_uris": [CALLBACK, "http://127.0.0.1/cb"]}, FapiFault.NOT_HTTPS),
        ({"jwks": None}, FapiFault.NO_KEY),
        ({"jwks": {"keys": []}}, FapiFault.NO_KEY),
        ({"jwks": only("RS256")}, FapiFault.NO_KEY),
        ({"jwks": only("ES256", d="AAAA")}, FapiFault.NO_KEY),
        ({"jwks": only("ES256", use="enc")}, FapiFault.NO_KEY),
    ],
)
def test_what_falls_short_is_told(changes: dict[str, Any], code: FapiFault) -> None:
    ((field, fault),) = fapi.registration_faults(**(SOUND | changes))
    assert field == {"auth_method": "token_endpoint_auth_method"}.get(*changes, *changes)
    assert fault.code == code


def test_the_token_request_of_a_fapi_client_needs_a_proof() -> None:
    bound = client(profile="fapi2")
    fapi.check_token_request(bound, CHALLENGE)
    fapi.check_token_request(client(), "")
    with refused("invalid_dpop_proof", "FAPI 2.0"):
        fapi.check_token_request(bound, "")


def test_codes_live_a_minute_at_most() -> None:
    assert fapi.code_lifetime(client(profile="fapi2"), 300) == 60
    assert fapi.code_lifetime(client(profile="fapi2"), 30) == 30
    assert fapi.code_lifetime(client(), 300) == 300


def test_refresh_tokens_do_not_rotate_under_fapi() -> None:
    assert not fapi.rotates_refresh_tokens(client(profile="fapi2"))
    assert fapi.rotates_refresh_tokens(client())


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_a_fapi_client_signs_whatever_it_was_registered_with(method: str) -> None:
    fapi.check_authentication(client(profile="fapi2"), "private_key_jwt")
    fapi.check_authentication(client(), method)
    with refused("invalid_client", "FAPI 2.0", status=401):
        fapi.check_authentication(client(profile="fapi2"), method)
