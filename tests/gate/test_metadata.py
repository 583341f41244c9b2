"""The metadata documents and the key set, as programs find them (RFC 8414 §3, OpenID Connect Discovery §4, RFC 7517)."""

from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import MakeGate
from tests.support.client_keys import ISSUER
from varco.keys import services as keys
from varco.protocol.jose.algorithms import ALGORITHMS

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]

OPENID, OAUTH = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
PORTAL = {"/oauth2/authorize", "/oauth2/logout"}


@pytest.mark.parametrize("path", [OPENID, OAUTH])
def test_a_document_is_json_for_everybody_and_of_this_issuer(gate: TestClient, path: str) -> None:
    answer = gate.get(path, headers={"origin": "https://anybody.example", "host": "evil.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["issuer"] == ISSUER
    assert "evil.example" not in answer.text
    assert gate.head(path).status_code == 200
    assert gate.post(path).status_code == 405


def test_both_documents_say_the_same_and_nothing_empty(gate: TestClient) -> None:
    document = gate.get(OPENID).json()
    assert document == gate.get(OAUTH).json()
    assert [name for name, value in document.items() if value in ([], "", None)] == []
    required = {"authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"}
    assert required | {"subject_types_supported", "id_token_signing_alg_values_supported"} <= document.keys()
    assert "openid" in document["scopes_supported"]
    assert document["acr_values_supported"] == ["urn:varco:acr:1", "urn:varco:acr:2"]
    assert not any("none" in value for name, value in document.items() if name.endswith("alg_values_supported"))


def test_what_is_announced_is_there(gate: TestClient) -> None:
    document = gate.get(OPENID).json()
    found = {urlsplit(value).path for name, value in document.items() if name.endswith(("_endpoint", "_uri")) and value}
    assert {path for path in found if gate.options(path).status_code == 404} == PORTAL


def test_every_id_token_algorithm_is_announced_rs256_among_them(make_gate: MakeGate) -> None:
    keys.ensure(algorithms=ALGORITHMS)
    document = make_gate().get(OPENID).json()
    assert document["id_token_signing_alg_values_supported"] == ["RS256", "ES256", "PS256", "EdDSA"]


def test_the_key_set_holds_public_keys_for_signatures_each_with_a_name(make_gate: MakeGate) -> None:
    keys.ensure(algorithms=ALGORITHMS)
    answer = make_gate().get("/oauth2/jwks")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwk-set+json")
    assert "max-age" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"
    published = answer.json()["keys"]
    assert {key["alg"] for key in published} == set(ALGORITHMS)
    assert {key["use"] for key in published} == {"sig"}
    assert len({key["kid"] for key in published}) == len(published)
    assert not any({"d", "p", "q", "dp", "dq", "qi", "k", "x5u", "jku"} & key.keys() for key in published)


def test_an_issuer_has_no_path_so_no_document_stands_in_one(gate: TestClient) -> None:
    """RFC 8414 §3.1, Discovery §4.1: where a tenant's path would be put, nothing answers."""
    for path in (f"{OAUTH}/tenant", f"{OPENID}/tenant", f"/tenant{OPENID}"):
        assert gate.get(path).status_code == 404


RESOURCE = "/.well-known/oauth-protected-resource"
METADATA = f'resource_metadata="https://api.example{RESOURCE}"'


def test_the_api_says_who_issues_tokens_for_it_and_how_they_are_sent(gate: TestClient) -> None:
    """RFC 9728 §2, §3: `resource` is the audience of access tokens, and the document is for everybody."""
    answer = gate.get(RESOURCE, headers={"origin": "https://anybody.example", "host": "evil.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["access-control-allow-origin"] == "*"
    told = answer.json()
    server = gate.get(OAUTH).json()
    assert told["resource"] == "https://api.example"
    assert server["protected_resources"] == [told["resource"]]
    assert told["authorization_servers"] == [server["issuer"]] == [ISSUER]
    assert told["scopes_supported"] == server["scopes_supported"]
    assert told["bearer_methods_supported"] == ["header"]
    assert told["dpop_signing_alg_values_supported"] == server["dpop_signing_alg_values_supported"]


@pytest.mark.parametrize("path", ["/v2/userinfo", "/oauth2/userinfo", "/v2/tenants/tenant-aurora/patients"])
def test_a_challenge_leads_to_that_document(gate: TestClient, path: str) -> None:
    """RFC 9728 §5.1, with a token that is refused and without one, in both schemes."""
    without = gate.get(path).headers.get_list("www-authenticate")
    assert [challenge.split(" ")[0] for challenge in without] == ["Bearer", "DPoP"]
    refused = gate.get(path, headers={"authorization": "Bearer forged"}).headers.get_list("www-authenticate")
    assert len(refused) == 1
    assert [challenge.count(METADATA) for challenge in [*without, *refused]] == [1, 1, 1]


@pytest.mark.parametrize("path", [OAUTH, RESOURCE, "/healthz", "/v2/userinfo", "/v2/nothing", "/oauth2/jwks"])
def test_every_answer_is_confined_and_names_no_server_software(gate: TestClient, path: str) -> None:
    headers = gate.get(path).headers
    assert (headers["x-content-type-options"], headers["server"]) == ("nosniff", "varco")
    assert "strict-transport-security" not in headers


def test_over_https_browsers_are_told_to_stay_there(make_gate: MakeGate) -> None:
    gate = make_gate(issuer="https://login.example")
    for path in (OAUTH, "/v2/userinfo"):
        assert gate.get(path).headers["strict-transport-security"] == "max-age=31536000"
