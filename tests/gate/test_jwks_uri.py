"""Keys that an application keeps at an address of its own."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import written
from tests.gate.test_private_key_jwt import Signer, ask, make_signer, refused
from tests.support.client_keys import ClientKey
from tests.support.http_receiver import Answer, Receiver, say
from varco.audit.models import RefusedRequest
from varco.gate.auth import jwks_fetch
from varco.outbound import reachable

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]


class Host(Receiver):
    """The web server of an application, with its keys."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, "/keys.json")

    @property
    def asked(self) -> int:
        return len(self.requests)

    def publish(self, *keys: ClientKey) -> None:
        self.answer = say(200, msgspec.json.encode({"keys": [key.jwk for key in keys]}))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    running = Host(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    monkeypatch.setattr(jwks_fetch, "TIMEOUT", 0.7)
    yield running
    running.stop()


@pytest.fixture
def demo(make_gate: Callable[..., TestClient]) -> TestClient:
    """A gate that may ask this very machine."""
    return make_gate(demo="true")


@pytest.fixture
def signer(transactional_db: None, frozen: FrozenClock, host: Host) -> Signer:
    found = make_signer(frozen, jwks=None, jwks_uri=host.uri)
    host.publish(found.key)
    return found


def test_the_keys_are_fetched_and_a_copy_serves_for_five_minutes(demo: TestClient, signer: Signer, host: Host) -> None:
    for _ in range(3):
        assert ask(demo, signer.assertion()).status_code == 200
    assert host.asked == 1
    signer.clock.advance(299)
    assert ask(demo, signer.assertion()).status_code == 200
    assert host.asked == 1
    signer.clock.advance(2)
    assert ask(demo, signer.assertion()).status_code == 200
    assert host.asked == 2


def test_a_new_key_makes_the_gate_ask_again_and_a_removed_one_dies_with_the_copy(
    demo: TestClient, signer: Signer, host: Host
) -> None:
    assert ask(demo, signer.assertion()).status_code == 200
    new = replace(signer, key=ClientKey())
    host.publish(new.key)
    signer.clock.advance(61)
    assert ask(demo, new.assertion()).status_code == 200
    assert host.asked == 2
    refused(ask(demo, signer.assertion()))


def test_unknown_keys_make_the_gate_ask_once_a_minute_at_most(demo: TestClient, signer: Signer, host: Host) -> None:
    assert ask(demo, signer.assertion()).status_code == 200
    for _ in range(5):
        refused(ask(demo, replace(signer, key=ClientKey()).assertion()))
    assert host.asked == 1
    signer.clock.advance(61)
    for _ in range(5):
        refused(ask(demo, replace(signer, key=ClientKey()).assertion()))
    assert host.asked == 2


def test_a_copy_serves_while_the_address_does_not_answer(demo: TestClient, signer: Signer, host: Host) -> None:
    assert ask(demo, signer.assertion()).status_code == 200
    host.answer = say(503)
    signer.clock.advance(3000)
    assert ask(demo, signer.assertion()).status_code == 200
    signer.clock.advance(3000)
    refused(ask(demo, signer.assertion()))


def slow(handler: BaseHTTPRequestHandler) -> None:
    """Begin an answer and go on with it drop by drop."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(40):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


ANSWERS: dict[str, tuple[Answer, str]] = {
    "a redirect": (say(302, location="https://localhost/keys"), "answered 302"),
    "an error": (say(404), "answered 404"),
    "no JSON": (say(200, b"<html>"), "not JSON"),
    "no key set": (say(200, b'{"keys": {}}'), "not a JWK set"),
    "nested too deep": (say(200, b"[" * 60_000), "not JSON"),
    "too much": (say(200, b" " * 70_000), "larger than"),
    "drops": (slow, "not JSON"),
    "nothing": (lambda h: h.connection.close(), "could not be read"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_what_is_no_key_set_is_told_to_the_developer(demo: TestClient, signer: Signer, host: Host, what: str) -> None:
    host.answer, said = ANSWERS[what]
    began = time.monotonic()
    answer = ask(demo, signer.assertion())
    refused(answer)
    assert time.monotonic() - began < 5
    written(demo)
    row = RefusedRequest.objects.get(request_id=answer.json()["request_id"])
    assert row.rule == "RFC 7523 §3 jwks_uri"
    assert said in row.received
    refused(ask(demo, signer.assertion()))
    assert host.asked == 1  # a minute passes before the next try


def test_an_address_inside_is_not_asked(gate: TestClient, signer: Signer, host: Host) -> None:
    answer = ask(gate, signer.assertion())
    refused(answer)
    assert host.asked == 0


@pytest.mark.parametrize(
    "uri", ["http://localhost/keys", "ftp://localhost/", "https://", "https://localhost:99999/", "file:///etc/passwd"]
)
def test_only_https_is_asked(demo: TestClient, frozen: FrozenClock, uri: str) -> None:
    refused(ask(demo, make_signer(frozen, jwks=None, jwks_uri=uri).assertion()))


def test_a_certificate_that_nobody_vouches_for_is_refused(
    demo: TestClient, signer: Signer, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    refused(ask(demo, signer.assertion()))
    assert host.asked == 0


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("172.16.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
        ("2002:808:808::", False),
        ("2001:0:808:808::1", False),
        ("::8.8.8.8", False),
        ("::ffff:0:8.8.8.8", False),
        ("64:ff9b:1::808:808", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("2600::5efe:8.8.8.8", False),
        ("2600::200:5efe:10.0.0.1", False),
        ("168.63.129.16", False),
        ("::ffff:168.63.129.16", False),
        ("64:ff9b::a83f:8110", False),
        ("100.100.100.200", False),
        ("192.0.0.192", False),
        ("fd00:ec2::254", False),
        ("fd20:ce::254", False),
        ("2600:1901::1", True),
    ],
)
def test_addresses_of_private_networks_are_known(address: str, public: bool) -> None:
    assert reachable(address) is public
