"""Addresses that do not exist: below the API its own error, elsewhere whatever the portal says (S29)."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from tests.gate.conftest import MakeGate
from tests.support.people import Registered

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]


@pytest.fixture
def both(make_gate: MakeGate, app: Registered) -> TestClient:
    """The gate with pages behind it, as `varco serve` runs them."""
    return make_gate(fallback=PlainTextResponse("a page"))


@pytest.mark.parametrize(
    "path",
    [
        "/v2",
        "/v2/",
        "/v2/nothing",
        "/v2/userinfo/",
        "/v2//userinfo",
        "/v2/tenants/tenant-aurora",
        "/v2/tenants/tenant-aurora/patients/",
        "/v2/tenants/tenant-aurora/patients/1/2",
    ],
)
def test_what_the_api_does_not_have_is_an_error_of_the_api(both: TestClient, path: str) -> None:
    answer = both.get("http://localhost:8000" + path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert answer.json()["error"] == "not_found"
    assert answer.json()["requestId"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/", "/v2x", "/nothing", "/account/", "/V2/userinfo"])
def test_all_else_is_the_portals(both: TestClient, path: str) -> None:
    assert both.get(path).text == "a page"
