"""Tokens bound to a key (RFC 9449): getting them."""

import re
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import VERIFIER, MakeGate, bearing, grant, written
from tests.support import people
from tests.support.authorization_pages import parameters
from tests.support.client_keys import ISSUER, ClientKey, asserting, segment
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.grants.models import Grant, PushedRequest, UsedJti

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

TOKEN = f"{ISSUER}/oauth2/token"


@pytest.fixture
def key() -> ClientKey:
    return ClientKey()


@pytest.fixture
def native(transactional_db: None, frozen: FrozenClock) -> Registered:
    """A public client."""
    return people.application(people.davide(), type="native")


def post(gate: TestClient, app: Registered, proof: str | None, **form: str) -> Response:
    headers = {} if proof is None else {"dpop": proof}
    if app.secret:
        return gate.post("/oauth2/token", data=form, headers=headers, auth=(app.client_id, app.secret))
    return gate.post("/oauth2/token", data=form | {"client_id": app.client_id}, headers=headers)


def redeem(gate: TestClient, app: Registered, code: str, proof: str | None) -> Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": people.CALLBACK,
        "code_verifier": VERIFIER,
    }
    return post(gate, app, proof, **form)


def refresh(gate: TestClient, app: Registered, token: str, proof: str | None) -> Response:
    return post(gate, app, proof, grant_type="refresh_token", refresh_token=token)


def bound(gate: TestClient, app: Registered, user: User, key: ClientKey, now: int) -> dict[str, Any]:
    """The tokens of a fresh grant, bound to a key."""
    _, code = grant(user, app)
    answer = redeem(gate, app, code, key.proof("POST", TOKEN, now))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def call(gate: TestClient, token: str, proof: str | None, path: str = "/v2/userinfo", method: str = "GET") -> Response:
    headers = {"authorization": f"DPoP {token}"} | ({} if proof is None else {"dpop": proof})
    return gate.request(method, path, headers=headers)


def error(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def works(gate: TestClient, token: str, key: ClientKey, now: int) -> bool:
    proof = key.proof("GET", "https://api.example/v2/userinfo", now, token=token)
    return call(gate, token, proof).status_code == 200


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
def test_a_proof_at_the_token_endpoint_binds_the_tokens(
    gate: TestClient, app: Registered, dario: User, frozen: FrozenClock, alg: str
) -> None:
    key = ClientKey(alg)
    got = bound(gate, app, dario, key, frozen.seconds)
    assert got["token_type"] == "DPoP"
    assert works(gate, got["access_token"], key, frozen.seconds)
    assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code == 401
    told = gate.post("/oauth2/introspect", data={"token": got["access_token"]}, auth=(app.client_id, app.secret)).json()
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": key.jkt})
    assert Grant.objects.get().dpop_jkt == key.jkt


def test_a_public_client_s_refresh_token_is_bound_to_the_key(
    gate: TestClient, native: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    now = frozen.seconds
    got = bound(gate, native, dario, key, now)
    assert error(refresh(gate, native, got["refresh_token"], None)) == (400, "invalid_grant")
    stolen = refresh(gate, native, got["refresh_token"], ClientKey().proof("POST", TOKEN, now))
    assert error(stolen) == (400, "invalid_grant")
    newer = refresh(gate, native, got["refresh_token"], key.proof("POST", TOKEN, now))
    assert newer.json()["token_type"] == "DPoP"
    assert works(gate, newer.json()["access_token"], key, now)


def test_the_predecessor_needs_the_key_too(
    gate: TestClient, native: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    now = frozen.seconds
    first = bound(gate, native, dario, key, now)["refresh_token"]
    second = refresh(gate, native, first, key.proof("POST", TOKEN, now)).json()["refresh_token"]
    assert error(refresh(gate, native, first, None)) == (400, "invalid_grant")
    assert error(refresh(gate, native, first, ClientKey().proof("POST", TOKEN, now))) == (400, "invalid_grant")
    assert refresh(gate, native, first, key.proof("POST", TOKEN, now)).json()["refresh_token"] == second
    third = refresh(gate, native, second, key.proof("POST", TOKEN, now)).json()["refresh_token"]
    # An old token without the key is nobody's reuse: whoever merely saw it cannot end the grant.
    assert error(refresh(gate, native, first, None)) == (400, "invalid_grant")
    assert refresh(gate, native, third, key.proof("POST", TOKEN, now)).status_code == 200
    assert error(refresh(gate, native, first, key.proof("POST", TOKEN, now))) == (400, "invalid_grant")
    assert Grant.objects.get().end_reason == "refresh_reused"


def test_a_confidential_client_may_change_its_key_but_not_go_without(
    gate: TestClient, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    now = frozen.seconds
    token = bound(gate, app, dario, key, now)["refresh_token"]
    assert error(refresh(gate, app, token, None)) == (400, "invalid_grant")
    new = ClientKey("EdDSA")
    got = refresh(gate, app, token, new.proof("POST", TOKEN, now)).json()
    assert works(gate, got["access_token"], new, now)
    assert not works(gate, got["access_token"], key, now)
    assert Grant.objects.get().dpop_jkt == new.jkt


def test_a_proof_with_an_unbound_refresh_token_binds_it_from_then_on(
    gate: TestClient, native: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    _, code = grant(dario, native)
    got = redeem(gate, native, code, None).json()
    assert got["token_type"] == "Bearer"
    got = refresh(gate, native, got["refresh_token"], key.proof("POST", TOKEN, frozen.seconds)).json()
    assert got["token_type"] == "DPoP"
    assert error(refresh(gate, native, got["refresh_token"], None)) == (400, "invalid_grant")


def test_fifty_rotations_at_the_same_moment_agree_on_one_successor(
    gate: TestClient, native: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    token = bound(gate, native, dario, key, frozen.seconds)["refresh_token"]
    proofs = [key.proof("POST", TOKEN, frozen.seconds) for _ in range(50)]
    answers = race(lambda number: refresh(gate, native, token, proofs[number]))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


def test_a_code_asked_for_with_a_key_is_redeemed_with_it(
    gate: TestClient, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    made, code = grant(dario, app, dpop_jkt=key.jkt)
    assert error(redeem(gate, app, code, None)) == (400, "invalid_grant")
    assert error(redeem(gate, app, code, ClientKey().proof("POST", TOKEN, frozen.seconds))) == (400, "invalid_grant")
    made.refresh_from_db()
    assert made.state == "code"
    assert redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds)).status_code == 200


def test_a_proof_at_par_binds_the_code(gate: TestClient, app: Registered, key: ClientKey, frozen: FrozenClock) -> None:
    auth = (app.client_id, app.secret)
    address = f"{ISSUER}/oauth2/par"

    def push(proof: str, **changes: str) -> Response:
        return gate.post("/oauth2/par", data=parameters(app, **changes), headers={"dpop": proof}, auth=auth)

    assert push(key.proof("POST", address, frozen.seconds)).status_code == 201
    assert push(key.proof("POST", address, frozen.seconds), dpop_jkt=key.jkt).status_code == 201
    assert {row.dpop_jkt for row in PushedRequest.objects.all()} == {key.jkt}
    other = push(key.proof("POST", address, frozen.seconds), dpop_jkt=ClientKey().jkt)
    assert error(other) == (400, "invalid_dpop_proof")
    assert error(push(key.proof("POST", TOKEN, frozen.seconds))) == (400, "invalid_dpop_proof")
    once = key.proof("POST", address, frozen.seconds)
    assert [push(once).status_code for _ in range(2)] == [201, 400]


WRONG: dict[str, dict[str, Any]] = {
    "another method": {"htm": "GET"},
    "another address": {"htu": f"{ISSUER}/oauth2/par"},
    "another host": {"htu": "https://evil.example/oauth2/token"},
    "another scheme": {"htu": "https://localhost:8000/oauth2/token"},
    "no address": {"htu": None},
    "no method": {"htm": None},
    "no jti": {"jti": None},
    "a jti that is no text": {"jti": 7},
    "an endless jti": {"jti": "x" * 1000},
    "no time": {"iat": None},
    "a time that is none": {"iat": "now"},
    "long ago": {"iat": 1_800_000_000 - 121},
    "to come": {"iat": 1_800_000_000 + 31},
    "another type": {"header": {"typ": "JWT"}},
    "no type": {"header": {"typ": ""}},
    "a critical extension": {"header": {"crit": ["typ"]}},
    "a key by address": {"header": {"x5u": "https://evil.example"}},
    "a symmetric key": {"header": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}},
    "no key": {"header": {"jwk": {}}},
    "another's key": {"header": {"jwk": ClientKey().bare}},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_proof_that_is_wrong_is_refused_and_the_code_stays_good(
    gate: TestClient, app: Registered, dario: User, frozen: FrozenClock, what: str
) -> None:
    key = ClientKey()
    _, code = grant(dario, app)
    answer = redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds, **WRONG[what]))
    assert error(answer) == (400, "invalid_dpop_proof")
    assert not UsedJti.objects.exists()
    assert redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds)).status_code == 200
    written(gate)
    row = RefusedRequest.objects.get(request_id=answer.json()["request_id"])
    assert (row.application_id, row.rule[:8]) == (app.application.pk, "RFC 9449")


def test_a_private_key_in_a_proof_is_refused(
    gate: TestClient, app: Registered, dario: User, frozen: FrozenClock
) -> None:
    key = ClientKey()
    _, code = grant(dario, app)
    proof = key.proof("POST", TOKEN, frozen.seconds, header={"jwk": key.key.as_dict(private=True)})
    assert error(redeem(gate, app, code, proof)) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize(
    "garbage", ["x", "..", "a.b.c", "e30.e30.", "x" * 17_000, segment(b'{"alg":"none"}') + ".e30."]
)
def test_garbage_is_no_proof(gate: TestClient, app: Registered, dario: User, garbage: str) -> None:
    _, code = grant(dario, app)
    assert error(redeem(gate, app, code, garbage)) == (400, "invalid_dpop_proof")


def test_two_proofs_are_one_too_many(
    gate: TestClient, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    _, code = grant(dario, app)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": people.CALLBACK,
        "code_verifier": VERIFIER,
    }
    headers = [("dpop", key.proof("POST", TOKEN, frozen.seconds)) for _ in range(2)]
    answer = gate.post("/oauth2/token", data=form, headers=headers, auth=(app.client_id, app.secret))
    assert error(answer) == (400, "invalid_dpop_proof")


def test_the_address_is_compared_as_an_address(
    gate: TestClient, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    for htu in (
        f"{TOKEN}?a=b",
        f"{TOKEN}#x",
        "HTTP://LOCALHOST:8000/oauth2/token",
        "http://localhost:8000/oauth2/%74oken",
    ):
        _, code = grant(dario, app)
        assert redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds, htu=htu)).status_code == 200, htu


def test_a_proof_is_used_once(
    gate: TestClient, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    proof = key.proof("POST", TOKEN, frozen.seconds)
    _, first = grant(dario, app)
    _, second = grant(dario, app)
    assert redeem(gate, app, first, proof).status_code == 200
    assert error(redeem(gate, app, second, proof)) == (400, "invalid_dpop_proof")


def test_of_fifty_uses_of_one_proof_one_succeeds(
    gate: TestClient, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    proof = key.proof("POST", TOKEN, frozen.seconds)
    codes = [grant(dario, app)[1] for _ in range(50)]
    answers = race(lambda number: redeem(gate, app, codes[number], proof))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 49


def test_the_same_jti_in_another_s_proof_and_in_an_assertion_are_other_things(
    gate: TestClient, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    app = people.application(people.davide(), token_endpoint_auth_method="private_key_jwt", jwks=key.jwks)
    for prover in (key, ClientKey()):
        _, code = grant(dario, app)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": people.CALLBACK,
            "code_verifier": VERIFIER,
        }
        form |= asserting(key.assertion(app, frozen.seconds, jti=f"one{'' if prover is key else ' more'}"))
        proof = prover.proof("POST", TOKEN, frozen.seconds, jti="one")
        assert gate.post("/oauth2/token", data=form, headers={"dpop": proof}).status_code == 200
    assert {row.kind for row in UsedJti.objects.all()} == {"assertion", "dpop"}


def test_a_request_without_authentication_uses_up_no_proof(
    gate: TestClient, app: Registered, key: ClientKey, frozen: FrozenClock
) -> None:
    proof = key.proof("POST", TOKEN, frozen.seconds)
    form = {"grant_type": "authorization_code", "code": "x", "client_id": app.client_id}
    assert error(gate.post("/oauth2/token", data=form, headers={"dpop": proof})) == (401, "invalid_client")
    assert not UsedJti.objects.exists()


def test_nonces_when_they_are_required(
    make_gate: MakeGate, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    gate = make_gate(dpop_nonce="true")
    _, code = grant(dario, app, code_expires_at=frozen.seconds + 5000)
    asked = redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds))
    assert error(asked) == (400, "use_dpop_nonce")
    nonce = asked.headers["dpop-nonce"]
    assert error(redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds, nonce=nonce[:-1] + "_"))) == (
        400,
        "use_dpop_nonce",
    )
    assert error(redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds, nonce=7))) == (400, "use_dpop_nonce")
    frozen.advance(601)
    late = redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds, nonce=nonce))
    assert error(late) == (400, "use_dpop_nonce")
    nonce = late.headers["dpop-nonce"]
    frozen.advance(299)
    got = redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds, nonce=nonce))
    assert got.status_code == 200
    assert got.headers["dpop-nonce"]
    token = got.json()["access_token"]
    address = "https://api.example/v2/userinfo"
    first = call(gate, token, key.proof("GET", address, frozen.seconds, token=token))
    assert error(first) == (401, "use_dpop_nonce")
    assert 'DPoP realm="varco", error="use_dpop_nonce"' in first.headers["www-authenticate"]
    again = key.proof("GET", address, frozen.seconds, token=token, nonce=first.headers["dpop-nonce"])
    assert call(gate, token, again).status_code == 200


def test_an_answer_with_a_nonce_holds_one_and_is_not_stored(
    make_gate: MakeGate, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    """RFC 9449 §8: a stored answer would hand out a nonce that has ended."""
    gate = make_gate(dpop_nonce="true")
    _, code = grant(dario, app)
    asked = redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds))
    proof = key.proof("POST", TOKEN, frozen.seconds, nonce=asked.headers["dpop-nonce"])
    got = redeem(gate, app, code, proof)
    token = got.json()["access_token"]
    address = "https://api.example/v2/userinfo"
    called = call(gate, token, key.proof("GET", address, frozen.seconds, token=token))
    for answer, status in ((asked, 400), (got, 200), (called, 401)):
        assert answer.status_code == status
        (nonce,) = answer.headers.get_list("dpop-nonce")
        assert re.fullmatch("[A-Za-z0-9_-]{24}", nonce)
        assert answer.headers["cache-control"] == "no-store"


def test_a_nonce_nobody_asked_for_does_no_harm(
    gate: TestClient, app: Registered, dario: User, key: ClientKey, frozen: FrozenClock
) -> None:
    _, code = grant(dario, app)
    assert redeem(gate, app, code, key.proof("POST", TOKEN, frozen.seconds, nonce="anything")).status_code == 200


def test_it_is_announced_and_scripts_can_read_the_nonce(gate: TestClient, frozen: FrozenClock) -> None:
    document = gate.get("/.well-known/openid-configuration")
    assert document.json()["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA", "Ed25519"]
    assert "dpop-nonce" in document.headers["access-control-expose-headers"]
    people.application(people.davide(), type="spa", redirect_uris=["https://spa.example/cb"])
    frozen.advance(5)
    asked = gate.options("/oauth2/token", headers={"origin": "https://spa.example"})
    assert "dpop" in asked.headers["access-control-allow-headers"]
