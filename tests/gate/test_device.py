"""A device without browser, and a person who approves elsewhere (RFC 8628)."""

import re
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import (
    CHALLENGE,
    DEVICE_CODE,
    EVERY_GRANT_TYPE,
    OF_A_DEVICE,
    VERIFIER,
    bearing,
    grant,
    refresh,
    tokens,
    written,
)
from tests.support import people
from tests.support.client_keys import ClientKey, asserting
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.browser_session import SignIn
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.audit.services import Origin
from varco.grants import device_approval, services
from varco.grants.consent_request import ConsentDecision
from varco.grants.models import DeviceRequest, Grant
from varco.grants.parties import Parties
from varco.registry.models import Application, Revision
from varco.tenants.models import Membership

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

SCOPE = "openid offline_access giponext.patients"


@pytest.fixture
def box(transactional_db: None, frozen: FrozenClock) -> Registered:
    """A public application on a device."""
    return people.application(people.davide(), type="device", grant_types=OF_A_DEVICE, redirect_uris=[])


def begin(gate: TestClient, app: Registered, **changes: Any) -> Response:
    form = {"scope": SCOPE} | changes
    if app.secret:
        return gate.post("/oauth2/device_authorization", data=form, auth=(app.client_id, app.secret))
    return gate.post("/oauth2/device_authorization", data=form | {"client_id": app.client_id})


def poll(gate: TestClient, app: Registered, device_code: str, **changes: str) -> Response:
    form = {"grant_type": DEVICE_CODE, "device_code": device_code} | changes
    if app.secret:
        return gate.post("/oauth2/token", data=form, auth=(app.client_id, app.secret))
    return gate.post("/oauth2/token", data={"client_id": app.client_id} | form)


def approve(user: User, user_code: str, scopes: str = SCOPE) -> Grant:
    """What the page does when a person accepts."""
    waiting = device_approval.find(user_code)
    assert waiting is not None
    parties = Parties(user, user.membership.tenant, waiting.application)
    answer = ConsentDecision(tuple(scopes.split()), (), frozenset({"tenant"}))
    return device_approval.approve(
        waiting, parties, answer, SignIn(auth_time=5, amr="pwd"), Origin(user), still_signed_in=lambda: True
    )


def error(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_device_gets_its_tokens_once_a_person_approved(
    gate: TestClient, box: Registered, dario: User, frozen: FrozenClock
) -> None:
    answer = begin(gate, box)
    asked = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", asked["user_code"])
    assert asked["verification_uri"] == "http://localhost:8000/device"
    assert asked["verification_uri_complete"] == f"http://localhost:8000/device?user_code={asked['user_code']}"
    assert (asked["expires_in"], asked["interval"]) == (600, 5)

    pending = poll(gate, box, asked["device_code"])
    assert error(pending) == (400, "authorization_pending")
    assert pending.headers["cache-control"] == "no-store"
    approve(dario, asked["user_code"].lower().replace("-", " "))
    frozen.advance(5)
    got = poll(gate, box, asked["device_code"])
    assert got.status_code == 200, got.text
    assert got.json()["scope"] == SCOPE
    assert got.json()["id_token"]
    who = gate.get("/v2/userinfo", headers=bearing(got.json()["access_token"])).json()
    assert (who["sub"], who["tenants"][0]["id"]) == (dario.public_id, "tenant-aurora")
    assert refresh(gate, box, got.json()["refresh_token"]).status_code == 200
    made = Grant.objects.get()
    assert (made.state, made.n) == ("active", 2)
    assert made.expires_at == frozen.seconds + 365 * 86400
    assert Event.objects.filter(tag="grant.issued", user=dario.public_id).count() == 1


def test_where_the_request_came_from_is_kept_for_the_person(gate: TestClient, box: Registered) -> None:
    gate.post(
        "/oauth2/device_authorization",
        data={"scope": SCOPE, "client_id": box.client_id},
        headers={b"user-agent": b"Box/1 <script>\x00\x9b\xe9" + b"x" * 300},
    )
    row = DeviceRequest.objects.get()
    assert row.ip == "192.0.2.7"
    assert row.user_agent.startswith("Box/1 <script>")
    assert row.user_agent.isprintable()
    assert len(row.user_agent) == 200


def test_only_hashes_are_stored(gate: TestClient, box: Registered) -> None:
    code = begin(gate, box).json()["device_code"]
    row = DeviceRequest.objects.values().get()
    assert code not in str(row)
    assert len(row["device_code_hash"]) == 64


@pytest.mark.parametrize("method", ["client_secret_basic", "private_key_jwt"])
def test_a_confidential_device_authenticates_both_times(gate: TestClient, frozen: FrozenClock, method: str) -> None:
    key = ClientKey()
    app = people.application(people.davide(), grant_types=OF_A_DEVICE, token_endpoint_auth_method=method, jwks=key.jwks)

    def post(path: str, **form: str) -> Response:
        if method == "private_key_jwt":
            return gate.post(path, data=form | asserting(key.assertion(app, frozen.seconds)))
        return gate.post(path, data=form, auth=(app.client_id, app.secret))

    asked = post("/oauth2/device_authorization", scope=SCOPE)
    assert asked.status_code == 200, asked.text
    form = {"grant_type": DEVICE_CODE, "device_code": asked.json()["device_code"]}
    assert error(post("/oauth2/token", **form)) == (400, "authorization_pending")
    assert error(gate.post("/oauth2/token", data=form | {"client_id": app.client_id})) == (401, "invalid_client")
    bare = {"scope": SCOPE, "client_id": app.client_id}
    assert error(gate.post("/oauth2/device_authorization", data=bare)) == (401, "invalid_client")


def test_a_device_that_polls_too_fast_is_slowed_down(
    gate: TestClient, box: Registered, dario: User, frozen: FrozenClock
) -> None:
    asked = begin(gate, box).json()

    def said() -> str:
        return error(poll(gate, box, asked["device_code"]))[1]

    assert said() == "authorization_pending"
    frozen.advance(5)
    assert said() == "authorization_pending"
    frozen.advance(4)
    assert said() == "slow_down"
    frozen.advance(5)
    assert said() == "slow_down"  # ten seconds were asked for by now
    frozen.advance(15)
    assert said() == "authorization_pending"
    written(gate)
    assert DeviceRequest.objects.get().interval == 15
    approve(dario, asked["user_code"])
    assert poll(gate, box, asked["device_code"]).status_code == 200  # nobody waits who need not


def test_of_fifty_polls_at_the_same_moment_none_is_answered_twice(gate: TestClient, box: Registered) -> None:
    code = begin(gate, box).json()["device_code"]
    said = [error(answer)[1] for answer in race(lambda _: poll(gate, box, code))]
    assert sorted(said) == ["authorization_pending"] + ["slow_down"] * 49


def test_of_fifty_polls_after_the_approval_one_gets_tokens(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box).json()
    approve(dario, asked["user_code"])
    answers = race(lambda _: poll(gate, box, asked["device_code"]))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert {error(answer) for answer in answers if answer.status_code != 200} == {(400, "invalid_grant")}
    assert Event.objects.filter(tag="grant.issued").count() == 1
    assert DeviceRequest.objects.get().state == "redeemed"
    got = next(answer.json() for answer in answers if answer.status_code == 200)
    assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code == 200
    assert refresh(gate, box, got["refresh_token"]).status_code == 200


def test_a_poll_that_comes_a_moment_too_late_gets_nothing_and_ends_nothing(
    gate: TestClient, box: Registered, dario: User, frozen: FrozenClock
) -> None:
    asked = begin(gate, box).json()
    approve(dario, asked["user_code"])
    got = poll(gate, box, asked["device_code"]).json()
    for seconds in (0, 5, 55):
        frozen.advance(seconds)
        assert error(poll(gate, box, asked["device_code"])) == (400, "invalid_grant")
    assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code == 200
    assert refresh(gate, box, got["refresh_token"]).status_code == 200


def test_a_device_code_that_comes_back_long_after_ends_what_it_gave(
    gate: TestClient, box: Registered, dario: User, frozen: FrozenClock
) -> None:
    asked = begin(gate, box).json()
    approve(dario, asked["user_code"])
    got = poll(gate, box, asked["device_code"]).json()
    refreshed = refresh(gate, box, got["refresh_token"]).json()
    frozen.advance(61)
    assert error(poll(gate, box, asked["device_code"])) == (400, "invalid_grant")
    assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code == 401
    assert error(refresh(gate, box, refreshed["refresh_token"])) == (400, "invalid_grant")
    assert Grant.objects.get().end_reason == "code_replayed"


def test_a_denied_request(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box).json()
    waiting = device_approval.find(asked["user_code"])
    assert waiting
    device_approval.deny(waiting, dario, dario.membership.tenant, Origin(dario))
    for _ in range(2):
        assert error(poll(gate, box, asked["device_code"])) == (400, "access_denied")
    assert not Grant.objects.exists()


@pytest.mark.parametrize("approved", [False, True])
def test_an_expired_request(
    gate: TestClient, box: Registered, dario: User, frozen: FrozenClock, approved: bool
) -> None:
    asked = begin(gate, box).json()
    if approved:
        approve(dario, asked["user_code"])
    frozen.advance(600)
    assert error(poll(gate, box, asked["device_code"])) == (400, "expired_token")
    assert device_approval.find(asked["user_code"]) is None


def test_access_taken_back_before_the_device_polled(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box).json()
    approve(dario, asked["user_code"])
    services.withdraw(dario, box.application, Origin(dario))
    assert error(poll(gate, box, asked["device_code"])) == (400, "access_denied")


def test_a_person_who_left_before_the_device_polled(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box).json()
    approve(dario, asked["user_code"])
    Membership.objects.update(active=False)
    assert error(poll(gate, box, asked["device_code"])) == (400, "invalid_grant")
    Membership.objects.update(active=True)
    assert poll(gate, box, asked["device_code"]).status_code == 200  # a refusal uses nothing up


def test_a_suspended_application_gets_nothing(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box).json()
    approve(dario, asked["user_code"])
    Application.objects.update(state="suspended", version=2)
    assert error(poll(gate, box, asked["device_code"])) == (401, "invalid_client")
    assert error(begin(gate, box)) == (401, "invalid_client")


def test_an_application_that_lost_the_grant_type_gets_nothing(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box).json()
    approve(dario, asked["user_code"])
    Revision.objects.update(grant_types=["authorization_code"])
    Application.objects.update(version=2)
    assert error(poll(gate, box, asked["device_code"])) == (400, "unauthorized_client")
    assert error(begin(gate, box)) == (400, "unauthorized_client")


def test_tokens_hold_what_was_accepted_and_is_still_approved(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box, scope="openid giponext.patients giponext.agenda").json()
    approve(dario, asked["user_code"], "openid giponext.patients")
    Revision.objects.update(scopes=[people.scope(name) for name in ("openid", "giponext.agenda")])
    Application.objects.update(version=2)
    got = poll(gate, box, asked["device_code"]).json()
    assert got["scope"] == "openid"
    assert "refresh_token" not in got


def test_another_client_s_device_code(gate: TestClient, box: Registered, dario: User) -> None:
    other = people.application(box.application.owner, type="device", grant_types=OF_A_DEVICE, name="Another")
    asked = begin(gate, box).json()
    approve(dario, asked["user_code"])
    assert error(poll(gate, other, asked["device_code"])) == (400, "invalid_grant")
    assert poll(gate, box, asked["device_code"]).status_code == 200


def test_pkce_is_honoured_if_it_was_sent(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box, code_challenge=CHALLENGE, code_challenge_method="S256").json()
    approve(dario, asked["user_code"])
    assert error(poll(gate, box, asked["device_code"])) == (400, "invalid_grant")
    wrong = VERIFIER.replace("a", "b")
    assert error(poll(gate, box, asked["device_code"], code_verifier=wrong)) == (400, "invalid_grant")
    assert poll(gate, box, asked["device_code"], code_verifier=VERIFIER).status_code == 200


def test_a_verifier_without_challenge_is_an_error(gate: TestClient, box: Registered) -> None:
    asked = begin(gate, box).json()
    assert error(poll(gate, box, asked["device_code"], code_verifier=VERIFIER)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "giponext.invoices"}, "invalid_scope"),
        ({"scope": 'a"b'}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"scope": "x\0"}, "invalid_request"),
    ],
    ids=str,
)
def test_a_request_that_is_wrong(gate: TestClient, box: Registered, changes: dict[str, str], expected: str) -> None:
    answer = begin(gate, box, **changes)
    assert error(answer) == (400, expected)
    assert not DeviceRequest.objects.exists()
    written(gate)
    row = RefusedRequest.objects.get(request_id=answer.json()["request_id"])
    assert row.endpoint == "/oauth2/device_authorization"


def test_the_api_may_be_named_as_resource(gate: TestClient, box: Registered) -> None:
    assert begin(gate, box, resource="https://api.example").status_code == 200
    assert DeviceRequest.objects.get().resource == "https://api.example"


def test_requests_that_are_no_form(gate: TestClient, box: Registered) -> None:
    path = "/oauth2/device_authorization"
    assert gate.get(path).status_code == 405
    assert error(gate.post(path, json={"client_id": box.client_id})) == (400, "invalid_request")
    assert error(gate.post(f"{path}?scope=x", data={"client_id": box.client_id})) == (400, "invalid_request")
    assert error(gate.post(path, data={"scope": "openid"})) == (401, "invalid_client")
    assert error(gate.post(path, data={"scope": "openid", "client_id": "varco-nobody"})) == (401, "invalid_client")


def test_parameters_that_are_unknown_or_empty_are_ignored_and_none_may_come_twice(
    gate: TestClient, box: Registered
) -> None:
    answer = begin(gate, box, code_challenge="", resource="", audience="https://x.example", display="popup")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    code = answer.json()["device_code"]
    assert error(poll(gate, box, code, code_verifier="", audience="x")) == (400, "authorization_pending")
    doubled = f"client_id={box.client_id}&scope=openid&scope=openid"
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = gate.post("/oauth2/device_authorization", content=doubled, headers=form)
    assert error(answer) == (400, "invalid_request")


def test_polls_without_a_device_code_or_with_garbage(gate: TestClient, box: Registered) -> None:
    assert error(poll(gate, box, "")) == (400, "invalid_request")
    for garbage in ("x", "vdc." + "a" * 43, "é", "x" * 5000):
        assert error(poll(gate, box, garbage)) == (400, "invalid_grant")


def test_one_kind_never_stands_in_for_another(gate: TestClient, dario: User, frozen: FrozenClock) -> None:
    app = people.application(people.davide(), grant_types=EVERY_GRANT_TYPE)
    asked = begin(gate, app).json()
    approve(dario, asked["user_code"])
    _, code = grant(dario, app)
    got = tokens(gate, dario, app)
    for text in (code, asked["user_code"], got["access_token"], got["refresh_token"], got["id_token"]):
        assert error(poll(gate, app, text)) == (400, "invalid_grant")
    for kind, name in (("authorization_code", "code"), ("refresh_token", "refresh_token")):
        form = {
            "grant_type": kind,
            name: asked["device_code"],
            "redirect_uri": people.CALLBACK,
            "code_verifier": VERIFIER,
        }
        answer = gate.post("/oauth2/token", data=form, auth=(app.client_id, app.secret))
        assert error(answer) == (400, "invalid_grant")
    assert gate.get("/v2/userinfo", headers=bearing(asked["device_code"])).status_code == 401
    assert poll(gate, app, asked["device_code"]).status_code == 200


def test_waiting_is_nothing_for_the_trace_but_polling_too_fast_is(gate: TestClient, box: Registered) -> None:
    code = begin(gate, box).json()["device_code"]
    for _ in range(2):
        poll(gate, box, code)
    written(gate)
    assert [row.error for row in RefusedRequest.objects.all()] == ["slow_down"]


def test_it_is_announced(gate: TestClient) -> None:
    document = gate.get("/.well-known/openid-configuration").json()
    assert document["device_authorization_endpoint"] == "http://localhost:8000/oauth2/device_authorization"
    assert DEVICE_CODE in document["grant_types_supported"]
