import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import CALLBACK, VERIFIER, client, fuzz, outcome, query, refused
from varco.protocol.errors import OAuthError
from varco.protocol.token_request import (
    AuthorizationCodeRequest,
    DeviceCodeRequest,
    RefreshTokenRequest,
    check_grant_type,
    parse_token_request,
)

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def test_a_code_to_redeem_is_read() -> None:
    found = parse_token_request(
        query(
            grant_type="authorization_code",
            code="vac.c",
            redirect_uri=CALLBACK,
            code_verifier=VERIFIER,
            resource="https://a",
        )
    )
    assert found == AuthorizationCodeRequest(
        code="vac.c", redirect_uri=CALLBACK, code_verifier=VERIFIER, resource=("https://a",)
    )
    assert isinstance(found, AuthorizationCodeRequest)
    assert found.code_hash == hashlib.sha256(b"vac.c").hexdigest()


def test_a_refresh_token_to_rotate_is_read() -> None:
    found = parse_token_request(
        query(grant_type="refresh_token", refresh_token="vrt.x", scope="openid", resource="https://a")
    )
    assert found == RefreshTokenRequest(refresh_token="vrt.x", scope="openid", resource=("https://a",))


def test_a_device_code_being_polled_is_read() -> None:
    found = parse_token_request(
        query(grant_type=DEVICE, device_code="vdc.x", code_verifier=VERIFIER, resource="https://a")
    )
    assert found == DeviceCodeRequest(device_code="vdc.x", code_verifier=VERIFIER, resource=("https://a",))
    assert isinstance(found, DeviceCodeRequest)
    assert found.device_code_hash == hashlib.sha256(b"vdc.x").hexdigest()


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, "grant_type"),
        ({"grant_type": ""}, "grant_type"),
        ({"grant_type": "authorization_code"}, "code"),
        ({"grant_type": "authorization_code", "code": ""}, "code"),
        ({"grant_type": "refresh_token", "code": "x"}, "refresh_token"),
        ({"grant_type": DEVICE, "code": "x"}, "device_code"),
    ],
)
def test_what_is_missing_is_named(fields: dict[str, str], missing: str) -> None:
    with refused("invalid_request", missing) as caught:
        parse_token_request(query(**fields))
    assert f"{missing} is missing" in caught.value.description


@pytest.mark.parametrize(
    ("grant_type", "why"),
    [
        ("client_credentials", "belongs to a person who has logged in"),
        ("password", "never see a person's password"),
        ("implicit", "RFC 9700"),
        ("urn:ietf:params:oauth:grant-type:token-exchange", "cannot be exchanged"),
        ("urn:ietf:params:oauth:grant-type:jwt-bearer", "stand in for a person"),
        ("urn:ietf:params:oauth:grant-type:saml2-bearer", "stand in for a person"),
        ("code", "not known"),
        ("AUTHORIZATION_CODE", "not known"),
    ],
)
def test_grants_left_out_on_purpose_say_why(grant_type: str, why: str) -> None:
    with refused("unsupported_grant_type", "RFC 6749 §5.2") as caught:
        parse_token_request(query(grant_type=grant_type, code="x", refresh_token="x", username="u", password="p"))
    assert why in caught.value.description
    assert caught.value.received == grant_type


ASKS = [AuthorizationCodeRequest(code="c"), RefreshTokenRequest(refresh_token="r"), DeviceCodeRequest(device_code="d")]


@pytest.mark.parametrize("ask", ASKS)
def test_a_client_may_use_the_grant_types_it_is_registered_for(
    ask: AuthorizationCodeRequest | RefreshTokenRequest | DeviceCodeRequest,
) -> None:
    check_grant_type(ask, client(grant_types=[ask.grant_type]))


@pytest.mark.parametrize("ask", ASKS)
def test_and_no_others(ask: AuthorizationCodeRequest | RefreshTokenRequest | DeviceCodeRequest) -> None:
    others = {"authorization_code", "refresh_token", DEVICE} - {ask.grant_type}
    with refused("unauthorized_client", "RFC 6749 §5.2"):
        check_grant_type(ask, client(grant_types=sorted(others)))


def test_asks_never_show_what_they_hold() -> None:
    assert [repr(ask) for ask in ASKS] == [
        "AuthorizationCodeRequest(…)",
        "RefreshTokenRequest(…)",
        "DeviceCodeRequest(…)",
    ]


values = st.sampled_from(["", "authorization_code", "refresh_token", DEVICE, "password", "x", "openid"]) | st.text(
    max_size=10
)
fields = st.sampled_from(
    ["grant_type", "code", "refresh_token", "device_code", "scope", "redirect_uri", "resource", "code_verifier"]
)


@fuzz
@given(st.dictionaries(fields, values, max_size=8))
def test_any_mixture_is_read_or_refused(mixture: dict[str, str]) -> None:
    found = outcome(lambda: parse_token_request(query(**mixture)))
    if isinstance(found, OAuthError):
        assert found.error in {"invalid_request", "unsupported_grant_type"}
    else:
        assert found.grant_type == mixture["grant_type"]
