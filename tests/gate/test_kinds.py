"""Of everything that is handed out, each kind works in its own place and nowhere else."""

from collections.abc import Callable

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import DEVICE_CODE, EVERY_GRANT_TYPE, VERIFIER, bearing, grant, tokens
from tests.gate.test_device import approve
from tests.support import people
from tests.support.authorization_pages import AUTHORIZE, parameters, signed_in
from tests.support.client_keys import ISSUER, ClientKey, asserting
from varco.accounts.models import User
from varco.grants.models import Grant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


class Stall:
    """An application that may do everything, and one fresh thing of every kind."""

    def __init__(self, gate: TestClient, user: User, clock: FrozenClock) -> None:
        self.gate, self.user, self.clock, self.key = gate, user, clock, ClientKey()
        self.app = people.application(
            people.davide(),
            grant_types=EVERY_GRANT_TYPE,
            token_endpoint_auth_method="private_key_jwt",
            jwks=self.key.jwks,
        )
        _, code = grant(user, self.app)
        device = self.post("/oauth2/device_authorization", scope="openid").json()
        approve(user, device["user_code"], "openid")
        _, other = grant(user, self.app)
        got = self.post("/oauth2/token", **self.exchange(other)).json()
        pushed = self.post("/oauth2/par", **parameters(self.app)).json()
        self.things = {
            "code": code,
            "device code": device["device_code"],
            "user code": device["user_code"],
            "request_uri": pushed["request_uri"],
            "reference": pushed["request_uri"].rpartition(":")[2],
            "refresh token": got["refresh_token"],
            "access token": got["access_token"],
            "ID token": got["id_token"],
            "assertion": self.assertion(),
            "proof": self.key.proof("POST", f"{ISSUER}/oauth2/par", clock.seconds),
            "client secret": self.app.secret,
        }

    def assertion(self) -> str:
        return self.key.assertion(self.app, self.clock.seconds)

    def post(self, path: str, **form: str) -> Response:
        return self.gate.post(path, data=asserting(self.assertion()) | form)

    @staticmethod
    def exchange(code: str) -> dict[str, str]:
        redirect = {"redirect_uri": people.CALLBACK, "code_verifier": VERIFIER}
        return {"grant_type": "authorization_code", "code": code} | redirect

    def token(self, **form: str) -> bool:
        return self.post("/oauth2/token", **form).status_code == 200


def _proven(stall: Stall, thing: str) -> bool:
    proof = stall.key.proof("GET", "https://api.example/v2/userinfo", stall.clock.seconds, token=thing)
    headers = {"authorization": f"DPoP {thing}", "dpop": proof}
    return stall.gate.get("/v2/userinfo", headers=headers).status_code == 200


def _at_authorize(stall: Stall, thing: str) -> bool:
    brought = {"client_id": stall.app.client_id, "request_uri": thing}
    answer = signed_in(stall.user).get(AUTHORIZE, brought)
    return answer.status_code == 303 and answer["Location"].startswith("/")


def _as_proof(stall: Stall, thing: str) -> bool:
    form = parameters(stall.app) | asserting(stall.assertion())
    return stall.gate.post("/oauth2/par", data=form, headers={"dpop": thing}).status_code == 201


def _revoked(stall: Stall, thing: str) -> bool:
    stall.post("/oauth2/revoke", token=thing)
    return Grant.objects.filter(state="ended").exists()


def _as_assertion(stall: Stall, thing: str) -> bool:
    form = {"token": "x", "client_id": stall.app.client_id} | asserting(thing)
    return stall.gate.post("/oauth2/introspect", data=form).status_code == 200


PLACES: dict[str, tuple[Callable[[Stall, str], bool], set[str]]] = {
    "code": (lambda stall, thing: stall.token(**stall.exchange(thing)), {"code"}),
    "refresh": (lambda stall, thing: stall.token(grant_type="refresh_token", refresh_token=thing), {"refresh token"}),
    "device": (lambda stall, thing: stall.token(grant_type=DEVICE_CODE, device_code=thing), {"device code"}),
    "bearer": (
        lambda stall, thing: stall.gate.get("/v2/userinfo", headers=bearing(thing)).status_code == 200,
        {"access token"},
    ),
    "bearer in a form": (
        lambda stall, thing: stall.gate.post("/oauth2/userinfo", data={"access_token": thing}).status_code == 200,
        {"access token"},
    ),
    "proven": (_proven, set()),
    "request_uri": (_at_authorize, {"request_uri"}),
    "assertion": (_as_assertion, {"assertion"}),
    "proof": (_as_proof, {"proof"}),
    "introspection": (
        lambda stall, thing: stall.post("/oauth2/introspect", token=thing).json()["active"],
        {"access token", "refresh token"},
    ),
    "revocation of nothing": (
        lambda stall, thing: (
            thing not in {stall.things["access token"], stall.things["refresh token"]} and _revoked(stall, thing)
        ),
        set(),
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_stands_in_for_another_kind(gate: TestClient, dario: User, frozen: FrozenClock, place: str) -> None:
    stall = Stall(gate, dario, frozen)
    act, right = PLACES[place]
    wrong = {name: thing for name, thing in stall.things.items() if name not in right}
    assert {name for name, thing in wrong.items() if act(stall, thing)} == set()
    assert {name for name in right if act(stall, stall.things[name])} == right


def test_a_token_presented_in_the_wrong_place_still_works_in_its_own(
    gate: TestClient, dario: User, frozen: FrozenClock
) -> None:
    app = people.application(people.davide())
    got = tokens(gate, dario, app)
    auth = (app.client_id, app.secret)
    swapped = {"grant_type": "refresh_token", "refresh_token": got["access_token"]}
    assert gate.post("/oauth2/token", data=swapped, auth=auth).json()["error"] == "invalid_grant"
    assert gate.get("/v2/userinfo", headers=bearing(got["refresh_token"])).status_code == 401
    assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code == 200
