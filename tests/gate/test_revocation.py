"""An application gives back what it may do for a person (RFC 7009)."""

from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, grant, refresh, tokens, written
from tests.support import people
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.grants.models import Grant
from varco.protocol.parameters import FORM

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def revoke(gate: TestClient, app: Registered, token: str, **changes: Any) -> Response:
    form = {"token": token} | changes
    if app.secret:
        return gate.post("/oauth2/revoke", data=form, auth=(app.client_id, app.secret))
    return gate.post("/oauth2/revoke", data=form | {"client_id": app.client_id})


def alive(gate: TestClient, token: str) -> bool:
    return gate.get("/v2/userinfo", headers=bearing(token)).status_code == 200


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
@pytest.mark.parametrize(
    "hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "x"}]
)
def test_revoking_either_token_ends_everything_given_with_it(
    gate: TestClient, dario: User, app: Registered, kind: str, hint: dict[str, str]
) -> None:
    got = tokens(gate, dario, app)
    answer = revoke(gate, app, got[kind], **hint)
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, "application/json", {})
    assert answer.headers["cache-control"] == "no-store"
    assert not alive(gate, got["access_token"])
    assert refresh(gate, app, got["refresh_token"]).json()["error"] == "invalid_grant"
    ended = Event.objects.get(tag="grant.ended")
    assert (ended.user, ended.detail["reason"], ended.application_id) == (
        dario.public_id,
        "revoked",
        app.application.pk,
    )
    assert ended.request_id == answer.headers["x-request-id"]


def test_revoking_twice_is_told_as_well_and_recorded_once(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app)
    assert [revoke(gate, app, got["refresh_token"]).status_code for _ in range(3)] == [200, 200, 200]
    assert Event.objects.filter(tag="grant.ended").count() == 1


def test_a_token_rotated_since_can_still_be_given_back(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app)
    newer = refresh(gate, app, got["refresh_token"]).json()
    assert revoke(gate, app, got["refresh_token"]).status_code == 200
    assert not alive(gate, newer["access_token"])


def test_a_grant_is_revoked_and_the_others_of_the_same_person_live(
    gate: TestClient, dario: User, app: Registered
) -> None:
    one, other = tokens(gate, dario, app), tokens(gate, dario, app)
    revoke(gate, app, one["access_token"])
    assert (alive(gate, one["access_token"]), alive(gate, other["access_token"])) == (False, True)


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
def test_a_foreign_token_is_told_the_same_and_nothing_changes(
    gate: TestClient, dario: User, app: Registered, kind: str
) -> None:
    got = tokens(gate, dario, app)
    thief = people.application(app.application.owner, name="Another")
    answer = revoke(gate, thief, got[kind])
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, "application/json", {})
    assert alive(gate, got["access_token"])
    assert refresh(gate, app, got["refresh_token"]).status_code == 200
    assert not Event.objects.filter(tag="grant.ended").exists()


def test_garbage_is_told_the_same_and_nothing_changes(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app)
    header, payload, signature = got["access_token"].split(".")
    for garbage in (
        "x",
        "vrt.",
        "a.b.c",
        got["refresh_token"] + "x",
        got["refresh_token"][:-1],
        f"{header}.{payload}.{signature[:-2]}",
        f"{header}.{payload}.",
        f"eyJhbGciOiJub25lIn0.{payload}.",
        "é" * 50,
        got["id_token"],
    ):
        assert revoke(gate, app, garbage).status_code == 200
    assert alive(gate, got["access_token"])


def test_a_code_is_no_token(gate: TestClient, dario: User, app: Registered) -> None:
    made, code = grant(dario, app)
    assert revoke(gate, app, code).status_code == 200
    made.refresh_from_db()
    assert made.state == Grant.State.CODE


def test_an_expired_access_token_has_nothing_left_to_revoke(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    got = tokens(gate, dario, app)
    frozen.advance(601)
    assert revoke(gate, app, got["access_token"]).status_code == 200
    assert refresh(gate, app, got["refresh_token"]).status_code == 200


def test_a_public_client_revokes_its_own(gate: TestClient, dario: User) -> None:
    native = people.application(people.davide(), type="native")
    got = tokens(gate, dario, native)
    assert revoke(gate, native, got["refresh_token"]).status_code == 200
    assert not alive(gate, got["access_token"])


def test_nothing_is_revoked_without_the_client_s_authentication(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app)
    for answer in (
        gate.post("/oauth2/revoke", data={"token": got["refresh_token"], "client_id": app.client_id}),
        gate.post("/oauth2/revoke", data={"token": got["refresh_token"]}, auth=(app.client_id, "vs.wrong")),
        gate.post("/oauth2/revoke", data={"token": got["refresh_token"]}, auth=("varco-nobody", "vs.wrong")),
        gate.post("/oauth2/revoke", data={"token": got["refresh_token"]}),
    ):
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")
    assert alive(gate, got["access_token"])


def test_bad_requests_are_told_and_traced(gate: TestClient, app: Registered) -> None:
    auth = (app.client_id, app.secret)
    answers = [
        gate.post("/oauth2/revoke", data={}, auth=auth),
        gate.post("/oauth2/revoke?token=x", data={"token": "x"}, auth=auth),
        gate.post("/oauth2/revoke", content=b"token=a&token=b", headers={"content-type": FORM}, auth=auth),
        gate.post("/oauth2/revoke", json={"token": "x"}, auth=auth),
        gate.post("/oauth2/revoke", data={"token": "x", "client_secret": app.secret}, auth=auth),
        gate.post("/oauth2/revoke", data={"token": "x\0"}, auth=auth),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(400, "invalid_request")] * 6
    assert gate.get("/oauth2/revoke").status_code == 405
    written(gate)
    traced = RefusedRequest.objects.filter(endpoint="/oauth2/revoke")
    assert {row.request_id for row in traced} >= {answer.json()["request_id"] for answer in answers}


def test_scripts_of_a_registered_origin_may_call(gate: TestClient, frozen: FrozenClock) -> None:
    people.application(people.davide(), type="spa", redirect_uris=["https://spa.example/cb"])
    frozen.advance(5)
    answer = gate.options("/oauth2/revoke", headers={"origin": "https://spa.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "https://spa.example")
    foreign = gate.options("/oauth2/revoke", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers


def test_it_is_announced(gate: TestClient) -> None:
    document = gate.get("/.well-known/oauth-authorization-server").json()
    assert document["revocation_endpoint"] == "http://localhost:8000/oauth2/revoke"
    assert "none" in document["revocation_endpoint_auth_methods_supported"]


def test_a_race_of_rotations_with_a_revocation_leaves_no_survivor(
    gate: TestClient, dario: User, app: Registered
) -> None:
    got = tokens(gate, dario, app)

    def run(number: int) -> Response:
        act = revoke if number == 25 else refresh
        return act(gate, app, got["refresh_token"])

    answers = race(run)
    assert answers[25].status_code == 200
    survivors = [answer.json() for number, answer in enumerate(answers) if number != 25 and answer.status_code == 200]
    for survivor in survivors:
        assert not alive(gate, survivor["access_token"])
        assert refresh(gate, app, survivor["refresh_token"]).json()["error"] == "invalid_grant"
    assert Event.objects.filter(tag="grant.ended").count() == 1
