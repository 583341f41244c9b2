"""Tokens bound to a key (RFC 9449): using them."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, tokens, written
from tests.gate.test_dpop import bound, call, error
from tests.support.client_keys import ISSUER, ClientKey
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.grants.models import Grant, UsedJti

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

API = "https://api.example"
ALGS = 'algs="ES256 PS256 EdDSA Ed25519"'


class Holder:
    """An application with a bound token and its key."""

    def __init__(self, gate: TestClient, app: Registered, user: User, clock: FrozenClock) -> None:
        self.gate, self.clock, self.key = gate, clock, ClientKey()
        got = bound(gate, app, user, self.key, clock.seconds)
        self.token, self.refresh_token = got["access_token"], got["refresh_token"]

    def proof(self, path: str = "/v2/userinfo", method: str = "GET", **changes: Any) -> str:
        base = ISSUER if path.startswith("/oauth2/") else API
        changes = {"token": self.token} | changes
        return self.key.proof(method, changes.pop("htu", base + path), self.clock.seconds, **changes)

    def call(self, path: str = "/v2/userinfo", method: str = "GET", **changes: Any) -> Response:
        return call(self.gate, self.token, self.proof(path, method, **changes), path, method)


@pytest.fixture
def holder(gate: TestClient, app: Registered, dario: User, frozen: FrozenClock) -> Holder:
    UsedJti.objects.all().delete()
    return Holder(gate, app, dario, frozen)


def test_every_resource_takes_a_proven_token(holder: Holder) -> None:
    assert holder.call().status_code == 200
    assert holder.call("/oauth2/userinfo").status_code == 200
    assert holder.call("/oauth2/userinfo", "POST").status_code == 200
    assert holder.call("/v2/tenants/tenant-aurora/patients").status_code == 200
    assert (
        holder.call(
            "/v2/tenants/tenant-aurora/patients?limit=1", htu=f"{API}/v2/tenants/tenant-aurora/patients"
        ).status_code
        == 200
    )
    assert holder.call("/v2/tenants/tenant-levante/patients").status_code == 404


def test_the_scheme_is_read_in_any_case(holder: Holder) -> None:
    for scheme in ("dpop", "DPOP", "DPoP"):
        headers = {"authorization": f"{scheme} {holder.token}", "dpop": holder.proof()}
        assert holder.gate.get("/v2/userinfo", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/v2/userinfo", "/oauth2/userinfo", "/v2/tenants/tenant-aurora/patients"])
def test_a_bound_token_is_no_bearer_token(holder: Holder, path: str) -> None:
    for headers in (bearing(holder.token), bearing(holder.token) | {"dpop": holder.proof(path)}):
        answer = holder.gate.get(path, headers=headers)
        assert error(answer) == (401, "invalid_token")
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith('DPoP realm="varco", error="invalid_token"')
        assert ALGS in challenge


def test_nor_one_for_a_form(holder: Holder) -> None:
    posted = {"access_token": holder.token}
    answer = holder.gate.post("/oauth2/userinfo", data=posted)
    assert error(answer) == (401, "invalid_token")
    proven = holder.gate.post(
        "/oauth2/userinfo", data=posted, headers={"dpop": holder.proof("/oauth2/userinfo", "POST")}
    )
    assert error(proven) == (401, "invalid_token")
    twice = {"authorization": f"DPoP {holder.token}", "dpop": holder.proof("/oauth2/userinfo", "POST")}
    assert error(holder.gate.post("/oauth2/userinfo", data=posted, headers=twice)) == (400, "invalid_request")


def test_an_unbound_token_is_no_proven_one(gate: TestClient, app: Registered, dario: User, frozen: FrozenClock) -> None:
    token = tokens(gate, dario, app)["access_token"]
    proof = ClientKey().proof("GET", f"{API}/v2/userinfo", frozen.seconds, token=token)
    answer = call(gate, token, proof)
    assert error(answer) == (401, "invalid_token")
    assert error(call(gate, token, None)) == (401, "invalid_dpop_proof")
    assert gate.get("/v2/userinfo", headers=bearing(token)).status_code == 200


def test_without_a_proof(holder: Holder) -> None:
    answer = call(holder.gate, holder.token, None)
    assert error(answer) == (401, "invalid_dpop_proof")
    assert answer.headers["www-authenticate"].startswith('DPoP realm="varco", error="invalid_dpop_proof"')


WRONG: dict[str, tuple[Callable[[Holder], Response], str]] = {
    "another key": (
        lambda h: call(h.gate, h.token, ClientKey().proof("GET", f"{API}/v2/userinfo", h.clock.seconds, token=h.token)),
        "invalid_token",
    ),
    "no ath": (lambda h: h.call(ath=None), "invalid_dpop_proof"),
    "the hash of another token": (lambda h: h.call(token="another"), "invalid_dpop_proof"),
    "another method": (lambda h: h.call(htm="POST"), "invalid_dpop_proof"),
    "another address": (lambda h: h.call(htu=f"{API}/v2/tenants/tenant-aurora/patients"), "invalid_dpop_proof"),
    "another host": (lambda h: h.call(htu=f"{ISSUER}/v2/userinfo"), "invalid_dpop_proof"),
    "long ago": (lambda h: h.call(iat=h.clock.seconds - 121), "invalid_dpop_proof"),
    "garbage": (lambda h: call(h.gate, h.token, "garbage"), "invalid_dpop_proof"),
    "the token as proof": (lambda h: call(h.gate, h.token, h.token), "invalid_dpop_proof"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_proof_that_is_wrong_is_refused_and_traced(holder: Holder, app: Registered, what: str) -> None:
    UsedJti.objects.all().delete()
    act, expected = WRONG[what]
    answer = act(holder)
    assert error(answer) == (401, expected)
    assert f'error="{expected}"' in answer.headers["www-authenticate"]
    assert ALGS in answer.headers["www-authenticate"]
    assert not UsedJti.objects.exists()
    gate = holder.gate
    written(gate)
    row = RefusedRequest.objects.get(request_id=answer.headers["x-request-id"])
    assert row.application_id == app.application.pk


def test_a_proof_is_used_once(holder: Holder) -> None:
    proof = holder.proof()
    assert call(holder.gate, holder.token, proof).status_code == 200
    assert error(call(holder.gate, holder.token, proof)) == (401, "invalid_dpop_proof")


def test_of_fifty_uses_of_one_proof_one_succeeds(holder: Holder) -> None:
    proof = holder.proof()
    answers = race(lambda _: call(holder.gate, holder.token, proof))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 49


def test_two_proofs_are_one_too_many(holder: Holder) -> None:
    headers = [("authorization", f"DPoP {holder.token}"), ("dpop", holder.proof()), ("dpop", holder.proof())]
    answer = holder.gate.get("/v2/userinfo", headers=headers)
    assert error(answer) == (401, "invalid_dpop_proof")
    assert answer.headers["www-authenticate"].startswith("DPoP ")


def test_the_id_of_an_interaction_is_told_back_if_it_is_one(holder: Holder) -> None:
    """FAPI 2.0 Implementation Advice §2.1.1: a UUID, and nothing else that somebody may have put there."""
    given = "7F6B5b0e-1c1d-4a8e-9a38-0f0f3a3c1d2e"
    for path in ("/v2/userinfo", "/oauth2/userinfo", "/v2/tenants/tenant-levante/patients"):
        for sent, told in ((given, given), (given + "0", None), ("<script>", None), ("é", None)):
            headers = {
                b"authorization": f"DPoP {holder.token}".encode(),
                b"dpop": holder.proof(path).encode(),
                b"x-fapi-interaction-id": sent.encode(),
            }
            assert holder.gate.get(path, headers=headers).headers.get("x-fapi-interaction-id") == told


def test_without_a_token_both_schemes_are_offered_and_no_error_is_told(
    gate: TestClient, transactional_db: None
) -> None:
    challenges = gate.get("/v2/userinfo").headers.get_list("www-authenticate")
    told = 'realm="varco", resource_metadata="https://api.example/.well-known/oauth-protected-resource"'
    assert challenges == [f"Bearer {told}", f"DPoP {told}, {ALGS}"]


def test_a_bound_token_dies_like_any_other(holder: Holder) -> None:
    Grant.objects.update(state="ended")
    answer = holder.call()
    assert error(answer) == (401, "invalid_token")
    assert answer.headers["www-authenticate"].startswith("DPoP ")


def test_a_refresh_token_is_no_proven_token(holder: Holder) -> None:
    proof = holder.proof(token=holder.refresh_token)
    assert error(call(holder.gate, holder.refresh_token, proof)) == (401, "invalid_token")
