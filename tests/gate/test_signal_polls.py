"""Fetching events (RFC 8936): each once, until it is acknowledged, and what the receiver makes of them."""

import threading
from typing import Any

import jwt
import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import grant, redeem, refresh, tokens
from tests.gate.test_signal_streams import STATUS, VERIFY, call, made, pushing
from tests.support import people
from tests.support.people import Registered
from tests.support.signal_receiver import CAEP, RISC, SSF, event_of, iss_sub, validated
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.gate.oauth.signals import poll as poll_endpoint
from varco.grants.models import Consent
from varco.people import accounts
from varco.signals.models import Signal, Stream

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

NOW = {"returnImmediately": True}


@pytest.fixture
def stream(gate: TestClient, app: Registered) -> str:
    return str(made(gate, app)["stream_id"])


def poll(gate: TestClient, app: Registered, stream: str, **body: Any) -> Response:
    return call(gate, app, "POST", f"/oauth2/ssf/poll/{stream}", json=NOW | body)


def fetched(gate: TestClient, app: Registered, stream: str, frozen: FrozenClock, **body: Any) -> list[dict[str, Any]]:
    """The claims of what waits, as a receiver reads them."""
    answer = poll(gate, app, stream, **body)
    assert answer.status_code == 200, answer.text
    jwks = gate.get("/oauth2/jwks").json()
    sets = answer.json()["sets"]
    found = [validated(token, jwks, client_id=app.client_id, now=frozen.seconds) for token in sets.values()]
    assert [claims["jti"] for claims in found] == list(sets)
    return found


def waiting(stream: str, count: int) -> None:
    row = Stream.objects.get(public_id=stream)
    Signal.objects.bulk_create(
        [Signal(stream=row, jti=f"j{number}", kind="account-enabled", sub="user-x", txn="t") for number in range(count)]
    )


def test_an_account_that_is_locked_is_told_and_fetched_until_it_is_acknowledged(
    gate: TestClient, app: Registered, dario: User, stream: str, frozen: FrozenClock
) -> None:
    tokens(gate, dario, app)
    Consent.objects.create(user=dario, application=app.application, tenant=dario.membership.tenant)
    accounts.deactivate(dario, Origin(request_id="r-1"))
    found = fetched(gate, app, stream, frozen)
    kinds = [event_of(claims)[0] for claims in found]
    assert kinds == [f"{RISC}account-disabled", f"{CAEP}session-revoked", f"{CAEP}token-claims-change"]
    assert {claims["txn"] for claims in found} == {"r-1"}
    assert all(claims["sub_id"] == iss_sub(dario.public_id) for claims in found)
    assert event_of(found[2])[1]["claims"] == {"scope": ""}
    again = fetched(gate, app, stream, frozen)
    assert again == found

    frozen.advance(5)
    left = fetched(gate, app, stream, frozen, ack=[found[0]["jti"], found[1]["jti"], "unknown"])
    assert left == [found[2]]
    assert (
        fetched(gate, app, stream, frozen, setErrs={found[2]["jti"]: {"err": "invalid_key", "description": "?"}}) == []
    )
    assert list(Signal.objects.order_by("pk").values_list("sent_at", "last_error")) == [
        (frozen.seconds, ""),
        (frozen.seconds, ""),
        (None, "invalid_key: ?"),
    ]
    row = Stream.objects.get()
    assert (row.taken_at, row.failed_at, row.last_fault) == (frozen.seconds, frozen.seconds, "invalid_key: ?")


def test_nobody_acknowledges_what_waits_for_another(gate: TestClient, app: Registered, stream: str) -> None:
    other = people.application(app.application.owner, name="Another")
    theirs = made(gate, other)["stream_id"]
    waiting(stream, 1)
    assert poll(gate, other, theirs, ack=["j0"]).json() == {"sets": {}, "moreAvailable": False}
    assert list(poll(gate, app, stream).json()["sets"]) == ["j0"]


def test_many_come_in_parts_oldest_first(gate: TestClient, app: Registered, stream: str) -> None:
    waiting(stream, 60)
    got: list[str] = []
    more = True
    while more:
        answer = poll(gate, app, stream, ack=got).json()
        got += answer["sets"]
        more = answer["moreAvailable"]
    assert got == [f"j{number}" for number in range(60)]
    assert poll(gate, app, stream, ack=got[50:], maxEvents=0).json() == {"sets": {}, "moreAvailable": False}
    assert poll(gate, app, stream).json()["sets"] == {}


def test_one_at_a_time(gate: TestClient, app: Registered, stream: str) -> None:
    waiting(stream, 2)
    answer = poll(gate, app, stream, maxEvents=1).json()
    assert (list(answer["sets"]), answer["moreAvailable"]) == (["j0"], True)


def test_a_paused_stream_keeps_and_a_disabled_one_drops(gate: TestClient, app: Registered, stream: str) -> None:
    waiting(stream, 1)
    call(gate, app, "POST", STATUS, json={"stream_id": stream, "status": "paused"})
    assert poll(gate, app, stream).json()["sets"] == {}
    call(gate, app, "POST", STATUS, json={"stream_id": stream, "status": "enabled"})
    assert list(poll(gate, app, stream).json()["sets"]) == ["j0"]
    call(gate, app, "POST", STATUS, json={"stream_id": stream, "status": "disabled"})
    call(gate, app, "POST", STATUS, json={"stream_id": stream, "status": "enabled"})
    assert poll(gate, app, stream).json()["sets"] == {}
    assert Signal.objects.get().last_error == "the stream was disabled"


def test_a_pushed_stream_is_not_fetched(gate: TestClient, app: Registered) -> None:
    key = made(gate, app, delivery=pushing())["stream_id"]
    answer = poll(gate, app, key)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body", [{"maxEvents": -1}, {"ack": ["x" * 65]}, {"ack": ["x"] * 501}, {"setErrs": []}, {"ack": [1]}]
)
def test_a_poll_that_makes_no_sense_is_refused(
    gate: TestClient, app: Registered, stream: str, body: dict[str, Any]
) -> None:
    assert poll(gate, app, stream, **body).status_code == 400


def test_verification_carries_the_receivers_state_once_a_minute(
    gate: TestClient, app: Registered, stream: str, frozen: FrozenClock
) -> None:
    asked = {"stream_id": stream, "state": "VGhpcyBpcyBhbiBleGFtcGxl"}
    assert call(gate, app, "POST", VERIFY, json=asked).status_code == 204
    (claims,) = fetched(gate, app, stream, frozen)
    assert event_of(claims) == (f"{SSF}verification", {"state": asked["state"]})
    assert claims["sub_id"] == {"format": "opaque", "id": stream}
    soon = call(gate, app, "POST", VERIFY, json=asked)
    assert (soon.status_code, soon.headers["retry-after"]) == (429, "60")
    frozen.advance(60)
    assert call(gate, app, "POST", VERIFY, json={"stream_id": stream}).status_code == 204
    assert Signal.objects.count() == 2


def test_the_algorithm_is_that_of_the_applications_id_tokens(
    gate: TestClient, app: Registered, frozen: FrozenClock
) -> None:
    made_with = people.application(app.application.owner, name="Elliptic", id_token_alg="ES256")
    key = made(gate, made_with)["stream_id"]
    call(gate, made_with, "POST", VERIFY, json={"stream_id": key})
    assert len(fetched(gate, made_with, key, frozen)) == 1


def test_another_library_takes_the_event_by_our_published_keys(
    gate: TestClient, app: Registered, dario: User, stream: str, frozen: FrozenClock
) -> None:
    """PyJWT, as an application without joserfc would."""
    tokens(gate, dario, app)
    Consent.objects.create(user=dario, application=app.application, tenant=dario.membership.tenant)
    accounts.deactivate(dario, Origin())
    (token, *_) = poll(gate, app, stream).json()["sets"].values()
    key = jwt.PyJWKSet.from_dict(gate.get("/oauth2/jwks").json())[jwt.get_unverified_header(token)["kid"]]
    checks: Any = {
        "require": ["iss", "aud", "iat", "jti", "events"],
        "verify_iat": False,
    }  # the clock of this test stands
    told = jwt.decode(token, key, ["RS256"], audience=app.client_id, issuer="http://localhost:8000", options=checks)
    assert event_of(told)[0] == f"{RISC}account-disabled"


def test_a_stolen_refresh_token_is_told(
    gate: TestClient, app: Registered, dario: User, stream: str, frozen: FrozenClock
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    refresh(gate, app, first)
    frozen.advance(120)
    assert refresh(gate, app, first).status_code == 400
    (claims,) = fetched(gate, app, stream, frozen)
    assert claims["sub_id"] == iss_sub(dario.public_id)
    assert event_of(claims) == (
        f"{CAEP}token-claims-change",
        {"claims": {"scope": ""}, "initiating_entity": "policy", "event_timestamp": frozen.seconds},
    )


def test_a_replayed_code_is_told_unless_the_person_is_still_there_by_another_grant(
    gate: TestClient, app: Registered, dario: User, stream: str, frozen: FrozenClock
) -> None:
    tokens(gate, dario, app, "openid giponext.patients")
    _, code = grant(dario, app, "openid giponext.patients")
    redeem(gate, app, code)
    redeem(gate, app, code)
    assert fetched(gate, app, stream, frozen) == []
    _, code = grant(dario, app, "openid giponext.patients giponext.agenda")
    redeem(gate, app, code)
    redeem(gate, app, code)
    (claims,) = fetched(gate, app, stream, frozen)
    assert event_of(claims)[1]["claims"] == {"scope": "giponext.patients openid"}


def test_what_the_application_gives_back_itself_is_not_told(
    gate: TestClient, app: Registered, dario: User, stream: str, frozen: FrozenClock
) -> None:
    got = tokens(gate, dario, app)
    assert call(gate, app, "POST", "/oauth2/revoke", data={"token": got["refresh_token"]}).status_code == 200
    assert fetched(gate, app, stream, frozen) == []


def test_a_request_that_may_be_held_waits_for_an_event(
    gate: TestClient, app: Registered, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll_endpoint, "PAUSE", 0.02)
    answers: list[Response] = []
    held = threading.Thread(
        target=lambda: answers.append(poll(gate, app, stream, returnImmediately=False)), name="held"
    )
    held.start()
    waiting(stream, 1)
    held.join(10)
    assert list(answers[0].json()["sets"]) == ["j0"]


def test_a_held_request_ends_by_itself(
    gate: TestClient, app: Registered, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll_endpoint, "PAUSE", 0.02)
    monkeypatch.setattr(poll_endpoint, "HELD", 0.1)
    answer = poll(gate, app, stream, returnImmediately=False)
    assert answer.json() == {"sets": {}, "moreAvailable": False}


def test_a_secret_revoked_while_it_was_held_gets_nothing(
    gate: TestClient, app: Registered, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll_endpoint, "PAUSE", 0.02)
    monkeypatch.setattr(poll_endpoint, "HELD", 5.0)
    row = Stream.objects.get()
    answers: list[Response] = []
    held = threading.Thread(target=lambda: answers.append(poll(gate, app, stream, returnImmediately=False)))
    held.start()
    while not any(True for _ in _held(gate)):
        pass
    app.application.secrets.update(revoked_at=1)
    type(app.application).objects.update(version=2)
    Signal.objects.create(stream=row, jti="j", kind="account-enabled", sub="user-x", txn="t")
    held.join(10)
    assert answers[0].status_code == 401


def _held(gate: TestClient) -> list[int]:
    running: Any = gate.app
    endpoint = next(route.endpoint for route in running._router.routes if "ssf/poll" in route.path)
    handler = endpoint._serve.args[0].methods["POST"]
    return list(handler.__self__._held)
