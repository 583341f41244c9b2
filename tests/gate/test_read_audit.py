"""The record of reads of clinic data keeps up with any number of them: none is refused while the database takes what comes (S36)."""

import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import MakeGate, blocked_writing, core_of, on_its_loop, tokens, written
from tests.support.asgi_client import answer
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import Event
from varco.gate import audit, context, write_queue
from varco.gate.store import StoreUnavailable

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

FITS, SOON = 10, 4


@pytest.fixture
def small(make_gate: MakeGate, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A gate with room for ten reads that writes at four, and whose rounds do not come."""
    monkeypatch.setattr(audit, "WAITING_LIMIT", FITS)
    monkeypatch.setattr(write_queue, "SOON", SOON)
    monkeypatch.setattr(context, "TICK", 3600.0)
    return make_gate()


@pytest.fixture
def token(small: TestClient, dario: User, app: Registered) -> str:
    found: str = tokens(small, dario, app)["access_token"]
    return found


async def read(gate: TestClient, token: str) -> int:
    bearer = [(b"authorization", f"Bearer {token}".encode())]
    status, _ = await answer(gate.app, "GET", b"/v2/tenants/tenant-aurora/patients", bearer)
    return status


def recorded() -> int:
    return Event.objects.filter(tag="patients.listed").count()


def test_reads_are_written_as_soon_as_some_wait(small: TestClient, token: str) -> None:
    for _ in range(SOON - 1):
        assert on_its_loop(small, read, small, token) == 200
    assert recorded() == 0
    assert on_its_loop(small, read, small, token) == 200
    while recorded() < SOON:
        on_its_loop(small, asyncio.sleep, 0.001)


def test_reads_that_find_no_room_wait_for_it_and_each_is_recorded(small: TestClient, token: str) -> None:
    async def crowd() -> tuple[int, list[int]]:
        with blocked_writing(small):
            asked = [asyncio.ensure_future(read(small, token)) for _ in range(3 * FITS)]
            waiting = set(asked)
            while len(waiting) > 2 * FITS:
                _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            answered = len(asked) - len(waiting)
        return answered, await asyncio.gather(*asked)

    answered, statuses = on_its_loop(small, crowd)
    assert answered == FITS
    assert statuses == [200] * 3 * FITS
    written(small)
    assert recorded() == 3 * FITS


def test_reads_are_refused_while_nothing_can_be_written_and_those_answered_are_recorded_later(
    small: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_arguments: Any) -> None:
        raise StoreUnavailable("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(core_of(small).platform, "write_many", away)
        statuses = [on_its_loop(small, read, small, token) for _ in range(FITS + 2)]
    assert statuses == [200] * FITS + [503] * 2
    written(small)
    assert recorded() == FITS
    assert on_its_loop(small, read, small, token) == 200


def test_a_read_does_not_wait_for_ever(small: TestClient, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE", 0.0)
    with blocked_writing(small):
        statuses = [on_its_loop(small, read, small, token) for _ in range(FITS + 1)]
    assert statuses == [200] * FITS + [503]
