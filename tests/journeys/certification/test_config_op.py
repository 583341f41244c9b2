"""Config OP: `oidcc-config-certification-test-plan`, and what the FAPI 2.0 plan asks of the same document."""

from urllib.parse import urlsplit

import httpx

from tests.journeys.certification import conditions
from tests.journeys.certification.party import Party
from tests.journeys.certification.visitor import Visitor
from tests.support.demo_world import World

CALLED_BY_CLIENTS = ("token", "revocation", "introspection")


def test_the_document_is_where_the_issuer_says_and_names_that_issuer(world: World, basic: Party) -> None:
    """oidcc-discovery-endpoint-verification: CheckDiscoveryEndpointReturnedJsonContentType, CheckDiscEndpointIssuer.

    The path-inserted form of RFC 8414 §3 is the same address here, since an issuer has no path.
    """
    assert urlsplit(world.issuer).path == ""
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        response = basic.http.get(world.address(path))
        assert response.status_code == 200
        conditions.is_json(response)
        assert response.json() == basic.op
    assert basic.op["issuer"] == world.issuer
    conditions.https(basic.op["issuer"])
    assert not basic.op["issuer"].endswith("/")


def test_every_address_is_https(basic: Party) -> None:
    """CheckDiscEndpointAuthorizationEndpoint, …TokenEndpoint, …UserinfoEndpoint, CheckDiscEndpointAllEndpointsAreHttps."""
    endpoints = {name: value for name, value in basic.op.items() if name.endswith(("_endpoint", "_uri"))}
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} <= set(endpoints)
    for address in endpoints.values():
        conditions.https(address)
    assert "registration_endpoint" not in basic.op


def test_what_is_supported_is_told(basic: Party) -> None:
    """CheckDiscEndpointResponseTypesSupported, …SubjectTypesSupported, …IdTokenSigningAlgValuesSupported and the others."""
    op = basic.op
    assert op["response_types_supported"] == ["code"]
    assert op["subject_types_supported"] == ["public"]
    assert "RS256" in op["id_token_signing_alg_values_supported"]
    assert "none" not in op["id_token_signing_alg_values_supported"]
    assert "openid" in op["scopes_supported"]
    assert "authorization_code" in op["grant_types_supported"]
    assert not {"implicit", "password", "client_credentials"} & set(op["grant_types_supported"])
    assert op["response_modes_supported"] == ["query", "form_post"]
    assert {"sub", "iss", "auth_time", "acr", "name", "email"} <= set(op["claims_supported"])
    assert op["claims_parameter_supported"] is True
    assert op["request_parameter_supported"] is False
    assert op["request_uri_parameter_supported"] is False
    assert {"client_secret_basic", "client_secret_post"} <= set(op["token_endpoint_auth_methods_supported"])
    lists = [value for name, value in op.items() if name.endswith("_supported") and isinstance(value, list)]
    assert all(values and len(set(values)) == len(values) for values in lists)
    assert all(isinstance(value, str) for values in lists for value in values)


def test_what_fapi_2_0_needs_is_told(basic: Party) -> None:
    """fapi2-security-profile-final-discovery-end-point-verification."""
    op = basic.op
    conditions.https(op["pushed_authorization_request_endpoint"])
    assert "private_key_jwt" in op["token_endpoint_auth_methods_supported"]
    assert "S256" in op["code_challenge_methods_supported"]
    assert "plain" not in op["code_challenge_methods_supported"]
    assert op["authorization_response_iss_parameter_supported"] is True
    assert set(op["dpop_signing_alg_values_supported"]) <= {"PS256", "ES256", "EdDSA", "Ed25519"}
    assert {"ES256", "PS256"} <= set(op["id_token_signing_alg_values_supported"])
    for endpoint in CALLED_BY_CLIENTS:
        assert {"ES256", "PS256"} <= set(op[f"{endpoint}_endpoint_auth_signing_alg_values_supported"])


def test_the_key_set_is_sound(basic: Party) -> None:
    """CheckJwksUri, ValidateServerJWKs: a key for every announced algorithm, and nothing private."""
    response = basic.http.get(basic.op["jwks_uri"])
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/jwk-set+json"  # RFC 7517 §8.5.2
    conditions.key_set(response.json())
    algorithms = {key["alg"] for key in response.json()["keys"]}
    assert set(basic.op["id_token_signing_alg_values_supported"]) <= algorithms


def test_a_proxy_that_tells_of_host_and_scheme_is_not_needed_and_not_believed(world: World, visitor: Visitor) -> None:
    """Behind TLS: the issuer and all links are `--public-url`, whatever the proxy, or somebody through it, says."""
    said = {
        "honest": {
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": urlsplit(world.issuer).netloc,
            "X-Forwarded-Port": "443",
        },
        "lies": {
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "evil.example",
            "Forwarded": "host=evil.example;proto=http",
        },
    }
    documents = []
    for headers in said.values():
        with httpx.Client(headers=headers, **world.transport) as client:
            documents.append(client.get(world.address("/.well-known/openid-configuration")).json())
            sent = client.get(world.request("web_legacy", redirect_uri=""))
            assert sent.headers["location"].startswith("/account/login/")
            assert all("secure" in cookie.lower() for cookie in sent.headers.get_list("set-cookie"))
            page = client.get(world.address("/account/login/"))
            assert "evil.example" not in page.text
    assert documents[0] == documents[1]
    assert documents[0]["issuer"] == world.issuer
