"""`/oauth2/userinfo` and the bearer token it takes."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import MakeGate, bearing, core_of, on_its_loop, tokens
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.registry.models import AllowedTenant, BlockedApplication

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

PATH = "/oauth2/userinfo"


def test_it_tells_the_granted_claims_by_get_and_by_post(gate: TestClient, dario: User, app: Registered) -> None:
    token = tokens(gate, dario, app)["access_token"]
    expected = {
        "sub": dario.public_id,
        "name": "Dario Aurora",
        "given_name": "Dario",
        "family_name": "Aurora",
        "locale": "en",
        "updated_at": dario.updated_at,
        "email": "dario@aurora.example",
        "email_verified": True,
        "tenants": [{"id": "tenant-aurora", "name": "Clinic Aurora"}],
    }
    assert gate.get(PATH, headers=bearing(token)).json() == expected
    assert gate.post(PATH, headers=bearing(token)).json() == expected
    assert gate.post(PATH, data={"access_token": token}).json() == expected


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_a_client_that_registered_an_algorithm_for_it_gets_it_signed(
    make_gate: MakeGate, dario: User, frozen: FrozenClock, alg: str
) -> None:
    from varco.keys import services as keys

    keys.ensure(algorithms=[alg])
    gate = make_gate()
    app = people.application(people.davide(), userinfo_alg=alg)
    got = tokens(gate, dario, app, claims="email")
    plain = {"sub": dario.public_id, "email": "dario@aurora.example", "email_verified": True}
    for answer in (
        gate.get(PATH, headers=bearing(got["access_token"])),
        gate.post(PATH, data={"access_token": got["access_token"]}),
    ):
        assert answer.headers["content-type"] == "application/jwt"
        assert answer.headers["cache-control"] == "no-store"
        published = KeySet.import_key_set(gate.get("/oauth2/jwks").json())
        token = jwt.decode(answer.text, published, algorithms=[alg])
        about = {"iss": "http://localhost:8000", "aud": app.client_id, "iat": frozen.seconds}
        assert token.claims == plain | about
        # It has the issuer, subject and audience of an ID token, signed by the same key: only its type tells them apart.
        assert token.header["typ"] == "userinfo+jwt"
        assert gate.get(PATH, headers=bearing(answer.text)).status_code == 401
    assert alg in gate.get("/.well-known/openid-configuration").json()["userinfo_signing_alg_values_supported"]
    assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).json()["sub"] == dario.public_id
    refused = gate.get(PATH)
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/json")


def test_it_tells_the_sub_alone_when_no_claims_were_granted(gate: TestClient, dario: User, app: Registered) -> None:
    token = tokens(gate, dario, app, "openid", claims="")["access_token"]
    assert gate.get(PATH, headers=bearing(token)).json() == {"sub": dario.public_id}


def test_a_doctor_of_the_other_clinic_is_told_the_other_clinic(gate: TestClient, app: Registered) -> None:
    lia = people.lia()
    told = gate.get(PATH, headers=bearing(tokens(gate, lia, app)["access_token"])).json()
    assert (told["sub"], told["tenants"][0]["id"]) == (lia.public_id, "tenant-levante")


def test_it_is_json_that_nobody_keeps_and_scripts_of_registered_origins_may_read(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    frozen.advance(2)
    people.application(app.application.owner, type="spa", redirect_uris=["https://spa.example/cb"])
    sent = bearing(tokens(gate, dario, app)["access_token"])
    answer = gate.get(PATH, headers=sent | {"origin": "https://spa.example"})
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")
    assert answer.headers["access-control-allow-origin"] == "https://spa.example"
    assert gate.options(PATH, headers={"origin": "https://spa.example"}).status_code == 204
    refused = gate.get(PATH, headers={"origin": "https://spa.example"})
    assert refused.headers["access-control-allow-origin"] == "https://spa.example"
    assert (
        "access-control-allow-origin" not in gate.get(PATH, headers=sent | {"origin": "https://evil.example"}).headers
    )


def test_it_needs_the_scope_openid(gate: TestClient, dario: User, app: Registered) -> None:
    token = tokens(gate, dario, app, "giponext.patients")["access_token"]
    answer = gate.get(PATH, headers=bearing(token))
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert 'scope="openid"' in answer.headers["www-authenticate"]
    for attribute in ("realm=", "scope=", "error=", "error_description="):
        assert answer.headers["www-authenticate"].count(f" {attribute}") == 1


def test_without_a_token_the_challenge_carries_no_error(gate: TestClient) -> None:
    for headers in ({}, {"Authorization": "Basic dTpw"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer  "}):
        answer = gate.get(PATH, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert "error" not in answer.headers["www-authenticate"]


def test_a_token_sent_twice_or_in_the_address_is_an_invalid_request(
    gate: TestClient, dario: User, app: Registered
) -> None:
    token = tokens(gate, dario, app)["access_token"]
    twice = gate.post(PATH, data={"access_token": token}, headers=bearing(token))
    headers = [("Authorization", f"Bearer {token}")] * 2
    for answer in (twice, gate.get(PATH, headers=headers), gate.get(PATH, params={"access_token": token})):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_token_anywhere_else_is_no_token(gate: TestClient, dario: User, app: Registered) -> None:
    token = tokens(gate, dario, app)["access_token"]
    form = {"content-type": "application/x-www-form-urlencoded"}
    for answer in (
        gate.request("GET", PATH, content=f"access_token={token}", headers=form),
        gate.post(PATH, json={"access_token": token}),
        gate.post(PATH, files={"access_token": (None, token)}),
        gate.post(PATH, content=f"access_token={token}"),
        gate.get(PATH, headers={"cookie": f"access_token={token}"}),
        gate.post("/v2/userinfo", data={"access_token": token}),
    ):
        assert answer.status_code in {401, 405}
        assert dario.public_id not in answer.text


def test_only_an_access_token_of_ours_is_one(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app)
    head, payload, signature = got["access_token"].split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"
    for token in (
        got["refresh_token"],
        got["id_token"],
        f"{head}.{payload}",
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature[:-4]}AAAA",
        f"{head}.{payload[:-2]}.{signature}",
        f"{unsigned}.{payload}.",
        "x" * 20_000,
        "ü.ü.ü",
    ):
        answer = gate.get(PATH, headers={b"Authorization": f"Bearer {token}".encode()})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token"), token
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_token_dies_after_ten_minutes_however_often_it_was_used(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    token = tokens(gate, dario, app)["access_token"]
    frozen.advance(599)
    assert gate.get(PATH, headers=bearing(token)).status_code == 200
    frozen.advance(1)
    answer = gate.get(PATH, headers=bearing(token))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_clinic_s_block_bites_on_the_next_request(gate: TestClient, dario: User, app: Registered) -> None:
    token = tokens(gate, dario, app)["access_token"]
    tenant = dario.membership.tenant
    block = BlockedApplication.objects.create(tenant=tenant, application=app.application, blocked_by=dario)
    assert gate.get(PATH, headers=bearing(token)).status_code == 401
    block.delete()
    assert gate.get(PATH, headers=bearing(token)).status_code == 200
    AllowedTenant.objects.create(application=app.application, tenant=people.tenant("Levante"))
    assert gate.get(PATH, headers=bearing(token)).status_code == 401
    AllowedTenant.objects.create(application=app.application, tenant=tenant)
    assert gate.get(PATH, headers=bearing(token)).status_code == 200


def test_a_token_of_another_issuer_s_key_is_refused(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    """A key that is revoked is gone at once, with what was remembered of its signatures."""
    from varco.keys import queries, services
    from varco.keys.models import SigningKey

    token = tokens(gate, dario, app)["access_token"]
    assert gate.get(PATH, headers=bearing(token)).status_code == 200
    signing = queries.current("ES256", frozen.seconds)
    assert signing is not None
    services.revoke(signing.kid)
    on_its_loop(gate, core_of(gate).keyring.refresh, frozen())
    assert gate.get(PATH, headers=bearing(token)).status_code == 401
    fresh = tokens(gate, people.silvia(), app)["access_token"]
    assert gate.get(PATH, headers=bearing(fresh)).status_code == 200
    assert SigningKey.objects.filter(revoked_at=frozen.seconds).count() == 1


def test_a_key_made_a_moment_ago_is_found_when_its_first_token_comes(
    make_gate: MakeGate, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    from varco.keys import services as keys

    first = make_gate()
    keys.ensure(algorithms=["ES256"])
    keys.rotate(algorithms=["ES256"])
    keys.rotate(algorithms=["ES256"])
    second = make_gate()
    token = tokens(second, dario, app)["access_token"]
    frozen.advance(2)
    assert first.get(PATH, headers=bearing(token)).status_code == 200
