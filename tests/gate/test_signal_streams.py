"""An application's own stream of shared signals, managed with its own credentials (SSF 1.0 §8.1)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.test_private_key_jwt import make_signer
from tests.support import people
from tests.support.people import Registered
from tests.support.races import race
from tests.support.signal_receiver import CAEP, POLL, PUSH, RISC
from varco.audit.models import Event, RefusedRequest
from varco.registry.models import Application
from varco.signals import queries
from varco.signals.models import Signal, Stream

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

STREAMS, STATUS, VERIFY = "/oauth2/ssf/streams", "/oauth2/ssf/status", "/oauth2/ssf/verify"
EVERY_EVENT = [
    f"{CAEP}session-revoked",
    f"{CAEP}token-claims-change",
    f"{RISC}account-disabled",
    f"{RISC}account-enabled",
]
ADDRESS = "https://agenda.example/events?of=varco"


def call(gate: TestClient, app: Registered, method: str, path: str, **options: Any) -> Response:
    return gate.request(method, path, auth=(app.client_id, app.secret), **options)


def made(gate: TestClient, app: Registered, **body: Any) -> dict[str, Any]:
    answer = call(gate, app, "POST", STREAMS, json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def pushing(**changes: Any) -> dict[str, Any]:
    return {"method": PUSH, "endpoint_url": ADDRESS, "authorization_header": "Bearer of-the-receiver"} | changes


def test_the_metadata_leads_to_every_address(gate: TestClient) -> None:
    answer = gate.get("/.well-known/ssf-configuration")
    told = answer.json()
    assert (told["issuer"], told["spec_version"]) == ("http://localhost:8000", "1_0")
    assert told["delivery_methods_supported"] == [PUSH, POLL]
    for name in ("jwks_uri", "configuration_endpoint", "status_endpoint", "verification_endpoint"):
        asked = gate.get(told[name])
        assert asked.status_code in {200, 401, 405}, name
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_stream_is_made_read_changed_replaced_and_removed(gate: TestClient, app: Registered) -> None:
    assert call(gate, app, "GET", STREAMS).json() == []
    stream = made(gate, app, events_requested=[EVERY_EVENT[0], "https://other.example/event"], description="Agenda")
    key = stream["stream_id"]
    assert stream == {
        "stream_id": key,
        "iss": "http://localhost:8000",
        "aud": app.client_id,
        "events_supported": EVERY_EVENT,
        "events_requested": [EVERY_EVENT[0], "https://other.example/event"],
        "events_delivered": [EVERY_EVENT[0]],
        "delivery": {"method": POLL, "endpoint_url": f"http://localhost:8000/oauth2/ssf/poll/{key}"},
        "min_verification_interval": 60,
        "description": "Agenda",
    }
    assert call(gate, app, "GET", f"{STREAMS}?stream_id={key}").json() == stream
    assert call(gate, app, "GET", STREAMS).json() == [stream]

    changed = call(gate, app, "PATCH", STREAMS, json=stream | {"delivery": pushing()}).json()
    assert changed == stream | {"delivery": {"method": PUSH, "endpoint_url": ADDRESS}}
    assert (
        call(gate, app, "PATCH", STREAMS, json={"stream_id": key, "description": None}).json()["delivery"]
        == changed["delivery"]
    )

    whole = call(gate, app, "PUT", STREAMS, json={"stream_id": key}).json()
    assert (whole["delivery"]["method"], whole["events_delivered"], "description" in whole) == (
        POLL,
        EVERY_EVENT,
        False,
    )

    gone = call(gate, app, "DELETE", f"{STREAMS}?stream_id={key}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert call(gate, app, "GET", f"{STREAMS}?stream_id={key}").status_code == 404
    tags = list(Event.objects.filter(tag__startswith="stream.").order_by("pk").values_list("tag", "application_id"))
    changes = [("stream.changed", app.application.pk)] * 3
    assert tags == [("stream.created", app.application.pk), *changes, ("stream.removed", app.application.pk)]


def test_what_a_push_carries_is_sealed_kept_and_never_told(gate: TestClient, app: Registered) -> None:
    told = made(gate, app, delivery=pushing())
    assert "of-the-receiver" not in str(told)
    first = bytes(Stream.objects.get().sealed_authorization)
    assert b"of-the-receiver" not in first
    assert not Event.objects.filter(detail__icontains="of-the-receiver").exists()
    key = told["stream_id"]
    call(gate, app, "PATCH", STREAMS, json={"stream_id": key, "events_requested": []})
    assert bytes(Stream.objects.get().sealed_authorization) == first
    assert len(list(queries.SEALED.rows())) == 1
    call(gate, app, "PATCH", STREAMS, json={"stream_id": key, "delivery": pushing(authorization_header=None)})
    assert bytes(Stream.objects.get().sealed_authorization) == b""


def test_an_application_has_one_stream_however_many_ask_at_once(gate: TestClient, app: Registered) -> None:
    answers = race(lambda _: call(gate, app, "POST", STREAMS, json={}).status_code, 4)
    assert sorted(answers) == [201, 409, 409, 409]
    again = call(gate, app, "POST", STREAMS, json={})
    assert (again.status_code, again.json()["error"]) == (409, "stream_exists")


NOT_THEIRS: dict[str, Callable[[TestClient, Registered, str], Response]] = {
    "read": lambda gate, app, key: call(gate, app, "GET", f"{STREAMS}?stream_id={key}"),
    "change": lambda gate, app, key: call(gate, app, "PATCH", STREAMS, json={"stream_id": key}),
    "replace": lambda gate, app, key: call(gate, app, "PUT", STREAMS, json={"stream_id": key}),
    "remove": lambda gate, app, key: call(gate, app, "DELETE", f"{STREAMS}?stream_id={key}"),
    "ask the status": lambda gate, app, key: call(gate, app, "GET", f"{STATUS}?stream_id={key}"),
    "pause": lambda gate, app, key: call(gate, app, "POST", STATUS, json={"stream_id": key, "status": "paused"}),
    "verify": lambda gate, app, key: call(gate, app, "POST", VERIFY, json={"stream_id": key}),
    "fetch": lambda gate, app, key: call(
        gate, app, "POST", f"/oauth2/ssf/poll/{key}", json={"returnImmediately": True}
    ),
}


def test_another_applications_stream_is_none(gate: TestClient, app: Registered) -> None:
    key = made(gate, app)["stream_id"]
    other = people.application(app.application.owner, name="Another")
    for having_one in (False, True):
        if having_one:
            made(gate, other)
        before = list(Stream.objects.order_by("pk").values())
        for name, act in NOT_THEIRS.items():
            answer = act(gate, other, key)
            assert (answer.status_code, answer.json()["error"]) == (404, "not_found"), name
        assert list(Stream.objects.order_by("pk").values()) == before
    assert not Signal.objects.exists()


def test_whoever_does_not_prove_to_be_the_client_gets_nothing(gate: TestClient, app: Registered) -> None:
    key = made(gate, app)["stream_id"]
    public = people.application(app.application.owner, name="Public", type="native", token_endpoint_auth_method="none")
    wrong = replace(app, secret="wrong")
    for name, act in NOT_THEIRS.items():
        for who in (wrong, public):
            answer = act(gate, who, key)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name
    assert gate.get(STREAMS).status_code == 401
    assert gate.get(STREAMS, headers={"Authorization": "Bearer x.y.z"}).status_code == 401


@pytest.mark.parametrize("end", ["suspended", "retired"])
def test_an_application_out_of_force_manages_nothing(gate: TestClient, app: Registered, end: str) -> None:
    key = made(gate, app)["stream_id"]
    Application.objects.update(state=end, version=2)
    for name, act in NOT_THEIRS.items():
        assert act(gate, app, key).status_code == 401, name


def test_a_revoked_secret_does_nothing_though_the_gate_kept_the_client(gate: TestClient, app: Registered) -> None:
    key = made(gate, app)["stream_id"]
    app.application.secrets.update(revoked_at=1)
    Application.objects.update(version=2)
    for name, act in NOT_THEIRS.items():
        assert act(gate, app, key).status_code == 401, name
    assert Stream.objects.get().status == "enabled"


def test_a_client_with_a_key_sends_its_assertion_as_a_bearer(gate: TestClient, frozen: FrozenClock) -> None:
    signer = make_signer(frozen)

    def ask(assertion: str) -> Response:
        return gate.post(STREAMS, json={}, headers={"Authorization": f"Bearer {assertion}"})

    used = signer.assertion()
    assert ask(used).status_code == 201
    assert ask(used).status_code == 401
    assert ask(signer.assertion(aud="https://other.example")).status_code == 401
    assert ask(signer.assertion()).status_code == 409


BAD: dict[str, dict[str, Any]] = {
    "no https": {"delivery": pushing(endpoint_url="http://agenda.example/")},
    "no address": {"delivery": {"method": PUSH}},
    "credentials in the address": {"delivery": pushing(endpoint_url="https://a:b@agenda.example/")},
    "a fragment": {"delivery": pushing(endpoint_url="https://agenda.example/#x")},
    "a space": {"delivery": pushing(endpoint_url="https://agenda.example/ x")},
    "too long an address": {"delivery": pushing(endpoint_url="https://agenda.example/" + "x" * 500)},
    "a header that breaks the line": {"delivery": pushing(authorization_header="Bearer x\r\nHost: y")},
    "an unknown method": {"delivery": {"method": "urn:example:pigeon"}},
    "a proof for a poll": {"delivery": {"method": POLL, "authorization_header": "Bearer x"}},
    "somebody else's audience": {"aud": "client-other"},
    "another issuer": {"iss": "https://other.example"},
    "a stream id of its own": {"stream_id": "str-mine"},
    "events that are no list": {"events_requested": "all"},
    "very many events": {"events_requested": [f"https://e.example/{number}" for number in range(50)]},
    "what cannot be seen": {"description": "abc\u202edef"},
    "two lines": {"description": "one\ntwo"},
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_refused_and_stands_in_the_trace(gate: TestClient, app: Registered, name: str) -> None:
    answer = call(gate, app, "POST", STREAMS, json=BAD[name])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert not Stream.objects.exists()


def test_garbage_is_a_400_and_the_developer_sees_it(gate: TestClient, app: Registered) -> None:
    from tests.gate.conftest import written

    for garbage in (b"", b"{", b"[]", b"\xff", b'{"delivery": 1}', b"[" * 20000):
        assert call(gate, app, "POST", STREAMS, content=garbage).status_code == 400
    assert call(gate, app, "POST", STREAMS, content=b"x" * 40_000).status_code == 413
    assert call(gate, app, "GET", f"{STREAMS}?stream_id=a&stream_id=b").status_code == 400
    written(gate)
    assert RefusedRequest.objects.filter(endpoint=STREAMS, application_id=app.application.pk).count() >= 6


def test_a_status_is_told_as_it_was_set(gate: TestClient, app: Registered) -> None:
    key = made(gate, app)["stream_id"]
    assert call(gate, app, "GET", f"{STATUS}?stream_id={key}").json() == {"stream_id": key, "status": "enabled"}
    wanted = {"stream_id": key, "status": "paused", "reason": "moving house"}
    assert call(gate, app, "POST", STATUS, json=wanted).json() == wanted
    assert call(gate, app, "GET", f"{STATUS}?stream_id={key}").json() == wanted
    assert call(gate, app, "POST", STATUS, json=wanted | {"status": "asleep"}).status_code == 400
