"""A client that does not send its body holds no connection of the gate for long, and no other client up."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from tests.conftest import FrozenClock
from tests.gate.conftest import MASTERS, on_its_loop, written
from tests.support.asgi_client import FORM
from tests.support.people import Registered
from varco import config
from varco.audit.models import RefusedRequest
from varco.gate.app import create

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]

TIMEOUT = 0.2
Sent = list[dict[str, Any]]


@pytest.fixture
def hasty(
    settings_of_gate: Callable[..., config.Settings], signing_keys: None, frozen: FrozenClock
) -> Iterator[TestClient]:
    """A gate without patience."""
    with TestClient(create(settings_of_gate(), MASTERS, clock_ms=frozen, body_timeout=TIMEOUT)) as gate:
        yield gate


def call(gate: TestClient, path: str, receive: Callable[[], Any]) -> Sent:
    """What the gate sends to a client whose body comes as `receive` says."""
    sent: Sent = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": [FORM], "client": None}
    on_its_loop(gate, gate.app, scope, receive, send)
    return sent


async def silence() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError("nobody ends this wait but the gate")


async def drop_by_drop() -> dict[str, Any]:
    await asyncio.sleep(TIMEOUT / 10)
    return {"type": "http.request", "body": b"a", "more_body": True}


ENDPOINTS = [
    "/oauth2/token",
    "/oauth2/par",
    "/oauth2/device_authorization",
    "/oauth2/revoke",
    "/oauth2/introspect",
    "/oauth2/userinfo",
]


@pytest.mark.parametrize("receive", [silence, drop_by_drop])
@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_body_that_does_not_come_is_not_waited_for(
    hasty: TestClient, app: Registered, path: str, receive: Callable[[], Any]
) -> None:
    start, body = call(hasty, path, receive)
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert b'"request_timeout"' in body["body"]
    written(hasty)
    assert RefusedRequest.objects.get().rule == "RFC 9110 §15.5.9 request body in time"


def test_the_slow_do_not_hold_up_the_others_nor_the_others_the_slow(hasty: TestClient, app: Registered) -> None:
    async def many() -> list[int]:
        statuses: list[int] = []

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        async def at_once() -> dict[str, Any]:
            return {"type": "http.request", "body": b"grant_type=x", "more_body": False}

        scope = {"type": "http", "method": "POST", "path": "/oauth2/token", "query_string": b"", "headers": [FORM]}
        receives = [silence, at_once, drop_by_drop, at_once, silence]
        async with asyncio.TaskGroup() as group:
            for receive in receives:
                group.create_task(hasty.app({**scope, "client": None}, receive, send))  # type: ignore[arg-type]
        return statuses

    for _ in range(2):  # the second time, the watch is set anew
        assert on_its_loop(hasty, many) == [400, 400, 408, 408, 408]


def test_a_request_that_is_cancelled_by_somebody_else_stays_cancelled(hasty: TestClient) -> None:
    async def cancelled() -> bool:
        scope = {"type": "http", "method": "POST", "path": "/oauth2/token", "query_string": b"", "headers": [FORM]}

        async def send(_message: Message) -> None:
            raise AssertionError("nobody is left to be told")

        running = asyncio.ensure_future(hasty.app({**scope, "client": None}, silence, send))
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        return running.cancelled()

    assert on_its_loop(hasty, cancelled)
