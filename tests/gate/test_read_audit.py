"""What was told is recorded: the event of each read of clinic data is committed before its answer leaves (S36)."""

import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import MakeGate, blocked_writing, core_of, on_its_loop, tokens
from tests.support.asgi_client import answer
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import AccessRecord
from varco.gate import context
from varco.gate.store import StatementError, StoreUnavailable
from varco.gate.store.sql.audit import ADD_ACCESS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

CROWD = 30


@pytest.fixture
def quiet(make_gate: MakeGate, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A gate whose rounds of background writing do not come."""
    monkeypatch.setattr(context, "TICK", 3600.0)
    return make_gate()


@pytest.fixture
def token(quiet: TestClient, dario: User, app: Registered) -> str:
    found: str = tokens(quiet, dario, app)["access_token"]
    return found


async def read(gate: TestClient, token: str) -> int:
    bearer = [(b"authorization", f"Bearer {token}".encode())]
    status, _ = await answer(gate.app, "GET", b"/v2/tenants/tenant-aurora/patients", bearer)
    return status


def recorded() -> int:
    return AccessRecord.objects.using("clinic").filter(operation="patients.listed").count()


def test_a_read_is_recorded_before_it_is_answered(quiet: TestClient, token: str) -> None:
    for number in range(3):
        assert on_its_loop(quiet, read, quiet, token) == 200
        assert recorded() == number + 1


def test_a_crowd_waits_for_one_transaction_after_another_and_each_is_recorded(
    quiet: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = core_of(quiet).stores.clinics["clinic"]
    write_many, groups = clinic.write_many, []

    async def counted(statement: Any, rows: Any) -> None:
        groups.append(len(rows))
        await write_many(statement, rows)

    monkeypatch.setattr(clinic, "write_many", counted)

    async def crowd() -> tuple[int, list[int]]:
        with blocked_writing(quiet, "clinic"):
            asked = [asyncio.ensure_future(read(quiet, token)) for _ in range(CROWD)]
            await asyncio.sleep(0.3)
            answered = sum(each.done() for each in asked)
        return answered, await asyncio.gather(*asked)

    answered, statuses = on_its_loop(quiet, crowd)
    assert answered == 0
    assert statuses == [200] * CROWD
    assert recorded() == sum(groups) == CROWD
    assert len(groups) < CROWD


def test_nothing_is_told_while_nothing_can_be_written(
    quiet: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_arguments: Any) -> None:
        raise StoreUnavailable("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(core_of(quiet).stores.clinics["clinic"], "write_many", away)
        assert [on_its_loop(quiet, read, quiet, token) for _ in range(3)] == [503] * 3
    assert recorded() == 0
    assert on_its_loop(quiet, read, quiet, token) == 200
    assert recorded() == 1


def test_an_event_that_cannot_be_written_is_the_fault_of_its_own_read(
    quiet: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = core_of(quiet).stores.clinics["clinic"]
    write_many = clinic.write_many
    refused: list[object] = []

    async def choosy(statement: Any, rows: Any) -> None:
        refused[:] = refused or [rows[0]]
        if refused[0] in rows:
            raise StatementError(ADD_ACCESS, ValueError("not this one"))
        await write_many(statement, rows)

    monkeypatch.setattr(clinic, "write_many", choosy)

    async def crowd() -> list[int]:
        return await asyncio.gather(*(read(quiet, token) for _ in range(CROWD)))

    assert sorted(on_its_loop(quiet, crowd)) == [200] * (CROWD - 1) + [500]
    assert recorded() == CROWD - 1


def test_who_goes_away_is_recorded_all_the_same(quiet: TestClient, token: str) -> None:
    async def gone() -> None:
        await read(quiet, token)  # so that every connection is there
        with blocked_writing(quiet, "clinic"):
            asked = asyncio.ensure_future(read(quiet, token))
            await asyncio.sleep(0.2)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
        while core_of(quiet).access_records.waiting:  # noqa: ASYNC110 - there is nothing to be told by
            await asyncio.sleep(0.01)
        await read(quiet, token)  # after it, in the order of coming

    on_its_loop(quiet, gone)
    assert recorded() == 3
