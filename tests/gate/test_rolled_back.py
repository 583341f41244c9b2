"""A database restored to an earlier state meets refresh tokens that are newer than it: a roll-back, and no theft."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, refresh, tokens, written
from tests.gate.test_dpop import TOKEN, bound, error
from tests.gate.test_dpop import refresh as refresh_proven
from tests.support import people
from tests.support.client_keys import ClientKey
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.grants.models import Grant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def kept() -> dict[str, Any]:
    """A backup of the (only) grant."""
    return {**Grant.objects.values().get()}


def restore(backup: dict[str, Any]) -> None:
    Grant.objects.filter(pk=backup["id"]).update(**backup)


def turned(gate: TestClient, app: Registered, token: str, times: int) -> list[str]:
    """The tokens that follow, oldest first."""
    found = []
    for _ in range(times):
        token = refresh(gate, app, token).json()["refresh_token"]
        found.append(token)
    return found


def test_a_token_newer_than_the_database_is_accepted_forward_and_recorded(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    backup = kept()
    newest = turned(gate, app, first, 4)[-1]  # number 5
    frozen.advance(3600)
    restore(backup)
    asked = gate.post("/oauth2/introspect", data={"token": newest}, auth=(app.client_id, app.secret))
    assert asked.json()["active"]
    answer = refresh(gate, app, newest)
    assert answer.status_code == 200, answer.text
    assert gate.get("/v2/userinfo", headers=bearing(answer.json()["access_token"])).status_code == 200
    assert (Grant.objects.get().state, Grant.objects.get().n) == ("active", 6)
    event = Event.objects.get(tag="refresh.rolled_back")
    assert (event.user, event.application_id) == (dario.public_id, app.application.pk)
    assert event.detail == {"grant": str(backup["id"]), "presented": 5, "known": 1}
    written(gate)
    trace = RefusedRequest.objects.get()
    assert (trace.error, trace.status, trace.application_id) == ("rolled_back", 200, app.application.pk)
    # It goes on as ever: a lost answer is repeated, the next one turns over without a word.
    assert refresh(gate, app, newest).json()["refresh_token"] == answer.json()["refresh_token"]
    assert refresh(gate, app, answer.json()["refresh_token"]).status_code == 200
    assert Event.objects.filter(tag="refresh.rolled_back").count() == 1


def test_a_warning_a_minute_tells_the_operator(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    backup = kept()
    newest = turned(gate, app, first, 2)[-1]
    told = []
    for seconds in (0, 10, 61):
        caplog.clear()
        frozen.advance(seconds)
        restore(backup)
        newest = refresh(gate, app, newest).json()["refresh_token"]
        told.append("restored to an earlier state" in caplog.text)
    assert told == [True, False, True]
    assert newest not in caplog.text


def test_what_is_older_than_the_token_that_was_taken_forward_is_reuse(
    gate: TestClient, dario: User, app: Registered
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    backup = kept()
    stolen, _, newest = turned(gate, app, first, 3)
    restore(backup)
    assert refresh(gate, app, newest).status_code == 200
    assert refresh(gate, app, stolen).json()["error"] == "invalid_grant"
    assert Grant.objects.get().end_reason == "refresh_reused"


def test_a_thief_with_an_older_token_who_comes_first_is_found_at_the_next_turn(
    gate: TestClient, dario: User, app: Registered
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    backup = kept()
    stolen, _, _, newest = turned(gate, app, first, 4)
    restore(backup)
    taken = refresh(gate, app, stolen).json()["refresh_token"]
    assert refresh(gate, app, newest).status_code == 200
    assert refresh(gate, app, taken).json()["error"] == "invalid_grant"
    assert Grant.objects.get().end_reason == "refresh_reused"


def test_an_ended_grant_takes_nothing_forward(gate: TestClient, dario: User, app: Registered) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    backup = kept()
    newest = turned(gate, app, first, 3)[-1]
    restore(backup | {"state": "ended", "end_reason": "withdrawn"})
    assert refresh(gate, app, newest).json()["error"] == "invalid_grant"
    assert Grant.objects.get().n == backup["n"]
    assert not Event.objects.filter(tag__startswith="refresh.").exists()


def test_of_fifty_at_once_one_takes_the_row_forward_and_all_get_its_successor(
    gate: TestClient, dario: User, app: Registered
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    backup = kept()
    newest = turned(gate, app, first, 3)[-1]
    restore(backup)
    answers = race(lambda _: refresh(gate, app, newest))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert Grant.objects.get().n == 5
    assert Event.objects.filter(tag="refresh.rolled_back").count() == 1


def test_a_narrowed_scope_is_taken_forward_too(gate: TestClient, dario: User, app: Registered) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    backup = kept()
    newest = turned(gate, app, first, 2)[-1]
    restore(backup)
    answer = refresh(gate, app, newest, scope="openid")
    assert (answer.status_code, answer.json()["scope"]) == (200, "openid")
    assert Grant.objects.get().n == 4


def test_a_bound_token_is_taken_forward_with_a_proof_of_its_key_alone(
    gate: TestClient, dario: User, frozen: FrozenClock
) -> None:
    native, key = people.application(people.davide(), type="native"), ClientKey()
    newest = bound(gate, native, dario, key, frozen.seconds)["refresh_token"]
    backup = kept()
    for _ in range(3):
        newest = refresh_proven(gate, native, newest, key.proof("POST", TOKEN, frozen.seconds)).json()["refresh_token"]
    restore(backup)
    for proof in (None, ClientKey().proof("POST", TOKEN, frozen.seconds)):
        assert error(refresh_proven(gate, native, newest, proof)) == (400, "invalid_grant")
    assert Grant.objects.get().n == backup["n"]
    assert refresh_proven(gate, native, newest, key.proof("POST", TOKEN, frozen.seconds)).status_code == 200
    assert Grant.objects.get().n == 5
