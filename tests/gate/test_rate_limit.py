"""An application's requests are counted together, in a sliding window, wherever it makes them (S30, RFC 9126 §2.3)."""

from urllib.parse import urlencode

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import EVERY_GRANT_TYPE, MakeGate, bearing, grant, redeem, refresh, tokens, written
from tests.support import people
from tests.support.asgi_client import FORM, send
from tests.support.authorization_pages import parameters
from tests.support.people import Registered
from tests.support.postgres import free_port
from varco.accounts.models import User
from varco.audit.models import RefusedRequest

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


PATHS = (
    "/oauth2/token",
    "/oauth2/par",
    "/oauth2/device_authorization",
    "/oauth2/revoke",
    "/oauth2/introspect",
    "/oauth2/userinfo",
    "/v2/userinfo",
    "/v2/tenants/tenant-aurora/patients",
)


@pytest.fixture
def strict(make_gate: MakeGate, frozen: FrozenClock) -> TestClient:
    """A gate that answers ten requests of an application a minute; one has just begun."""
    frozen.advance(60 - frozen.seconds % 60)
    return make_gate(rate_limit="10", rate_window="60")


def request(gate: TestClient, path: str, app: Registered, token: str) -> Response:
    if "userinfo" in path or path.startswith("/v2/"):
        return gate.get(path, headers=bearing(token))
    form = parameters(app) | {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
    return gate.post(path, data=form, auth=(app.client_id, app.secret))


@pytest.mark.parametrize("path", PATHS)
def test_beyond_the_limit_there_is_429_and_when_to_come_again(
    strict: TestClient, dario: User, frozen: FrozenClock, path: str
) -> None:
    app = people.application(people.davide(), grant_types=EVERY_GRANT_TYPE)
    other = people.application(app.application.owner, name="Another")
    token, others = (tokens(strict, dario, one)["access_token"] for one in (app, other))
    for _ in range(9):
        assert request(strict, "/oauth2/introspect", app, token).status_code == 200
    refused = request(strict, path, app, token)
    assert (refused.status_code, refused.json()["error"]) == (429, "rate_limit_exceeded")
    assert 1 <= int(refused.headers["retry-after"]) <= 120
    assert request(strict, path, other, others).status_code != 429, "an application has its own limit"
    frozen.advance(int(refused.headers["retry-after"]))
    assert request(strict, path, app, token).status_code != 429


def test_tokens_and_calls_of_all_its_users_share_one_budget(
    strict: TestClient, app: Registered, dario: User, frozen: FrozenClock
) -> None:
    auth = (app.client_id, app.secret)
    one, other = tokens(strict, dario, app), tokens(strict, people.lia(), app)  # 2
    calls = [(token, path) for token in (one, other) for path in ("/v2/userinfo", "/oauth2/userinfo")]
    seen = [strict.get(path, headers=bearing(got["access_token"])) for got, path in calls]  # 6
    seen.append(strict.post("/oauth2/par", data=parameters(app), auth=auth))
    seen.append(strict.post("/oauth2/introspect", data={"token": "x"}, auth=auth))
    seen.append(strict.post("/oauth2/revoke", data={"token": "x"}, auth=auth))
    seen.append(refresh(strict, app, one["refresh_token"]))  # 10
    assert {answer.status_code for answer in seen} == {200, 201}
    refused = [
        refresh(strict, app, other["refresh_token"]),
        strict.get("/v2/userinfo", headers=bearing(one["access_token"])),
        strict.get("/oauth2/userinfo", headers=bearing(other["access_token"])),
        strict.get("/v2/tenants/tenant-aurora/patients", headers=bearing(one["access_token"])),
        strict.post("/oauth2/par", data=parameters(app), auth=auth),
    ]
    for answer in refused:
        assert (answer.status_code, answer.json()["error"]) == (429, "rate_limit_exceeded")
        assert 1 <= int(answer.headers["retry-after"]) <= 120
        assert answer.headers["ratelimit-limit"] == "10"
        assert answer.headers["ratelimit-remaining"] == "0"
    written(strict)
    assert RefusedRequest.objects.filter(application_id=app.application.pk, error="rate_limit_exceeded").count() == 5
    frozen.advance(int(refused[0].headers["retry-after"]))
    assert refresh(strict, app, other["refresh_token"]).status_code == 200


def test_without_a_store_that_answers_a_gate_serves_its_share_and_says_so(
    make_gate: MakeGate, app: Registered, dario: User, caplog: pytest.LogCaptureFixture
) -> None:
    away = f"redis://varco:hunter2@127.0.0.1:{free_port()}/0"
    for settings in ({}, {"rate_limit_store": away}):
        gate = make_gate(rate_limit="10", rate_limit_shares="2", **settings)
        token = tokens(gate, dario, app)["access_token"]
        answers = [gate.get("/v2/tenants/tenant-aurora/patients", headers=bearing(token)) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        assert {answer.headers["ratelimit-limit"] for answer in answers} == {"5"}
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["3", "2", "1", "0", "0"]
    said = [record.getMessage() for record in caplog.records if "rate-limit store" in record.getMessage()]
    assert len(said) == 1
    assert "hunter2" not in said[0]


def test_the_window_slides(strict: TestClient, app: Registered, dario: User, frozen: FrozenClock) -> None:
    """Ten at the end of a minute and ten at the beginning of the next would be twenty in a moment."""
    frozen.advance(59)
    token = tokens(strict, dario, app)["access_token"]
    for _ in range(9):
        assert strict.get("/v2/userinfo", headers=bearing(token)).status_code == 200
    frozen.advance(2)
    assert strict.get("/v2/userinfo", headers=bearing(token)).status_code == 429
    frozen.advance(30)
    assert strict.get("/v2/userinfo", headers=bearing(token)).status_code == 200


def test_one_application_does_not_use_up_anothers_budget_nor_does_a_stranger(
    strict: TestClient, app: Registered, dario: User
) -> None:
    other = people.application(app.application.owner, name="Another")
    _, code = grant(dario, other)
    for _ in range(20):
        redeem(strict, app, "x")
        wrong = strict.post(
            "/oauth2/token", data={"grant_type": "authorization_code", "code": "x"}, auth=(other.client_id, "vs.no")
        )
        assert wrong.status_code == 401
        assert strict.get("/v2/userinfo", headers=bearing("x")).status_code == 401
    assert redeem(strict, app, "x").status_code == 429
    assert redeem(strict, other, code).status_code == 200


def test_a_stranger_who_knows_the_name_of_a_public_client_keeps_nobody_out(
    make_gate: MakeGate, dario: User, frozen: FrozenClock
) -> None:
    app = people.application(people.davide(), type="native", grant_types=EVERY_GRANT_TYPE)
    gate = make_gate(rate_limit="10", rate_window="60")
    got = tokens(gate, dario, app)
    name = {"client_id": app.client_id}

    def stranger(path: str, **form: str) -> int:
        status, _ = send(gate, "POST", path, [FORM], body=urlencode(name | form), ip=f"2001:db8::{next(places):x}")
        return status

    places = iter(range(1, 1000))  # of one and the same network
    exchange = {"grant_type": "authorization_code", "code": "x", "redirect_uri": people.CALLBACK}
    answers = [stranger("/oauth2/token", **exchange) for _ in range(4)]
    answers += [stranger("/oauth2/par", **parameters(app)) for _ in range(4)]
    answers += [stranger("/oauth2/device_authorization", scope="openid") for _ in range(4)]
    answers += [stranger("/oauth2/revoke", token="x") for _ in range(4)]
    assert answers == [400] * 4 + [201] * 4 + [200] * 2 + [429] * 6
    for _ in range(3):
        got = refresh(gate, app, got["refresh_token"]).json()
        assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code == 200
    assert tokens(gate, dario, app)


def test_what_a_public_client_proves_counts_for_all_its_users(strict: TestClient, dario: User) -> None:
    app = people.application(people.davide(), type="native")
    for _ in range(5):
        token = tokens(strict, dario, app)["access_token"]
        assert strict.get("/v2/userinfo", headers=bearing(token)).status_code == 200
    assert strict.get("/v2/userinfo", headers=bearing(token)).status_code == 429
    _, code = grant(dario, app)
    assert redeem(strict, app, code).status_code == 429
