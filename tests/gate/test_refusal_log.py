"""What the gate refuses stands in the trace of the application concerned, and never a secret (S33, S37)."""

import json
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import (
    DEVICE_CODE,
    MakeGate,
    bearing,
    blocked_writing,
    core_of,
    grant,
    on_its_loop,
    redeem,
    refresh,
    tokens,
    written,
)
from tests.support import people
from tests.support.authorization_pages import parameters
from tests.support.client_keys import ClientKey, asserting, segment
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.gate.refusal_log import WAITING_LIMIT
from varco.gate.store import ProgrammingError, Schema, Statement
from varco.gate.store.sql.audit import ADD_REFUSAL
from varco.gate.write_queue import WriteQueue
from varco.protocol.refusal_log import KEPT_A_MINUTE

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def post(gate: TestClient, app: Registered, path: str, **form: str) -> Response:
    return gate.post(path, data=form, auth=(app.client_id, app.secret))


def the_refusal(gate: TestClient, answer: Response) -> RefusedRequest:
    """The one line of the trace that an answer's request id leads to."""
    written(gate)
    content = answer.json()
    return RefusedRequest.objects.get(request_id=content.get("request_id") or content["requestId"])


# What is sent without its needs by an application that is known: where to, and rule, received and expected of the trace.
REFUSED: list[tuple[str, dict[str, str], tuple[str, str, str]]] = [
    ("/oauth2/par", {"redirect_uri": people.CALLBACK + "/"}, ("RFC 9700", people.CALLBACK + "/", people.CALLBACK)),
    ("/oauth2/par", {"code_challenge": ""}, ("RFC 7636", "code_challenge_method alone", "code_challenge")),
    ("/oauth2/token", {"grant_type": "client_credentials"}, ("RFC 6749", "client_credentials", "")),
    ("/oauth2/token", {"code": "x", "resource": "https://elsewhere.example"}, ("RFC 6749", "", "")),
    ("/oauth2/token", {"grant_type": DEVICE_CODE, "device_code": "x"}, ("RFC 8628", "", "")),
    ("/oauth2/device_authorization", {"scope": "giponext.invoices"}, ("", "giponext.invoices", "")),
    ("/oauth2/revoke", {"token_type_hint": "access_token"}, ("RFC 7009", "no token", "token")),
    ("/oauth2/introspect", {"token_type_hint": "access_token"}, ("RFC 7662", "no token", "token")),
]


@pytest.mark.parametrize(("path", "form", "told"), REFUSED)
def test_every_endpoint_tells_its_developer_what_was_wrong(
    gate: TestClient, everything: Registered, path: str, form: dict[str, str], told: tuple[str, str, str]
) -> None:
    whole = parameters(everything) if path == "/oauth2/par" else {}
    found = the_refusal(gate, post(gate, everything, path, **whole | form))
    assert (found.application_id, found.endpoint) == (everything.application.pk, path)
    assert [part in text for part, text in zip(told, (found.rule, found.received, found.expected), strict=True)] == [
        True
    ] * 3, (found.rule, found.received, found.expected)


def test_a_resource_tells_the_developer_of_the_token(
    gate: TestClient, app: Registered, dario: User, frozen: FrozenClock
) -> None:
    token = tokens(gate, dario, app, "giponext.patients")["access_token"]
    userinfo = the_refusal(gate, gate.get("/oauth2/userinfo", headers=bearing(token)))
    assert (userinfo.application_id, userinfo.endpoint) == (app.application.pk, "/oauth2/userinfo")
    assert (userinfo.received, userinfo.expected) == ("giponext.patients", "openid")
    path = "/v2/tenants/tenant-aurora/agendas"
    api = the_refusal(gate, gate.get(path, headers=bearing(token)))
    assert (api.application_id, api.endpoint) == (app.application.pk, "/v2/tenants/{tenantId}/agendas")
    elsewhere = the_refusal(gate, gate.get("/v2/tenants/tenant-levante/agendas", headers=bearing(token)))
    told = (elsewhere.received, elsewhere.expected)
    assert told == ("tenant tenant-levante", "tenant tenant-aurora, which the token is for")
    frozen.advance(700)
    late = the_refusal(gate, gate.get(path, headers=bearing(token)))
    assert (late.application_id, late.received) == (app.application.pk, "expired 100 s ago")


@pytest.mark.parametrize("body", ["token=a&token=b", "token=%zz", "token=" + "a" * 200_000])
def test_a_request_that_cannot_even_be_read_finds_its_developer_by_its_credentials(
    gate: TestClient, app: Registered, body: str
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = gate.post("/oauth2/revoke", content=body, headers=form, auth=(app.client_id, app.secret))
    assert the_refusal(gate, answer).application_id == app.application.pk


def test_an_assertion_names_its_developer_before_anything_else_is_looked_at(
    gate: TestClient, transactional_db: None, frozen: FrozenClock
) -> None:
    key = ClientKey()
    app = people.application(people.davide(), token_endpoint_auth_method="private_key_jwt", jwks=key.jwks)
    form = asserting(key.assertion(app, frozen.seconds)) | {"grant_type": "password"}
    found = the_refusal(gate, gate.post("/oauth2/token", data=form))
    assert (found.application_id, found.error) == (app.application.pk, "unsupported_grant_type")


@pytest.mark.parametrize("subject", ["\0", "varco\0", "\x1f", "\ud800"])
def test_a_subject_that_no_database_can_look_for_is_no_client(gate: TestClient, subject: str) -> None:
    claims = json.dumps({"sub": subject}).encode()
    assertion = ".".join(segment(part) for part in (b'{"alg":"ES256"}', claims, b"x"))
    answer = gate.post("/oauth2/token", data=asserting(assertion) | {"grant_type": "authorization_code", "code": "x"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert the_refusal(gate, answer).error == "invalid_client"


def test_nothing_secret_is_in_it_wherever_it_was_sent(
    gate: TestClient, everything: Registered, dario: User, frozen: FrozenClock
) -> None:
    app = everything
    got = tokens(gate, dario, app)
    _, code = grant(dario, app)
    device = post(gate, app, "/oauth2/device_authorization", scope="openid").json()["device_code"]
    secrets = [app.secret, code, device, got["access_token"], got["refresh_token"], got["id_token"]]
    for secret in secrets:
        post(gate, app, "/oauth2/token", grant_type=secret)
        post(gate, app, "/oauth2/token", grant_type="authorization_code", code=secret, redirect_uri=secret)
        post(gate, app, "/oauth2/token", grant_type="refresh_token", refresh_token=secret, scope=secret)
        post(gate, app, "/oauth2/token", grant_type="authorization_code", code="x", resource=secret)
        gate.post("/oauth2/token", data={"grant_type": DEVICE_CODE, "device_code": "x"}, auth=(secret, app.client_id))
        gate.post("/oauth2/token", data={"client_id": secret, "grant_type": "refresh_token", "refresh_token": "x"})
        gate.post("/oauth2/token", data=asserting("x") | {"client_assertion_type": secret, "grant_type": "x"})
        gate.post("/oauth2/token", content=b"", headers={"content-type": secret})
        post(gate, app, "/oauth2/par", **parameters(app, redirect_uri=f"{people.CALLBACK}?code={secret}"))
        post(gate, app, "/oauth2/par", **parameters(app, prompt=secret))
        post(gate, app, "/oauth2/par", **parameters(app, scope=secret, dpop_jkt=secret, max_age=secret))
        post(gate, app, "/oauth2/revoke", tokens=secret)
        for header in (secret, f"Basic {secret}", f"Secret {secret}", f"DPoP {secret}", f"Bearer {secret}x"):
            gate.get("/v2/userinfo", headers={"authorization": header})
            gate.post("/oauth2/introspect", data={"token": "x"}, headers={"authorization": header})
        gate.get(f"/v2/userinfo?access_token={secret}")
        gate.get("/oauth2/userinfo", headers=bearing(got["access_token"]) | {"dpop": secret})
        gate.get(f"/v2/tenants/{secret}/patients", headers=bearing(got["access_token"]))
        frozen.advance(1)
    written(gate)
    rows = [json.dumps(row) for row in RefusedRequest.objects.values()]
    assert len(rows) > 80
    for secret in secrets:
        assert not [row for row in rows if secret[:24] in row or secret[-24:] in row]


def flooded(gate: TestClient, app: Registered, times: int) -> None:
    for _ in range(times):
        assert refresh(gate, app, "garbage").status_code == 400


def test_a_flood_of_one_application_is_cut_says_so_and_leaves_the_others_alone(
    make_gate: MakeGate, app: Registered, frozen: FrozenClock
) -> None:
    gate = make_gate(rate_limit="1000000")
    other = people.application(app.application.owner, name="Another")
    for each in (app, other):
        redeem(gate, each, "x")
    flooded(gate, app, KEPT_A_MINUTE + 20)
    flooded(gate, other, 1)
    written(gate)
    kept = RefusedRequest.objects.filter(application_id=app.application.pk).order_by("pk")
    assert (kept.count(), [row.error for row in kept][-2:]) == (
        KEPT_A_MINUTE + 1,
        ["invalid_grant", "trace_incomplete"],
    )
    assert set(RefusedRequest.objects.filter(application_id=other.application.pk).values_list("error", flat=True)) == {
        "invalid_grant"
    }
    frozen.advance(60)
    flooded(gate, app, 1)
    written(gate)
    assert kept.last().error == "invalid_grant"  # type: ignore[union-attr]


def test_what_finds_no_room_is_counted_for_its_application(gate: TestClient, app: Registered) -> None:
    redeem(gate, app, "x")
    context = core_of(gate)
    waiting: Any = context.refusal_log._waiting

    async def full() -> None:
        while not waiting.full:
            waiting.add(waiting._entries[0])

    with blocked_writing(gate):
        on_its_loop(gate, full)
        flooded(gate, app, 3)
    written(gate)
    assert RefusedRequest.objects.count() == WAITING_LIMIT + 1
    last = RefusedRequest.objects.order_by("pk").last()
    assert last is not None
    assert (last.application_id, last.error, last.received) == (app.application.pk, "trace_incomplete", "3")
    assert last.request_id


def test_an_entry_that_cannot_be_written_does_not_stop_the_others(gate: TestClient, transactional_db: None) -> None:
    async def row_of(entry: str) -> tuple[Any, ...]:
        if entry == "no row":
            raise ValueError(entry)
        status = None if entry == "no status" else 400
        return 0, entry, "/oauth2/token", None, "invalid_grant", "S33", "", "", "", status

    waiting = WriteQueue(core_of(gate).platform, ADD_REFUSAL, row_of, limit=10, batch=10)
    for entry in ("first", "no row", "no status", "last"):
        waiting.add(entry)
    on_its_loop(gate, waiting.flush)
    assert list(RefusedRequest.objects.order_by("pk").values_list("request_id", flat=True)) == ["first", "last"]


def test_entries_wait_while_the_table_is_not_there(gate: TestClient) -> None:
    """Migrations are missing: none of the entries is at fault, so none is left out."""
    nowhere = Statement(Schema("scratch"), "INSERT INTO nowhere (name) VALUES (:name)")

    async def row_of(entry: str) -> tuple[Any, ...]:
        return nowhere.values(name=entry)

    waiting = WriteQueue(core_of(gate).platform, nowhere, row_of, limit=2, batch=1)
    for entry in ("first", "last"):
        waiting.add(entry)
    with pytest.raises(ProgrammingError):
        on_its_loop(gate, waiting.flush)
    assert waiting.full
