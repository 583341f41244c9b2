"""How a client says who it is, at every endpoint that asks: in exactly one way, the registered one (RFC 6749 §2.3)."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import DEVICE_CODE
from tests.support import people
from tests.support.authorization_pages import parameters
from tests.support.client_keys import ClientKey, asserting
from tests.support.people import Registered

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]

ENDPOINTS: dict[str, Callable[[Registered], dict[str, str]]] = {
    "/oauth2/token": lambda _: {"grant_type": "authorization_code", "code": "x", "redirect_uri": people.CALLBACK},
    "/oauth2/token refreshing": lambda _: {"grant_type": "refresh_token", "refresh_token": "x"},
    "/oauth2/token polling": lambda _: {"grant_type": DEVICE_CODE, "device_code": "x"},
    "/oauth2/par": parameters,
    "/oauth2/device_authorization": lambda _: {"scope": "openid"},
    "/oauth2/revoke": lambda _: {"token": "x"},
    "/oauth2/introspect": lambda _: {"token": "x"},
}
Post = Callable[..., Response]


@pytest.fixture(params=ENDPOINTS)
def post(request: pytest.FixtureRequest, gate: TestClient, everything: Registered) -> Post:
    """A request that is sound but for its authentication, to one endpoint."""
    path, form = request.param.split()[0], ENDPOINTS[request.param](everything)
    form.pop("client_id", None)

    def send(more: dict[str, str] | None = None, *, basic: tuple[str, str] | str = "", **how: Any) -> Response:
        text = basic if isinstance(basic, str) else ":".join(basic)
        headers = {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"} if text else {}
        return gate.post(path, data=form | (more or {}), headers=headers, **how)

    return send


def error(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def admitted(answer: Response) -> bool:
    """The code of the token request is none; every other request succeeds."""
    return answer.status_code < 300 or error(answer) == (400, "invalid_grant")


def test_basic_credentials_are_taken_raw_and_form_encoded(post: Post, everything: Registered) -> None:
    assert admitted(post(basic=(everything.client_id, everything.secret)))
    encoded = "".join(f"%{byte:02X}" for byte in everything.secret.encode())
    assert admitted(post(basic=(quote(everything.client_id, safe=""), encoded)))
    assert admitted(post({"client_id": everything.client_id}, basic=(everything.client_id, everything.secret)))


def test_two_ways_at_once_are_refused_though_each_were_right(
    post: Post, everything: Registered, frozen: FrozenClock
) -> None:
    basic = (everything.client_id, everything.secret)
    secret = {"client_id": everything.client_id, "client_secret": everything.secret}
    assertion = asserting(ClientKey().assertion(everything, frozen.seconds))
    for answer in (
        post(secret, basic=basic),
        post(assertion, basic=basic),
        post(secret | assertion),
        post({"client_secret": everything.secret}, basic=basic),
    ):
        assert error(answer) == (400, "invalid_request")


def test_a_secret_registered_for_either_place_is_taken_from_one_at_a_time(post: Post, everything: Registered) -> None:
    live = everything.application.live_revision
    assert live is not None
    type(live).objects.filter(pk=live.pk).update(token_endpoint_auth_method="client_secret")
    basic = (everything.client_id, everything.secret)
    body = {"client_id": everything.client_id, "client_secret": everything.secret}
    assert admitted(post(basic=basic))
    assert admitted(post(body))
    assert error(post(body, basic=basic)) == (400, "invalid_request")
    assert error(post({"client_id": everything.client_id})) == (401, "invalid_client")
    assert error(post(body | {"client_secret": "vs.wrong"})) == (401, "invalid_client")


def test_the_basic_user_is_the_client_of_the_body(post: Post, everything: Registered) -> None:
    other = people.application(everything.application.owner, name="Another")
    for client_id in (other.client_id, "varco-nobody"):
        answer = post({"client_id": client_id}, basic=(everything.client_id, everything.secret))
        assert error(answer) == (400, "invalid_request")
    assert error(post(basic=(other.client_id, everything.secret))) == (401, "invalid_client")


def test_credentials_are_never_taken_from_the_address(post: Post, everything: Registered) -> None:
    credentials = {"client_id": everything.client_id, "client_secret": everything.secret}
    assert error(post(params=credentials)) == (400, "invalid_request")
    assert error(post(params=credentials, basic=(everything.client_id, everything.secret))) == (400, "invalid_request")


def test_only_the_registered_way_is_taken(post: Post, everything: Registered, frozen: FrozenClock) -> None:
    secret = {"client_id": everything.client_id, "client_secret": everything.secret}
    for answer in (
        post(secret),
        post({"client_id": everything.client_id}),
        post(asserting(ClientKey().assertion(everything, frozen.seconds))),
        post(),
    ):
        assert error(answer) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("basic", ["", ":", "x", "varco-nobody:", "\0:\0", "é:ü", ":secret", "a" * 3000])
def test_malformed_basic_is_no_client(post: Post, everything: Registered, basic: str) -> None:
    assert error(post(basic=basic)) == (401, "invalid_client")
