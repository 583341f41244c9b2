"""The management API at the gate: what is authenticated goes on with its caller in the ASGI scope, and nothing else does."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from tests.conftest import FrozenClock
from tests.gate.conftest import MakeGate, bearing, tokens, written
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.caller import MANAGEMENT_DOCUMENT, SCOPE_KEY, ManagementCaller
from varco.grants.models import Grant
from varco.registry.models import BlockedApplication
from varco.tenants.models import Membership

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

ADDRESS = "/manage/v1/applications"
SCOPES = "openid varco.applications"


class Behind:
    """An application behind the gate that notes what reaches it."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.bodies: list[bytes] = []
        self.answer: tuple[int, Any] = (200, {"items": []})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(dict(scope))
        self.bodies.append((await receive()).get("body", b""))
        status, content = self.answer
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"set-cookie", b"a=b"),
            (b"x-request-id", b"of Django"),
            (b"server", b"x"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body[:1], "more_body": True})
        await send({"type": "http.response.body", "body": body[1:]})


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def both(make_gate: MakeGate, behind: Behind) -> TestClient:
    return make_gate(fallback=behind)


@pytest.fixture
def developer(transactional_db: None, frozen: FrozenClock) -> User:
    """A developer with a sandbox of his own."""
    davide = people.davide()
    Membership.objects.create(user=davide, tenant=people.tenant("Sandbox", "sandbox"), role="integrator")
    return davide


@pytest.fixture
def tool(developer: User) -> Registered:
    """A program of the developer that manages his applications."""
    return people.application(developer, name="Console", scopes=[people.scope(name) for name in SCOPES.split()])


def token(gate: TestClient, user: User, app: Registered, scopes: str = SCOPES) -> dict[str, str]:
    return bearing(tokens(gate, user, app, scopes)["access_token"])


def test_the_caller_stands_in_the_scope_and_the_credentials_do_not_go_on(
    both: TestClient, behind: Behind, developer: User, tool: Registered
) -> None:
    answer = both.get(f"{ADDRESS}?limit=2", headers=token(both, developer, tool) | {"Cookie": "a=b"})
    assert (answer.status_code, answer.json()) == (200, {"items": []})
    assert answer.headers["x-request-id"] != "of Django"
    assert "set-cookie" not in answer.headers
    assert answer.headers.get_list("server") == ["varco"]
    assert "ratelimit-remaining" in answer.headers
    (scope,) = behind.scopes
    assert scope[SCOPE_KEY] == ManagementCaller(
        user_id=developer.public_id,
        application_id=tool.application.pk,
        client_id=tool.client_id,
        grant_id=Grant.objects.get().pk,
        tenant_id="tenant-sandbox",
        scopes=frozenset(SCOPES.split()),
        request_id=answer.headers["x-request-id"],
        ip="192.0.2.7",
    )
    assert (scope["path"], scope["query_string"]) == (ADDRESS, b"limit=2")
    assert not {name for name, _ in scope["headers"]} & {b"authorization", b"cookie", b"dpop"}


@pytest.mark.parametrize("address", [ADDRESS, "/manage", "/manage/", "/manage/anything", "/manage//v1"])
def test_without_a_token_nothing_reaches_the_application_behind(
    both: TestClient, behind: Behind, tool: Registered, address: str
) -> None:
    forged = {"varco.caller": "user-1", "X-Varco-Caller": "user-1", "Cookie": "varco_session=x"}
    answer = both.get("http://localhost:8000" + address, headers=forged)
    assert (answer.status_code, answer.json()["error"]) == (401, "token_required")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert both.get(address, headers=bearing("forged")).status_code == 401
    assert behind.scopes == []


def test_other_paths_go_on_without_a_caller(both: TestClient, behind: Behind, tool: Registered) -> None:
    both.get("/management", headers={"varco.caller": "user-1"})
    both.get("/account/")
    assert [scope.get(SCOPE_KEY) for scope in behind.scopes] == [None, None]


def test_a_token_without_a_management_scope_stops_at_the_gate(
    both: TestClient, behind: Behind, developer: User, tool: Registered
) -> None:
    answer = both.get(ADDRESS, headers=token(both, developer, tool, "openid"))
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    assert answer.json()["required"] == "varco.applications"
    assert behind.scopes == []


END: dict[str, Callable[[], object]] = {
    "the grant was ended": lambda: Grant.objects.update(state="ended"),
    "the scope was withdrawn": lambda: Grant.objects.update(scopes="openid"),
    "the person was switched off": lambda: User.objects.update(is_active=False),
    "the person has left the tenant": lambda: Membership.objects.all().delete(),
}


@pytest.mark.parametrize("what", END)
def test_what_has_ended_is_refused_on_the_next_request(
    both: TestClient, behind: Behind, developer: User, tool: Registered, what: str
) -> None:
    held = token(both, developer, tool)
    assert both.get(ADDRESS, headers=held).status_code == 200
    END[what]()
    assert both.get(ADDRESS, headers=held).status_code in {401, 403}
    assert len(behind.scopes) == 1


def test_an_application_that_the_tenant_has_blocked_is_refused(
    both: TestClient, behind: Behind, developer: User, tool: Registered
) -> None:
    held = token(both, developer, tool)
    BlockedApplication.objects.create(
        application=tool.application, tenant=developer.membership.tenant, blocked_by=developer
    )
    answer = both.get(ADDRESS, headers=held)
    assert (answer.status_code, answer.json()["layer"]) == (403, "tenant policy")
    assert behind.scopes == []


def test_the_rate_limit_is_that_of_the_application(make_gate: MakeGate, developer: User, tool: Registered) -> None:
    gate = make_gate(fallback=Behind(), rate_limit="3")
    held = token(gate, developer, tool)
    assert [gate.get(ADDRESS, headers=held).status_code for _ in range(3)] == [200, 200, 429]


def test_a_bound_token_needs_its_proof(both: TestClient, behind: Behind, developer: User, tool: Registered) -> None:
    Grant.objects.update(dpop_jkt="")
    held = token(both, developer, tool)
    answer = both.get(ADDRESS, headers={"Authorization": held["Authorization"].replace("Bearer", "DPoP")})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_dpop_proof")
    assert behind.scopes == []


def test_a_body_goes_on_whole_and_within_the_limit(
    make_gate: MakeGate, behind: Behind, developer: User, tool: Registered
) -> None:
    gate = make_gate(fallback=behind, body_limit="1024")
    held = token(gate, developer, tool)
    assert gate.post(ADDRESS, headers=held, content=b"{}" * 100).status_code == 200
    assert behind.bodies == [b"{}" * 100]
    too_large = gate.post(ADDRESS, headers=held, content=b"x" * 1025)
    assert (too_large.status_code, too_large.json()["error"]) == (413, "request_too_large")


def test_conditions_go_on(both: TestClient, behind: Behind, developer: User, tool: Registered) -> None:
    sent = {"If-Match": '"b"', "Idempotency-Key": "k"}
    both.patch(f"{ADDRESS}/1", headers=token(both, developer, tool) | sent, json={})
    arrived = dict(behind.scopes[0]["headers"])
    assert (arrived[b"if-match"], arrived[b"idempotency-key"]) == (b'"b"', b"k")


def test_head_is_get_without_a_body(both: TestClient, behind: Behind, developer: User, tool: Registered) -> None:
    answer = both.head(ADDRESS, headers=token(both, developer, tool))
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "13")
    assert behind.scopes[0]["method"] == "GET"


def test_a_refusal_of_the_application_behind_is_told_with_our_request_id_and_stands_in_the_trace(
    both: TestClient, behind: Behind, developer: User, tool: Registered
) -> None:
    told = {"error": "forbidden", "message": "Not you.", "layer": "permission", "required": "developer"}
    behind.answer = (403, told | {"fixableBy": "administrator", "requestId": "another"})
    answer = both.get(ADDRESS, headers=token(both, developer, tool))
    assert answer.status_code == 403
    reference = answer.headers["x-request-id"]
    ours = {"requestId": reference, "errorUri": f"http://localhost:8000/help/requests/{reference}"}
    assert answer.json() == told | {"fixableBy": "administrator"} | ours
    written(both)
    kept = RefusedRequest.objects.get(request_id=answer.headers["x-request-id"])
    assert (kept.endpoint, kept.error, kept.application_id) == ("/manage", "forbidden", tool.application.pk)


def test_a_page_as_answer_is_a_fault_of_ours(
    both: TestClient, behind: Behind, developer: User, tool: Registered
) -> None:
    behind.answer = (404, b"<html>a page</html>")
    answer = both.get(ADDRESS, headers=token(both, developer, tool))
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")


def test_a_fresh_sign_in_is_asked_for_as_rfc_9470_says(
    both: TestClient, behind: Behind, developer: User, tool: Registered
) -> None:
    told = {"error": "insufficient_user_authentication", "message": "Sign in again.", "fixableBy": "person"}
    behind.answer = (401, told | {"acrValues": "urn:varco:acr:2", "maxAge": 900})
    held = token(both, developer, tool)
    answer = both.post(f"{ADDRESS}/1/secrets", headers=held, json={"label": "x"})
    assert answer.status_code == 401
    (challenge,) = answer.headers.get_list("www-authenticate")
    assert challenge.startswith('Bearer realm="varco", error="insufficient_user_authentication", error_description=')
    assert 'acr_values="urn:varco:acr:2", max_age="900"' in challenge
    assert (answer.json()["acrValues"], answer.json()["maxAge"]) == ("urn:varco:acr:2", 900)


def test_the_description_is_for_anybody_and_nothing_beside_it(both: TestClient, behind: Behind) -> None:
    for headers in ({}, bearing("forged")):
        assert both.get(MANAGEMENT_DOCUMENT, headers=headers).status_code == 200
        assert (SCOPE_KEY in behind.scopes[-1], behind.scopes[-1][SCOPE_KEY]) == (True, None)
    assert len(behind.scopes) == 2
    for method, path in (
        ("POST", MANAGEMENT_DOCUMENT), ("GET", f"{MANAGEMENT_DOCUMENT}/"), ("GET", "/manage/v1//openapi.json"),
        ("GET", "/manage/v1/openapi.json%00"),
    ):  # fmt: skip
        assert both.request(method, path).status_code in {401, 404}
    assert all(scope["path"] == MANAGEMENT_DOCUMENT for scope in behind.scopes)


def test_the_gate_alone_says_where_to_ask(gate: TestClient, developer: User, tool: Registered) -> None:
    for headers in ({}, token(gate, developer, tool)):
        answer = gate.get(ADDRESS, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
        assert "this process is the gate alone" in answer.json()["message"]
