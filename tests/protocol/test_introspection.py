import pytest

from tests.protocol.test_claims import AURORA
from tests.protocol.test_tokens import access
from tests.support.protocol_records import API, CHALLENGE, CLIENT_ID, ISSUER, NOW, client, refreshed, refused
from varco.protocol import introspection

TENANTS = [{"id": "tenant-aurora", "name": "Clinic Aurora"}]


def test_only_a_client_that_authenticates_may_ask() -> None:
    introspection.check_entitled(client())
    introspection.check_entitled(client(token_endpoint_auth_method="private_key_jwt"))
    with refused("invalid_client", "RFC 7662 §2.1", status=401):
        introspection.check_entitled(client(type="spa"))


def test_of_a_dead_token_nothing_is_told() -> None:
    assert introspection.INACTIVE == {"active": False}


def test_a_good_access_token_is_told_with_the_scope_it_has_now() -> None:
    assert introspection.access_token_response(access(), "openid", AURORA, acr="", auth_time=0) == {
        "active": True,
        "scope": "openid",
        "client_id": CLIENT_ID,
        "token_type": "Bearer",
        "exp": NOW + 600,
        "iat": NOW,
        "sub": "user-1",
        "aud": API,
        "iss": ISSUER,
        "jti": "j-1",
        "tenants": TENANTS,
    }


def test_a_bound_access_token_names_its_key() -> None:
    found = introspection.access_token_response(access(dpop_jkt=CHALLENGE), "openid", AURORA, acr="", auth_time=0)
    assert (found["token_type"], found["cnf"]) == ("DPoP", {"jkt": CHALLENGE})


@pytest.mark.parametrize(("idle", "absolute"), [(NOW + 5, NOW + 9), (NOW + 9, NOW + 5)])
def test_a_good_refresh_token_ends_at_whichever_limit_comes_first(idle: int, absolute: int) -> None:
    record = refreshed(idle_expires_at=idle, expires_at=absolute)
    found = introspection.refresh_token_response(
        client(), record, sub="user-1", scope="openid", tenant=AURORA, issuer=ISSUER
    )
    assert found == {
        "active": True,
        "scope": "openid",
        "client_id": CLIENT_ID,
        "exp": NOW + 5,
        "sub": "user-1",
        "iss": ISSUER,
        "tenants": TENANTS,
    }


def test_a_bound_refresh_token_names_its_key() -> None:
    record = refreshed(dpop_jkt=CHALLENGE)
    found = introspection.refresh_token_response(client(), record, sub="u", scope="s", tenant=AURORA, issuer=ISSUER)
    assert found["cnf"] == {"jkt": CHALLENGE}
