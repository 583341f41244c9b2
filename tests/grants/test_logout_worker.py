"""Telling applications that a session is over: a real server of the application, what it is sent, and what if it is not there."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.http_receiver import Receiver, say, validated
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.grants import id_token_hint, logout_worker
from varco.grants.models import LogoutNotice
from varco.keys import services as keys
from varco.keys.models import SigningKey
from varco.protocol.errors import OAuthError as ProtocolRefusal
from varco.registry.models import Application, Revision

pytestmark = pytest.mark.django_db(transaction=True)

ISSUER = "http://localhost:8000"


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    running = Receiver(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    yield running
    running.stop()


@pytest.fixture
def application(frozen: FrozenClock, receiver: Receiver) -> Registered:
    keys.ensure(algorithms=["RS256", "ES256"])
    return people.application(people.davide(), backchannel_logout_uri=receiver.uri)


@pytest.fixture
def dario(frozen: FrozenClock) -> User:
    return people.dario()


def noted(application: Registered, user: User, sid: str = "s-1", **changes: Any) -> LogoutNotice:
    fields = {"tenant": user.membership.tenant, "request_id": f"request-of-{sid}"} | changes
    return LogoutNotice.objects.create(application=application.application, user=user, sid=sid, **fields)


def send() -> int:
    return logout_worker.send_due(private_allowed=True)


def jwks() -> dict[str, Any]:
    return {"keys": list(SigningKey.objects.values_list("public_jwk", flat=True))}


def claims_of(token: str, application: Registered, frozen: FrozenClock) -> dict[str, Any]:
    return validated(token, jwks(), issuer=ISSUER, client_id=application.client_id, now=frozen.seconds)


def test_the_application_gets_one_logout_token_that_stands_every_check(
    application: Registered, dario: User, receiver: Receiver, frozen: FrozenClock
) -> None:
    notice = noted(application, dario)
    assert send() == 1
    assert send() == 0
    (request,) = receiver.requests
    assert (request.path, request.content_type) == ("/backchannel?app=1", "application/x-www-form-urlencoded")
    assert list(request.form) == ["logout_token"]
    claims = claims_of(request.token, application, frozen)
    assert (claims["sub"], claims["sid"]) == (dario.public_id, "s-1")
    notice.refresh_from_db()
    assert (notice.sent_at, notice.next_try_at, notice.tries) == (frozen.seconds, None, 1)
    assert not RefusedRequest.objects.exists()


def test_it_is_signed_by_the_algorithm_of_the_applications_id_tokens(
    receiver: Receiver, dario: User, frozen: FrozenClock
) -> None:
    keys.ensure(algorithms=["RS256", "ES256"])
    made = people.application(people.davide(), backchannel_logout_uri=receiver.uri, id_token_alg="ES256")
    noted(made, dario)
    assert send() == 1
    claims_of(receiver.requests[0].token, made, frozen)
    from joserfc import jws

    assert jws.extract_compact(receiver.requests[0].token.encode()).headers()["alg"] == "ES256"


def test_no_content_is_a_success_as_well(application: Registered, dario: User, receiver: Receiver) -> None:
    receiver.answer = say(204)
    noted(application, dario)
    assert send() == 1


def test_after_a_503_it_is_sent_again_with_a_fresh_token_and_the_developer_sees_why(
    application: Registered, dario: User, receiver: Receiver, frozen: FrozenClock
) -> None:
    receiver.answers = [say(503)]
    noted(application, dario)
    assert send() == 0
    assert send() == 0
    row = RefusedRequest.objects.get()
    assert (row.endpoint, row.error, row.status) == ("/backchannel-logout", "logout_undelivered", 503)
    assert (row.received, row.expected) == ("HTTP 503", "HTTP 200 or 204")
    assert (row.application_id, row.request_id) == (application.application.pk, "request-of-s-1")
    assert "next try is in 10 s" in row.description
    frozen.advance(10)
    assert send() == 1
    first, second = (claims_of(request.token, application, frozen) for request in receiver.requests)
    assert (second["sub"], second["sid"]) == (first["sub"], first["sid"])
    assert second["jti"] != first["jti"]
    assert second["iat"] == first["iat"] + 10
    assert not Event.objects.filter(tag="logout.undelivered").exists()


def test_the_pauses_grow_and_in_the_end_it_is_given_up_and_recorded(
    application: Registered, dario: User, receiver: Receiver, frozen: FrozenClock
) -> None:
    receiver.answer = say(500)
    notice = noted(application, dario)
    pauses = []
    for _ in range(20):
        assert send() == 0
        notice.refresh_from_db()
        if notice.next_try_at is None:
            break
        pauses.append(notice.next_try_at - frozen.seconds)
        frozen.advance(pauses[-1])
    assert pauses == list(logout_worker.PAUSES) == sorted(pauses)
    assert (notice.sent_at, notice.last_error) == (None, "HTTP 500")
    assert len(receiver.requests) == len(pauses) + 1
    assert "no other try" in RefusedRequest.objects.order_by("pk").last().description  # type: ignore[union-attr]
    event = Event.objects.get(tag="logout.undelivered")
    assert (event.application_id, event.user, event.tenant) == (
        application.application.pk, dario.public_id, "tenant-aurora",
    )  # fmt: skip
    assert event.detail == {"received": "HTTP 500", "tries": len(pauses) + 1}
    frozen.advance(86400)
    assert send() == 0
    assert len(receiver.requests) == len(pauses) + 1


def test_an_application_that_refuses_the_token_is_not_asked_again(
    application: Registered, dario: User, receiver: Receiver, frozen: FrozenClock
) -> None:
    receiver.answer = say(400, b'{"error": "invalid_request", "secret": "hunter2"}')
    noted(application, dario)
    assert send() == 0
    frozen.advance(86400)
    assert send() == 0
    assert len(receiver.requests) == 1
    row = RefusedRequest.objects.get()
    assert (row.received, row.status) == ("HTTP 400", 400)
    assert "hunter2" not in repr(vars(row))
    assert Event.objects.filter(tag="logout.undelivered").count() == 1


def test_a_redirect_is_a_failure_and_is_not_followed(application: Registered, dario: User, receiver: Receiver) -> None:
    receiver.answer = say(307, location=receiver.uri.replace("backchannel", "elsewhere"))
    noted(application, dario)
    assert send() == 0
    assert [request.path for request in receiver.requests] == ["/backchannel?app=1"]
    assert RefusedRequest.objects.get().received == "HTTP 307"


def test_an_address_inside_is_not_asked_outside_the_demo(
    application: Registered, dario: User, receiver: Receiver
) -> None:
    noted(application, dario)
    assert logout_worker.send_due(private_allowed=False) == 0
    assert receiver.requests == []
    row = RefusedRequest.objects.get()
    assert (row.received, row.status) == ("localhost leads to no address of the public internet", 504)


def test_only_https_is_asked(application: Registered, dario: User, receiver: Receiver) -> None:
    Revision.objects.update(backchannel_logout_uri=receiver.uri.replace("https:", "http:"))
    noted(application, dario)
    assert send() == 0
    assert receiver.requests == []
    assert RefusedRequest.objects.get().received == "the address is not https"


def test_a_certificate_that_nobody_vouches_for_gets_no_token(
    application: Registered, dario: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    noted(application, dario)
    assert send() == 0
    assert receiver.requests == []
    assert "SSLCertVerificationError" in RefusedRequest.objects.get().received


def test_an_application_that_keeps_the_line_open_is_cut_off_and_makes_nobody_else_wait_for_good(
    application: Registered, dario: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logout_worker, "TIMEOUT", 0.5)
    over = threading.Event()
    receiver.answers = [lambda _handler: over.wait(20)]
    noted(application, dario, "s-1")
    noted(application, dario, "s-2")
    try:
        assert send() == 1
    finally:
        over.set()
    assert "localhost could not be read" in RefusedRequest.objects.get().received


def test_an_endless_answer_is_not_read(application: Registered, dario: User, receiver: Receiver) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            return

    receiver.answer = endless
    noted(application, dario)
    assert send() == 1


def test_one_silent_application_takes_its_share_of_a_turn_and_no_more(
    application: Registered, dario: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, frozen: FrozenClock
) -> None:
    monkeypatch.setattr(logout_worker, "BATCH", 10)
    silent = people.application(people.sara(), backchannel_logout_uri="https://localhost:1/nobody")
    for number in range(30):
        noted(silent, dario, f"silent-{number}")
    frozen.advance(1)
    noted(application, dario)
    assert send() == 1
    assert RefusedRequest.objects.filter(application_id=silent.application.pk).count() == logout_worker.SHARE


# --- What is decided when it is sent ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [Application.State.SUSPENDED, Application.State.RETIRED])
def test_an_application_out_of_force_meanwhile_is_not_told(
    application: Registered, dario: User, receiver: Receiver, state: str
) -> None:
    notice = noted(application, dario)
    Application.objects.update(state=state)
    assert send() == 0
    assert receiver.requests == []
    notice.refresh_from_db()
    assert (notice.next_try_at, notice.sent_at, notice.tries) == (None, None, 0)
    assert not RefusedRequest.objects.exists()


def test_a_deleted_application_takes_its_notices_with_it(
    application: Registered, dario: User, receiver: Receiver
) -> None:
    noted(application, dario)
    Application.objects.update(live_revision=None)
    application.application.delete()
    assert send() == 0
    assert not LogoutNotice.objects.exists()


def test_the_address_is_that_of_the_revision_in_force_when_it_is_sent(
    application: Registered, dario: User, receiver: Receiver
) -> None:
    waiting = {"state": "submitted", "type": "web", "backchannel_logout_uri": receiver.uri + "&waiting=1"}
    new = Revision.objects.create(application=application.application, number=2, **waiting)
    noted(application, dario)
    assert send() == 1
    assert receiver.requests[-1].path == "/backchannel?app=1"
    Application.objects.update(live_revision=new)
    noted(application, dario, "s-2")
    assert send() == 1
    assert receiver.requests[-1].path == "/backchannel?app=1&waiting=1"


def test_without_a_key_it_waits_for_one(receiver: Receiver, dario: User, frozen: FrozenClock) -> None:
    made = people.application(people.davide(), backchannel_logout_uri=receiver.uri)
    noted(made, dario)
    assert send() == 0
    keys.ensure(algorithms=["RS256"])
    frozen.advance(logout_worker.PAUSES[0])
    assert send() == 1
    assert not RefusedRequest.objects.exists()


# --- A logout token is good for nothing else --------------------------------------------------------------------------


def test_a_logout_token_is_no_id_token_hint(application: Registered, dario: User, receiver: Receiver) -> None:
    noted(application, dario)
    send()
    with pytest.raises(ProtocolRefusal, match="not an ID token"):
        id_token_hint.verified(receiver.requests[0].token)


# --- Many workers, and killed ones ------------------------------------------------------------------------------------


def test_of_many_workers_each_notice_is_sent_by_one(application: Registered, dario: User, receiver: Receiver) -> None:
    for number in range(6):
        noted(application, dario, f"s-{number}")
    assert sum(race(lambda _: send(), 8)) == 6
    assert len(receiver.requests) == 6


def test_what_a_killed_worker_had_claimed_is_sent_when_its_lease_is_over(
    application: Registered, dario: User, receiver: Receiver, frozen: FrozenClock
) -> None:
    assert noted(application, dario).claim(logout_worker.LEASE)
    assert send() == 0
    frozen.advance(logout_worker.LEASE)
    assert send() == 1
    assert len(receiver.requests) == 1
