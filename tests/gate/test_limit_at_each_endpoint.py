"""Every request of an application counts against its one limit, whichever endpoint it goes to (S30, RFC 9126 §2.3)."""

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests import people
from tests.conftest import FrozenClock
from tests.gate.conftest import MakeGate, bearing, tokens
from tests.gate.test_device import BOTH
from tests.people import Registered
from tests.portal.asking import parameters
from varco.accounts.models import User

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
def busy(make_gate: MakeGate, frozen: FrozenClock) -> TestClient:
    """A gate that lets an application ask ten times a minute; a window has just begun."""
    frozen.advance(60 - frozen.seconds % 60)
    return make_gate(rate_limit="10", rate_window="60")


def ask(gate: TestClient, path: str, app: Registered, token: str) -> Response:
    if "userinfo" in path or path.startswith("/v2/"):
        return gate.get(path, headers=bearing(token))
    form = parameters(app) | {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
    return gate.post(path, data=form, auth=(app.client_id, app.secret))


@pytest.mark.parametrize("path", PATHS)
def test_beyond_the_limit_there_is_429_and_when_to_come_again(
    busy: TestClient, dario: User, frozen: FrozenClock, path: str
) -> None:
    app = people.application(people.davide(), grant_types=["authorization_code", *BOTH])
    other = people.application(app.application.owner, name="Another")
    token, others = (tokens(busy, dario, one)["access_token"] for one in (app, other))
    for _ in range(9):
        assert ask(busy, "/oauth2/introspect", app, token).status_code == 200
    refused = ask(busy, path, app, token)
    assert (refused.status_code, refused.json()["error"]) == (429, "rate_limit_exceeded")
    assert 1 <= int(refused.headers["retry-after"]) <= 120
    assert ask(busy, path, other, others).status_code != 429, "an application has its own limit"
    frozen.advance(int(refused.headers["retry-after"]))
    assert ask(busy, path, app, token).status_code != 429
