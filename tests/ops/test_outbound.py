"""Asking outside is bounded in time, the resolution of the name included."""

import socket
import threading
import time
from typing import Any

import pytest

from varco import outbound

URI = "https://client.example/jwks"


@pytest.fixture
def silent_resolver(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A resolver that answers nothing until the event is set."""
    released = threading.Event()

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        released.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return released


def ask(timeout: float) -> None:
    outbound.request(URI, headers={}, private_allowed=False, timeout=timeout)


def test_a_resolver_that_hangs_ends_with_the_time_limit(silent_resolver: threading.Event) -> None:
    started = time.monotonic()
    with pytest.raises(outbound.OutboundError, match=r"client\.example was not resolved in time"):
        ask(0.2)
    assert time.monotonic() - started < 2
    silent_resolver.set()


def test_a_resolver_that_hangs_holds_a_bounded_number_of_threads(silent_resolver: threading.Event) -> None:
    before = threading.active_count()
    for _ in range(20):
        with pytest.raises(outbound.OutboundError, match="not resolved in time"):
            ask(0.01)
    assert threading.active_count() - before <= 16
    silent_resolver.set()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(outbound.OutboundError, match="no address of the public internet"):  # and gives them back
        ask(5)
