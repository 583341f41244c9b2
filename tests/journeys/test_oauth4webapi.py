"""oauth4webapi, which checks each answer to the letter: FAPI 2.0 over TLS, with the server's nonces in every DPoP proof."""

from urllib.parse import parse_qs, urlsplit

from tests.journeys.test_client_libraries import assert_is_luca, node
from tests.support.demo_world import World

SCOPE = "openid profile offline_access giponext.patients"


def test_oauth4webapi_under_fapi_2_0_with_nonces(secure_world: World) -> None:
    registered = secure_world.client("fapi2")
    given = {
        "issuer": secure_world.issuer,
        "api_url": secure_world.api,
        "client_id": registered["client_id"],
        "jwk": registered["jwks"]["keys"][0],
        "redirect_uri": registered["redirect_uris"][0],
        "post_logout_redirect_uri": registered["post_logout_redirect_uris"][0],
        "scope": SCOPE,
    }
    with secure_world.person("manager_levante") as luca:
        told = node(given, luca.authorize, script="webapi.mjs", NODE_EXTRA_CA_CERTS=str(secure_world.certificate))
        assert luca.open(told["leave"]).left_for == f"{given['post_logout_redirect_uri']}?state=gone"
        assert luca.open("/account/").soup.select("input[type=password]")
    assert parse_qs(urlsplit(told["address"]).query).keys() == {"client_id", "request_uri"}
    assert told["token_type"] == "dpop"  # as the library writes it
    assert told["nonces"] > 0
    assert set(told["scope"].split()) == set(SCOPE.split())
    assert told["claims"]["iss"] == secure_world.issuer
    assert told["userinfo"]["name"] == "Luca Longo"
    assert_is_luca(told["v2"], secure_world)
    assert told["validated"]["client_id"] == registered["client_id"]
    assert told["validated"]["sub"] == told["claims"]["sub"]
    assert told["stolen"] == "invalid_token"
    assert_is_luca(told["rekeyed"], secure_world)
    assert told["introspected"]["active"] is True
    assert told["introspected"]["cnf"] == told["validated"]["cnf"]
    assert told["dead"] == {"active": False}
    assert told["over"] == "invalid_grant"
    assert told["replayed"] == "invalid_grant"


def test_oauth4webapi_on_a_device_with_a_key_of_its_own(secure_world: World) -> None:
    registered = secure_world.client("device")
    given = {
        "issuer": secure_world.issuer,
        "api_url": secure_world.api,
        "client_id": registered["client_id"],
        "scope": "openid profile offline_access giponext.agenda",
    }

    def approve(address: str) -> str:
        with secure_world.person("manager_levante") as luca:
            page = luca.press(luca.sign_in(luca.open(address)), "continue")
            assert registered["name"] in page.text
            luca.press(page, "accept.*")
        return "done"

    told = node(given, approve, script="webapi-device.mjs", NODE_EXTRA_CA_CERTS=str(secure_world.certificate))
    assert told["shown"]["verification_uri"] == secure_world.address("/device")
    assert told["early"] == "authorization_pending"
    assert told["nonces"] > 0
    assert told["token_type"] == "dpop"  # as the library writes it
    assert set(told["scope"].split()) == set(given["scope"].split())
    assert told["claims"]["iss"] == secure_world.issuer
    assert told["stolen"] == "invalid_grant"
    assert_is_luca(told["v2"], secure_world)
    assert told["revoked"] == "invalid_token"
    assert told["again"] == "invalid_grant"
