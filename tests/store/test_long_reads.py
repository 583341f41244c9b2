"""Reads whose cost grows with the data: they keep nobody waiting, and are given up in time, on both engines."""

import asyncio

import pytest

from tests.support.scratch_store import ADD, ALL_APART, ENDLESS, KEPT, Scratch, outcomes
from varco.gate.store import LongStatement, ProgrammingError, ReadTimeoutError, Row, Schema, StoreUnavailable, readers
from varco.gate.store.postgres import READERS

pytestmark = pytest.mark.usefixtures("engine")  # each runs on both engines


def test_a_long_read_finds_every_row_that_was_committed_before(scratch: Scratch) -> None:
    async def story() -> None:
        async with scratch.database() as database:
            assert await database.all(ALL_APART(beyond=0)) == []
            for number in range(1, 4):
                await database.write(ADD(id=number, value="there"))
                assert len(await database.all(ALL_APART(beyond=0))) == number
            found = await database.all(ALL_APART(beyond=2))
            assert [(row.id, row.value, row.day, row.done) for row in found] == [(3, "there", None, False)]

    asyncio.run(story())


def test_an_endless_read_keeps_no_other_waiting_and_is_given_up(scratch: Scratch) -> None:
    async def story() -> None:
        async with scratch.database(size=1, read_seconds=0.4) as database:
            await database.write(ADD(id=1, value="there"))
            late = [asyncio.create_task(database.all(ENDLESS(parts=3))) for _ in range(READERS + 1)]
            await asyncio.sleep(0)
            assert await database.one(KEPT(id=1)) is not None
            await database.write(ADD(id=2, value="written"))
            assert not any(task.done() for task in late)
            assert await outcomes(*late) == [ReadTimeoutError] * len(late)
            # What was given up has stopped: its reader is free for the next.
            assert len(await database.all(ALL_APART(beyond=0))) == 2

    asyncio.run(story())


def test_a_caller_that_goes_away_stops_its_read(scratch: Scratch) -> None:
    async def story() -> None:
        async with scratch.database(read_seconds=30) as database:
            await database.write(ADD(id=1, value="there"))
            late = [asyncio.create_task(database.all(ENDLESS(parts=3))) for _ in range(READERS)]
            assert await database.one(KEPT(id=1)) is not None
            for task in late:
                task.cancel()
            assert await outcomes(*late) == [asyncio.CancelledError] * len(late)
            assert len(await database.all(ALL_APART(beyond=0))) == 1

    asyncio.run(story())


def test_more_than_may_wait_are_turned_away_at_once(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "WAITING_LIMIT", 0)

    async def story() -> list[object]:
        async with scratch.database() as database:
            return await outcomes(database.all(ALL_APART(beyond=0)))

    expected: list[object] = (
        [ReadTimeoutError] if scratch.engine == "sqlite" else [[]]
    )  # in PostgreSQL they wait in turn
    assert asyncio.run(story()) == expected


class NameRow(Row, frozen=True):
    name: str


def test_its_faults_are_those_of_any_read(scratch: Scratch) -> None:
    wrong = LongStatement(Schema("wrong"), "SELECT name FROM treatment", NameRow)

    async def ask() -> list[object]:
        async with scratch.database() as database:
            return await outcomes(database.all(wrong()))

    assert asyncio.run(ask()) == [ProgrammingError]
    scratch.drop()
    if scratch.engine == "sqlite":
        scratch.path.unlink()
    assert asyncio.run(ask()) == [StoreUnavailable]
