"""The strictest profile, with a client library that insists on all of it."""

from urllib.parse import parse_qs, urlsplit

from tests.journeys.test_client_libraries import assert_is_luca, node
from tests.support.demo_world import World

SCOPE = "openid profile offline_access giponext.patients"


def test_openid_client_under_fapi_2_0(world: World) -> None:
    registered = world.client("fapi1")
    given = {
        "issuer": world.issuer,
        "api_url": world.api,
        "client_id": registered["client_id"],
        "jwk": registered["jwks"]["keys"][0],
        "redirect_uri": registered["redirect_uris"][0],
        "scope": SCOPE,
    }
    with world.person("manager_levante") as luca:
        told = node(given, luca.authorize, script="strict.mjs")
    assert parse_qs(urlsplit(told["address"]).query).keys() == {"client_id", "request_uri"}
    assert told["token_type"] == "dpop"  # as the library writes it
    assert told["claims"]["iss"] == world.issuer
    assert told["userinfo"]["name"] == "Luca Longo"
    assert told["proven"] == 200
    assert told["stolen"] == "invalid_dpop_proof"
    assert told["kept"] is True
    assert told["introspected"]["active"] is True
    assert told["introspected"]["token_type"] == "DPoP"
    assert told["introspected"]["client_id"] == registered["client_id"]
    assert_is_luca({"name": "Luca Longo", "tenants": told["introspected"]["tenants"]}, world)
    assert told["revoked"] == 401
    assert told["dead"] == {"active": False}


def test_openid_client_on_a_device_whose_person_is_elsewhere(world: World) -> None:
    registered = world.client("device")
    given = {
        "issuer": world.issuer,
        "api_url": world.api,
        "client_id": registered["client_id"],
        "scope": "openid profile offline_access giponext.agenda",
    }

    def approve(address: str) -> str:
        with world.person("manager_levante") as luca:
            page = luca.sign_in(luca.open(address))
            page = luca.press(page, "continue")
            assert registered["name"] in page.text
            luca.press(page, "accept.*")
        return "done"

    told = node(given, approve, script="device.mjs")
    assert told["shown"]["verification_uri"] == world.address("/device")
    assert set(told["scope"].split()) == set(given["scope"].split())
    assert told["claims"]["iss"] == world.issuer
    assert told["stolen"] == "invalid_grant"
    assert_is_luca(told["v2"], world)
