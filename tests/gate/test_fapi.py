"""An application under the FAPI 2.0 Security Profile: pushed requests, private_key_jwt, DPoP, and no rotation."""

import json
from typing import Any

import pytest
from httpx import Auth, BasicAuth, Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import CHALLENGE, VERIFIER, MakeGate, grant
from tests.gate.test_dpop import call
from tests.support import people
from tests.support.authorization_pages import AUTHORIZE, Consent, answer_of, parameters, signed_in
from tests.support.client_keys import ISSUER, ClientKey, asserting
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.grants.models import Grant
from varco.protocol.jose import base64url
from varco.registry.models import Application

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

SCOPE = "openid offline_access giponext.patients"


class Bank:
    """A FAPI client with its keys: one to authenticate, one to prove."""

    def __init__(self, gate: TestClient, clock: FrozenClock, alg: str = "ES256", **changes: Any) -> None:
        self.gate, self.clock = gate, clock
        self.key, self.prover = ClientKey(alg), ClientKey(alg if alg != "RS256" else "PS256")
        fields = {
            "profile": "fapi2",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": self.key.jwks,
            "id_token_alg": "ES256",
        } | changes
        self.app: Registered = people.application(User.objects.first() or people.davide(), **fields)

    def proof(self, path: str, method: str = "POST", token: str = "") -> str:
        base = ISSUER if path.startswith("/oauth2/") else "https://api.example"
        return self.prover.proof(method, base + path, self.clock.seconds, token=token)

    def post(self, path: str, form: dict[str, str], *, proven: bool = True, **changes: Any) -> Response:
        form = form | asserting(self.key.assertion(self.app, self.clock.seconds, **changes))
        return self.gate.post(path, data=form, headers={"dpop": self.proof(path)} if proven else {})

    def redeem(self, code: str, *, proven: bool = True, **changes: Any) -> Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": people.CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.post("/oauth2/token", form, proven=proven, **changes)

    def refresh(self, token: str, *, proven: bool = True) -> Response:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post("/oauth2/token", form, proven=proven)


@pytest.fixture
def bank(gate: TestClient, dario: User, frozen: FrozenClock) -> Bank:
    return Bank(gate, frozen)


def error(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
def test_the_whole_journey(gate: TestClient, dario: User, frozen: FrozenClock, alg: str) -> None:
    bank = Bank(gate, frozen, alg)
    wish = parameters(bank.app, scope=SCOPE, code_challenge=CHALLENGE)
    pushed = bank.post("/oauth2/par", wish)
    assert pushed.status_code == 201, pushed.text
    browser = signed_in(dario)
    brought = {"client_id": bank.app.client_id, "request_uri": pushed.json()["request_uri"]}
    answer = answer_of(Consent(browser, browser.get(AUTHORIZE, brought)["Location"]).accept())
    assert answer["iss"] == ISSUER
    assert Grant.objects.get().code_expires_at == frozen.seconds + 60
    got = bank.redeem(answer["code"])
    assert got.status_code == 200, got.text
    assert got.json()["token_type"] == "DPoP"
    token = got.json()["access_token"]
    assert call(gate, token, bank.proof("/v2/userinfo", "GET", token)).status_code == 200
    assert gate.get("/v2/userinfo", headers={"authorization": f"Bearer {token}"}).status_code == 401
    told = bank.post("/oauth2/introspect", {"token": token}, proven=False).json()
    assert told["cnf"] == {"jkt": bank.prover.jkt}
    assert bank.post("/oauth2/revoke", {"token": got.json()["refresh_token"]}, proven=False).status_code == 200
    assert call(gate, token, bank.proof("/v2/userinfo", "GET", token)).status_code == 401


def test_a_nonce_of_64_characters_comes_back_whole_and_nothing_handed_out_can_be_guessed(
    bank: Bank, dario: User
) -> None:
    """§5.3.2.2 (14), §5.4.1 (4): 128 random bits are 22 characters of base64url, or 32 of hexadecimal."""
    nonce = "n" * 64
    pushed = bank.post("/oauth2/par", parameters(bank.app, scope=SCOPE, code_challenge=CHALLENGE, nonce=nonce)).json()
    browser = signed_in(dario)
    brought = {"client_id": bank.app.client_id, "request_uri": pushed["request_uri"]}
    code = answer_of(Consent(browser, browser.get(AUTHORIZE, brought)["Location"]).accept())["code"]
    got = bank.redeem(code).json()
    assert json.loads(base64url.decode(got["id_token"].split(".")[1]))["nonce"] == nonce
    assert len(pushed["request_uri"].rpartition(":")[2]) >= 22
    assert len(code.removeprefix("vac.")) >= 22
    _, _, rid, _, mac = got["refresh_token"].split(".")
    assert (len(rid), len(mac)) == (32, 43)
    assert len(json.loads(base64url.decode(got["access_token"].split(".")[1]))["jti"]) == 32


def test_the_code_cannot_be_redeemed_without_the_key_of_par(bank: Bank, dario: User) -> None:
    _, code = grant(dario, bank.app, dpop_jkt=bank.prover.jkt)
    bank.prover = ClientKey()
    assert error(bank.redeem(code)) == (400, "invalid_grant")


def test_a_refresh_token_is_not_turned_over(bank: Bank, dario: User) -> None:
    _, code = grant(dario, bank.app, SCOPE)
    first = bank.redeem(code).json()
    answers = race(lambda _: bank.refresh(first["refresh_token"]), 10)
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["refresh_token"] for answer in answers} == {first["refresh_token"]}
    assert len({answer.json()["access_token"] for answer in answers}) == 10
    bank.clock.advance(3600)
    assert bank.refresh(first["refresh_token"]).json()["refresh_token"] == first["refresh_token"]
    made = Grant.objects.get()
    assert (made.n, made.state, made.idle_expires_at) == (1, "active", bank.clock.seconds + 30 * 86400)


def test_a_refresh_token_left_alone_or_too_old_ends(bank: Bank, dario: User) -> None:
    _, code = grant(dario, bank.app, SCOPE)
    token = bank.redeem(code).json()["refresh_token"]
    bank.clock.advance(30 * 86400)
    assert error(bank.refresh(token)) == (400, "invalid_grant")


def test_tokens_are_bound_always(bank: Bank, dario: User) -> None:
    _, code = grant(dario, bank.app, SCOPE)
    assert error(bank.redeem(code, proven=False)) == (400, "invalid_dpop_proof")
    got = bank.redeem(code).json()
    assert error(bank.refresh(got["refresh_token"], proven=False)) == (400, "invalid_dpop_proof")
    assert bank.refresh(got["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "fine"),
    [
        ({"aud": ISSUER}, True),
        ({"aud": [ISSUER]}, False),
        ({"aud": f"{ISSUER}/oauth2/token"}, False),
        ({"aud": f"{ISSUER}/oauth2/par"}, False),
        ({"iat": 1_800_000_000 + 8}, True),
        ({"nbf": 1_800_000_000 + 10}, True),
        ({"iat": 1_800_000_000 + 61}, False),
        ({"nbf": 1_800_000_000 + 61}, False),
    ],
    ids=str,
)
def test_an_assertion_is_for_the_issuer_alone_and_of_now(bank: Bank, changes: dict[str, Any], fine: bool) -> None:
    answer = bank.post("/oauth2/par", parameters(bank.app), **changes)
    assert answer.status_code == (201 if fine else 401), answer.text


def test_rs256_is_too_weak_a_signature(gate: TestClient, dario: User, frozen: FrozenClock) -> None:
    bank = Bank(gate, frozen, "RS256")
    assert error(bank.post("/oauth2/par", parameters(bank.app))) == (401, "invalid_client")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_another_authentication_is_refused_even_if_it_was_registered(
    gate: TestClient, dario: User, frozen: FrozenClock, method: str
) -> None:
    bank = Bank(gate, frozen, token_endpoint_auth_method=method)
    form = parameters(bank.app)
    auth = BasicAuth(bank.app.client_id, bank.app.secret) if method == "client_secret_basic" else Auth()
    if method == "client_secret_post":
        form |= {"client_secret": bank.app.secret}
    assert error(gate.post("/oauth2/par", data=form, auth=auth)) == (401, "invalid_client")


def test_its_access_tokens_are_never_signed_with_rs256(make_gate: MakeGate, dario: User, frozen: FrozenClock) -> None:
    bank = Bank(make_gate(access_token_alg="RS256"), frozen)
    _, code = grant(dario, bank.app, SCOPE)
    token = bank.redeem(code).json()["access_token"]
    assert json.loads(base64url.decode(token.partition(".")[0]))["alg"] == "ES256"
    assert call(bank.gate, token, bank.proof("/v2/userinfo", "GET", token)).status_code == 200


def test_pkce_is_needed_whatever_an_administrator_made_optional(bank: Bank) -> None:
    Application.objects.update(pkce_required=False, version=2)
    without = parameters(bank.app, code_challenge=None, code_challenge_method=None)
    assert error(bank.post("/oauth2/par", without)) == (400, "invalid_request")


def test_the_redirect_uri_is_sent_always(bank: Bank) -> None:
    assert error(bank.post("/oauth2/par", parameters(bank.app, redirect_uri=None))) == (400, "invalid_request")


def test_the_browser_alone_begins_nothing(bank: Bank, dario: User) -> None:
    answer = signed_in(dario).get(AUTHORIZE, parameters(bank.app))
    assert answer_of(answer)["error"] == "invalid_request"
