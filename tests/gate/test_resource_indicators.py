"""Resource indicators (RFC 8707): tokens are for this API and for nothing else."""

import json

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, grant, redeem, refresh
from tests.support.client_keys import ISSUER
from tests.support.people import Registered
from varco.accounts.models import User
from varco.protocol.jose import base64url

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@pytest.mark.parametrize("resource", ["https://api.example", "https://api.example/"])
def test_the_api_may_be_named_and_is_the_audience(
    gate: TestClient, app: Registered, dario: User, resource: str
) -> None:
    _, code = grant(dario, app)
    got = redeem(gate, app, code, resource=resource).json()
    for token in (
        got["access_token"],
        refresh(gate, app, got["refresh_token"], resource=resource).json()["access_token"],
    ):
        assert json.loads(base64url.decode(token.split(".")[1]))["aud"] == "https://api.example"
        assert gate.get("/v2/userinfo", headers=bearing(token)).status_code == 200


@pytest.mark.parametrize(
    "resource",
    [
        "https://other.example",
        "https://api.example.evil.example",
        "https://api.example/v2",
        "https://api.example#x",
        ISSUER,  # takes the API's tokens at userinfo, and is nobody's audience (RFC 9068 §3)
        "api",
        "//",
    ],
)
def test_another_resource_is_refused_and_uses_nothing_up(
    gate: TestClient, app: Registered, dario: User, resource: str
) -> None:
    _, code = grant(dario, app)
    answer = redeem(gate, app, code, resource=resource)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")
    got = redeem(gate, app, code).json()
    answer = refresh(gate, app, got["refresh_token"], resource=resource)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")
    assert refresh(gate, app, got["refresh_token"]).status_code == 200


def test_of_several_resources_each_must_be_the_api(gate: TestClient, app: Registered, dario: User) -> None:
    _, code = grant(dario, app)
    both: dict[str, object] = {"resource": ["https://api.example", "https://other.example"]}
    assert redeem(gate, app, code, **both).json()["error"] == "invalid_target"  # type: ignore[arg-type]
    both = {"resource": ["https://api.example", "https://api.example/"]}
    assert redeem(gate, app, code, **both).status_code == 200  # type: ignore[arg-type]
