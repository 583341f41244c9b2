"""A scope for reading alone opens what reads, and changes nothing; the wider one does both."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, tokens
from tests.support import people
from varco.accounts.models import User
from varco.gate.api.resources import OPERATIONS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])
READING = ("openid", "giponext.patients.read", "giponext.agenda.read")
NEW = {"lastName": "Rossi", "firstName": "Ada"}


@pytest.fixture
def reading(gate: TestClient, dario: User) -> dict[str, str]:
    """Bears a token with the reading half of both resources."""
    davide = people.davide()
    app = people.application(davide, name="Reader", scopes=[people.scope(name) for name in READING])
    return bearing(tokens(gate, dario, app, " ".join(READING))["access_token"])


def test_it_reads_and_changes_nothing(gate: TestClient, reading: dict[str, str]) -> None:
    for path in ("patients", "agendas"):
        assert gate.get(f"/v2/tenants/tenant-aurora/{path}", headers=reading).status_code == 200
    refused = gate.post("/v2/tenants/tenant-aurora/patients", json=NEW, headers=reading)
    assert refused.status_code == 403
    body = refused.json()
    assert (body["layer"], body["required"]) == ("application", "giponext.patients")  # it is not even registered for it


def test_without_either_the_wider_one_is_named(gate: TestClient, dario: User) -> None:
    app = people.application(people.davide(), name="Nothing", scopes=[people.scope("openid")])
    held = bearing(tokens(gate, dario, app, "openid")["access_token"])
    refused = gate.get("/v2/tenants/tenant-aurora/patients", headers=held)
    assert (refused.status_code, refused.json()["required"]) == (403, "giponext.patients")


def test_the_documents_say_that_either_does(gate: TestClient) -> None:
    described: dict[str, Any] = gate.get("/v2/openapi.json").json()["paths"]["/v2/tenants/{tenantId}/patients"]
    assert described["get"]["security"] == [{"oauth2": ["giponext.patients"]}, {"oauth2": ["giponext.patients.read"]}]
    assert described["post"]["security"] == [{"oauth2": ["giponext.patients"]}]


def test_no_operation_that_writes_has_a_narrower_scope() -> None:
    assert {item.access for item in OPERATIONS if item.method == "GET" and item.resource} == {"read"}
    assert all(item.access != "read" for item in OPERATIONS if item.method != "GET")
