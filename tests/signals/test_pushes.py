"""Pushing events (RFC 8935): a real server of the application, what it is sent, and what if it does not take it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.http_receiver import Receiver, say
from tests.support.people import Registered
from tests.support.races import race
from tests.support.signal_receiver import RISC, event_of, iss_sub, validated
from varco.audit.models import Event, RefusedRequest
from varco.audit.services import Origin
from varco.keys import services as keys
from varco.keys.models import SigningKey
from varco.protocol.signals.events import Kind
from varco.protocol.signals.streams import PUSH, StreamSettings
from varco.registry.models import Application
from varco.signals import services, worker
from varco.signals.causes import About, tell
from varco.signals.models import Signal, Stream

pytestmark = pytest.mark.django_db(transaction=True)

PROOF = "Bearer of-the-receiver"


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    running = Receiver(tmp_path, "/events?of=varco")
    running.answer = say(202)
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    yield running
    running.stop()


@pytest.fixture
def application(frozen: FrozenClock, receiver: Receiver) -> Registered:
    keys.ensure(algorithms=["RS256"])
    return listening(people.application(people.davide()), receiver.uri)


def listening(made: Registered, uri: str) -> Registered:
    wanted = StreamSettings(method=PUSH, endpoint_url=uri, authorization=PROOF)
    services.save(made.application, wanted, Origin(made.application.owner))
    return made


def happened(application: Registered, sub: str = "user-x", count: int = 1) -> None:
    for number in range(count):
        about = [About(application.application.pk, sub)]
        assert tell(Kind.ACCOUNT_DISABLED, about, Origin(request_id=f"r-{number}")) == 1


def send() -> int:
    return worker.send_due(private_allowed=True)


def claims_of(body: str, application: Registered, frozen: FrozenClock) -> dict[str, Any]:
    jwks = {"keys": list(SigningKey.objects.values_list("public_jwk", flat=True))}
    return validated(body, jwks, client_id=application.client_id, now=frozen.seconds)


def test_the_application_gets_one_token_that_stands_every_check_with_its_own_proof(
    application: Registered, receiver: Receiver, frozen: FrozenClock
) -> None:
    happened(application)
    assert send() == 1
    assert send() == 0
    (request,) = receiver.requests
    assert (request.path, request.content_type) == ("/events?of=varco", "application/secevent+jwt")
    assert request.authorization == PROOF
    claims = claims_of(request.body, application, frozen)
    assert event_of(claims) == (f"{RISC}account-disabled", {})
    assert (claims["sub_id"], claims["txn"]) == (iss_sub("user-x"), "r-0")
    assert Stream.objects.get().taken_at == frozen.seconds
    assert not RefusedRequest.objects.exists()


def test_a_later_try_sends_the_same_token_and_the_developer_sees_why(
    application: Registered, receiver: Receiver, frozen: FrozenClock
) -> None:
    receiver.answers = [say(503)]
    happened(application)
    assert send() == 0
    row = RefusedRequest.objects.get()
    assert (row.endpoint, row.error, row.status) == ("/signals", "signal_undelivered", 503)
    assert (row.application_id, row.request_id) == (application.application.pk, "r-0")
    assert "next try is in 10 s" in row.description
    stream = Stream.objects.get()
    assert (stream.failed_at, stream.last_fault) == (frozen.seconds, "HTTP 503")
    frozen.advance(10)
    assert send() == 1
    first, second = (claims_of(request.body, application, frozen) for request in receiver.requests)
    assert first == second


FINAL = b'{"err": "invalid_audience", "description": "not for me"}'
AGAIN = b'{"err": "authentication_failed", "description": "who are you"}'


def test_what_a_receiver_refuses_for_good_is_not_sent_again(
    application: Registered, receiver: Receiver, frozen: FrozenClock
) -> None:
    receiver.answer = say(400, FINAL)
    happened(application)
    assert send() == 0
    frozen.advance(10 * 86400)
    assert send() == 0
    assert len(receiver.requests) == 1
    assert Signal.objects.get().last_error == "HTTP 400 invalid_audience not for me"
    event = Event.objects.get(tag="signal.undelivered")
    assert (event.application_id, event.detail["kind"]) == (application.application.pk, "account-disabled")


def test_what_the_receiver_can_put_right_is_sent_again_until_it_is_given_up(
    application: Registered, receiver: Receiver, frozen: FrozenClock
) -> None:
    receiver.answer = say(400, AGAIN)
    happened(application)
    pauses = []
    for _ in range(20):
        assert send() == 0
        waiting = Signal.objects.get()
        if waiting.next_try_at is None:
            break
        pauses.append(waiting.next_try_at - frozen.seconds)
        frozen.advance(pauses[-1])
    assert pauses == list(worker.PAUSES)
    assert Event.objects.filter(tag="signal.undelivered").count() == 1


def test_an_address_inside_is_not_asked_outside_the_demo(application: Registered, receiver: Receiver) -> None:
    happened(application)
    assert worker.send_due(private_allowed=False) == 0
    assert receiver.requests == []
    assert RefusedRequest.objects.get().received == "localhost leads to no address of the public internet"


def test_a_name_that_leads_elsewhere_at_the_second_look_is_looked_at_once(
    application: Registered, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    Stream.objects.update(endpoint_url=f"https://rebound.example:{receiver.server.server_port}/events")
    looks: list[str] = []

    def resolve(_host: str, port: int, **_: object) -> list[Any]:
        looks.append("look")
        address = "2001:4860:4860::8888" if len(looks) == 1 else "::ffff:127.0.0.1"
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))]

    def connect(address: tuple[str, int], *_: object) -> socket.socket:
        assert address[0] == "2001:4860:4860::8888"
        raise OSError("nobody is there")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    happened(application)
    assert worker.send_due(private_allowed=False) == 0
    assert (looks, receiver.requests) == (["look"], [])
    Signal.objects.update(next_try_at=1)
    assert worker.send_due(private_allowed=False) == 0
    assert RefusedRequest.objects.latest("pk").received == "rebound.example leads to no address of the public internet"


def test_a_proof_that_does_not_open_keeps_nobody_else_waiting(
    application: Registered, receiver: Receiver, frozen: FrozenClock
) -> None:
    """Sealed under a master key that this server does not have."""
    happened(application)
    Stream.objects.update(sealed_authorization=b"x" * 40)
    other = listening(people.application(application.application.owner, name="Another"), receiver.uri)
    happened(other, sub="user-y")
    assert send() == 1
    assert "does not open" in Signal.objects.get(sub="user-x").last_error


def test_a_redirect_is_not_followed(application: Registered, receiver: Receiver) -> None:
    receiver.answer = say(307, location=receiver.uri.replace("events", "elsewhere"))
    happened(application)
    assert send() == 0
    assert [request.path for request in receiver.requests] == ["/events?of=varco"]


def test_a_stream_that_is_paused_waits(application: Registered, receiver: Receiver) -> None:
    happened(application)
    services.set_status(application.application, "paused", Origin(application.application.owner))
    assert send() == 0
    services.set_status(application.application, "enabled", Origin(application.application.owner))
    assert send() == 3
    kinds = {event_of(claims_of_any(request.body))[0].rpartition("/")[2] for request in receiver.requests}
    assert kinds == {"account-disabled", "stream-updated"}


def claims_of_any(body: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jws.extract_compact(body.encode()).payload)
    return found


def test_an_application_out_of_force_is_not_told(application: Registered, receiver: Receiver) -> None:
    happened(application)
    Application.objects.update(state="suspended")
    assert send() == 0
    assert receiver.requests == []


def test_one_stream_makes_no_other_wait(application: Registered, receiver: Receiver, frozen: FrozenClock) -> None:
    happened(application, count=worker.BATCH)
    other = listening(people.application(application.application.owner, name="Another"), receiver.uri)
    happened(other, sub="user-y")
    assert send() == worker.SHARE + 1


def test_however_many_workers_there_are_an_event_is_sent_once(application: Registered, receiver: Receiver) -> None:
    happened(application, count=5)
    assert sum(race(lambda _: send(), 3)) == 5
    assert len({request.body for request in receiver.requests}) == len(receiver.requests) == 5


def test_an_event_of_a_worker_that_died_is_sent_by_another(
    application: Registered, receiver: Receiver, frozen: FrozenClock
) -> None:
    happened(application)
    assert Signal.objects.get().claim(worker.LEASE)
    assert send() == 0
    frozen.advance(worker.LEASE)
    assert send() == 1


def test_what_nobody_takes_is_given_up_and_what_is_over_forgotten(application: Registered, frozen: FrozenClock) -> None:
    happened(application)
    assert services.sweep() == 0
    frozen.advance(services.WAITING)
    assert services.sweep() == 0
    kept = Signal.objects.get()
    assert (kept.next_try_at, kept.last_error) == (None, services.OLD)
    frozen.advance(services.KEPT - services.WAITING)
    assert services.sweep() == 1
    assert not Signal.objects.exists()
