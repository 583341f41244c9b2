"""A client that signs instead of sending a secret (RFC 7523)."""

import hmac
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import VERIFIER, bearing, grant, tokens, written
from tests.support import people
from tests.support.client_keys import ALGORITHMS, ISSUER, ClientKey, asserting, segment
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.grants.models import UsedJti
from varco.registry.models import Application, Revision

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@dataclass
class Signer:
    """An application that authenticates with its key."""

    app: Registered
    key: ClientKey
    clock: FrozenClock

    @property
    def client_id(self) -> str:
        return self.app.client_id

    def assertion(self, **changes: Any) -> str:
        return self.key.assertion(self.app, self.clock.seconds, **changes)


def make_signer(clock: FrozenClock, alg: str = "ES256", **changes: Any) -> Signer:
    key = ClientKey(alg)
    fields = {"token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks} | changes
    return Signer(people.application(User.objects.first() or people.davide(), **fields), key, clock)


@pytest.fixture
def signer(transactional_db: None, frozen: FrozenClock) -> Signer:
    return make_signer(frozen)


def ask(gate: TestClient, assertion: str, **form: str) -> Response:
    """The cheapest request that needs authentication: about a token that is none."""
    return gate.post("/oauth2/introspect", data={"token": "x"} | asserting(assertion) | form)


def refused(answer: Response) -> None:
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


def redeem(gate: TestClient, code: str, assertion: str, **form: str) -> Response:
    what = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": people.CALLBACK,
        "code_verifier": VERIFIER,
    }
    return gate.post("/oauth2/token", data=what | asserting(assertion) | form)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_every_algorithm_works_from_code_to_revocation(
    gate: TestClient, dario: User, frozen: FrozenClock, alg: str
) -> None:
    signer = make_signer(frozen, alg)
    _, code = grant(dario, signer.app)
    got = redeem(gate, code, signer.assertion()).json()
    form = {"grant_type": "refresh_token", "refresh_token": got["refresh_token"], "client_id": signer.client_id}
    got = gate.post("/oauth2/token", data=form | asserting(signer.assertion())).json()
    told = ask(gate, signer.assertion(), token=got["access_token"]).json()
    assert told["active"] is True
    form = {"token": got["refresh_token"]} | asserting(signer.assertion())
    assert gate.post("/oauth2/revoke", data=form).status_code == 200
    assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code == 401


def test_an_ed25519_key_signs_by_either_name_of_its_algorithm(
    gate: TestClient, dario: User, frozen: FrozenClock
) -> None:
    """RFC 9864: what openid-client calls Ed25519 is what others call EdDSA, in assertions and in proofs."""
    signer = make_signer(frozen, "EdDSA", profile="fapi2")
    for alg in ("EdDSA", "Ed25519"):
        _, code = grant(dario, signer.app)
        header = {"alg": alg, "kid": signer.key.kid, "typ": "JWT"}
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": people.CALLBACK}
        form |= {"code_verifier": VERIFIER} | asserting(signer.assertion(header=header))
        proof = signer.key.proof("POST", f"{ISSUER}/oauth2/token", frozen.seconds, header={"alg": alg})
        answer = gate.post("/oauth2/token", data=form, headers={"dpop": proof})
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("audience", [ISSUER, [ISSUER]], ids=str)
def test_the_audience_is_this_server(gate: TestClient, signer: Signer, audience: Any) -> None:
    assert ask(gate, signer.assertion(aud=audience)).status_code == 200


def test_the_token_endpoint_is_the_audience_where_it_is_registered(
    gate: TestClient, dario: User, frozen: FrozenClock
) -> None:
    token_url = f"{ISSUER}/oauth2/token"
    signer = make_signer(frozen, token_endpoint_audience=True)
    for audience in (ISSUER, token_url, [token_url]):
        _, code = grant(dario, signer.app)
        assert redeem(gate, code, signer.assertion(aud=audience)).status_code == 200
        assert ask(gate, signer.assertion(aud=audience)).status_code == 200
    for audience in (f"{ISSUER}/oauth2/introspect", [ISSUER, token_url], [token_url, "https://other.example"]):
        refused(ask(gate, signer.assertion(aud=audience)))
    bank = make_signer(frozen, token_endpoint_audience=True, profile="fapi2")
    refused(ask(gate, bank.assertion(aud=token_url)))
    assert ask(gate, bank.assertion()).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None},
        {"aud": []},
        {"aud": "https://other.example"},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": f"{ISSUER}/"},
        {"aud": f"{ISSUER}/oauth2/token"},
        {"aud": f"{ISSUER}/oauth2/introspect"},
        {"aud": [ISSUER, f"{ISSUER}/oauth2/token"]},
        {"iss": "varco-other"},
        {"iss": None},
        {"sub": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 300},
        {"exp": None},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": 1 << 62},
        {"iat": 1 << 40},
        {"nbf": 1 << 40},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_is_refused(gate: TestClient, signer: Signer, changes: dict[str, Any]) -> None:
    refused(ask(gate, signer.assertion(**changes)))
    assert not UsedJti.objects.exists()


@pytest.mark.parametrize(
    ("header", "fine"),
    [
        ({}, True),
        ({"typ": "JWT"}, True),
        ({"typ": "jwt"}, True),
        ({"typ": "client-authentication+jwt"}, True),
        ({"typ": "at+jwt"}, False),
        ({"typ": "dpop+jwt"}, False),
        ({"typ": "logout+jwt"}, False),
        ({"kid": "another"}, False),
        ({"crit": ["typ"], "typ": "JWT"}, False),
        ({"jku": "https://evil.example/keys"}, False),
        ({"x5u": "https://evil.example/keys"}, False),
        ({"b64": True}, False),
    ],
    ids=str,
)
def test_a_header_tells_no_more_than_alg_kid_and_typ(
    gate: TestClient, signer: Signer, header: dict[str, Any], fine: bool
) -> None:
    answer = ask(gate, signer.assertion(header=header))
    assert answer.status_code == (200 if fine else 401), answer.text


def test_a_key_that_is_not_registered_signs_nothing(gate: TestClient, signer: Signer) -> None:
    other = replace(signer, key=ClientKey(kid=signer.key.kid))
    for header in (None, {"jwk": other.key.bare}, {}):
        refused(ask(gate, other.assertion(header=header)))


def test_neither_no_algorithm_nor_a_public_key_as_a_secret_signs(gate: TestClient, signer: Signer) -> None:
    _, payload, signature = signer.assertion().split(".")
    unsigned = segment(json.dumps({"alg": "none"}).encode())
    symmetric = segment(json.dumps({"alg": "HS256", "kid": signer.key.kid}).encode())
    secret = json.dumps(signer.key.jwk).encode()
    mac = segment(hmac.digest(secret, f"{symmetric}.{payload}".encode(), "sha256"))
    for forged in (
        f"{unsigned}.{payload}.",
        f"{unsigned}.{payload}.{signature}",
        f"{symmetric}.{payload}.{mac}",
        f"{symmetric}.{payload}.{signature}",
    ):
        refused(ask(gate, forged))


def test_an_altered_or_truncated_assertion_is_refused(gate: TestClient, signer: Signer) -> None:
    good = signer.assertion()
    header, payload, signature = good.split(".")
    changed = segment(b'{"sub":"' + signer.client_id.encode() + b'"}')
    for bad in (
        f"{header}.{changed}.{signature}",
        f"{header}.{payload}.{signature[:-4]}",
        f"{header}.{payload}.",
        good + ".",
    ):
        refused(ask(gate, bad, client_id=signer.client_id))
    assert ask(gate, good).status_code == 200


def test_garbage_is_refused(gate: TestClient, signer: Signer) -> None:
    for garbage in ("x", "..", "a.b.c", "e30.e30.", "é.é.é", "e30." + segment(b'{"sub": 1}') + ".x", "x" * 16_000):
        refused(ask(gate, garbage, client_id=signer.client_id))


def test_an_assertion_is_used_once(gate: TestClient, signer: Signer) -> None:
    assertion = signer.assertion()
    assert ask(gate, assertion).status_code == 200
    again = gate.post("/oauth2/revoke", data={"token": "x"} | asserting(assertion))
    refused(again)
    assert "used before" in again.json()["error_description"]
    assert ask(gate, signer.assertion()).status_code == 200


def test_of_fifty_uses_at_the_same_moment_one_succeeds(gate: TestClient, signer: Signer) -> None:
    assertion = signer.assertion()
    answers = race(lambda _: ask(gate, assertion))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 49


def test_a_forged_assertion_does_not_use_up_the_jti_of_a_genuine_one(gate: TestClient, signer: Signer) -> None:
    refused(ask(gate, replace(signer, key=ClientKey(kid=signer.key.kid)).assertion(jti="one")))
    assert ask(gate, signer.assertion(jti="one")).status_code == 200


def test_two_applications_may_choose_the_same_jti(gate: TestClient, signer: Signer) -> None:
    other = make_signer(signer.clock, name="Another")
    assert signer.client_id != other.client_id
    for one in (signer, other):
        assert ask(gate, one.assertion(jti="one")).status_code == 200


def test_a_jti_is_remembered_for_as_long_as_its_assertion_is_good(gate: TestClient, signer: Signer) -> None:
    assert ask(gate, signer.assertion(exp=signer.clock.seconds + 300)).status_code == 200
    assert UsedJti.objects.get().expires_at > signer.clock.seconds + 300


def test_other_methods_do_not_stand_in_for_it(gate: TestClient, app: Registered, signer: Signer) -> None:
    assert signer.app.secret
    refused(gate.post("/oauth2/introspect", data={"token": "x"}, auth=(signer.client_id, signer.app.secret)))
    secret = {"token": "x", "client_id": signer.client_id, "client_secret": signer.app.secret}
    refused(gate.post("/oauth2/introspect", data=secret))
    refused(gate.post("/oauth2/introspect", data={"token": "x", "client_id": signer.client_id}))
    refused(ask(gate, replace(signer, app=app).assertion()))  # a client with a secret has no keys


def test_one_way_of_authentication_at_a_time(gate: TestClient, signer: Signer) -> None:
    form = {"token": "x"} | asserting(signer.assertion())
    for answer in (
        gate.post("/oauth2/introspect", data=form, auth=(signer.client_id, signer.app.secret)),
        gate.post("/oauth2/introspect", data=form | {"client_secret": signer.app.secret}),
        gate.post("/oauth2/introspect?client_assertion=x", data=form),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    refused(ask(gate, signer.assertion(), client_id="varco-other"))
    refused(gate.post("/oauth2/introspect", data=form | {"client_assertion_type": "urn:other"}))
    assert gate.post("/oauth2/introspect", data=form).status_code == 200


def test_what_is_no_assertion_does_not_stand_in_for_one(
    gate: TestClient, app: Registered, signer: Signer, dario: User
) -> None:
    got = tokens(gate, dario, app)
    for text in (
        got["access_token"],
        got["id_token"],
        got["refresh_token"],
        signer.key.proof("POST", f"{ISSUER}/oauth2/token", signer.clock.seconds),
    ):
        refused(ask(gate, text))
        refused(ask(gate, text, client_id=signer.client_id))


def test_an_assertion_does_not_stand_in_for_a_token(gate: TestClient, signer: Signer) -> None:
    assertion = signer.assertion()
    assert gate.get("/v2/userinfo", headers=bearing(assertion)).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": assertion}
    answer = gate.post("/oauth2/token", data=form | asserting(signer.assertion()))
    assert answer.json()["error"] == "invalid_grant"
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    assert gate.post("/oauth2/token", data=form).json()["error"] == "unsupported_grant_type"


def test_a_replaced_key_is_dead_on_the_next_request(gate: TestClient, signer: Signer) -> None:
    assert ask(gate, signer.assertion()).status_code == 200
    new = replace(signer, key=ClientKey())
    Revision.objects.update(jwks=new.key.jwks)
    Application.objects.update(version=2)
    assert ask(gate, new.assertion()).status_code == 200
    refused(ask(gate, signer.assertion()))


def test_a_suspended_application_is_refused(gate: TestClient, signer: Signer) -> None:
    Application.objects.update(state="suspended", version=2)
    refused(ask(gate, signer.assertion()))


def test_the_trace_says_what_was_wrong_and_keeps_no_assertion(gate: TestClient, signer: Signer) -> None:
    assertion = signer.assertion(aud="https://other.example")
    answer = ask(gate, assertion)
    written(gate)
    row = RefusedRequest.objects.get(request_id=answer.json()["request_id"])
    assert (row.application_id, row.rule) == (signer.app.application.pk, "RFC 7523 §3 aud")
    assert (row.received, row.expected) == ("https://other.example", ISSUER)
    assert assertion not in f"{row.description}{row.received}{row.expected}"


def test_it_is_announced(gate: TestClient) -> None:
    document = gate.get("/.well-known/openid-configuration").json()
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]
    assert set(document["token_endpoint_auth_signing_alg_values_supported"]) == {*ALGORITHMS, "Ed25519"}
