"""What the gate may expect of a database, whichever engine it is: run on both."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.scratch_store import (
    ADD,
    ADD_CHILD,
    ADD_TOLD,
    ALL,
    FINISH,
    KEPT,
    KEPT_BY_KEY,
    SCRATCH,
    KeptRow,
    Scratch,
    outcomes,
)
from varco.gate.store import (
    BoundStatement,
    Database,
    DuplicateError,
    ProgrammingError,
    Statement,
    StatementError,
    StoreUnavailable,
)
from varco.gate.store import postgres as postgres_engine

BEYOND_64_BITS = 1 << 70
LONE_SURROGATE = "\ud800"


def run(scratch: Scratch, story: Callable[[Database], Awaitable[None]]) -> None:
    async def opened() -> None:
        async with scratch.database() as database:
            await story(database)

    asyncio.run(opened())


def test_a_row_has_the_same_types_on_every_engine(scratch: Scratch) -> None:
    dated = Statement(SCRATCH, "INSERT INTO kept (id, value, day, done) VALUES (1, 'dated', '1999-12-31', true)")

    async def story(database: Database) -> None:
        await database.write(dated())
        await database.write(ADD(id=2, value="plain"))
        first = KeptRow(id=1, value="dated", day=dt.date(1999, 12, 31), done=True)
        second = KeptRow(id=2, value="plain", day=None, done=False)
        assert await database.all(ALL()) == [first, second]
        assert await database.one(KEPT(id=1)) == first
        assert await database.one(KEPT_BY_KEY(id=2, other="")) == second
        assert await database.one(ALL()) == first
        assert await database.write(ADD_TOLD(id=3, value="told")) == KeptRow(id=3, value="told", day=None, done=False)

    run(scratch, story)


def test_what_is_not_there_is_none(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        assert await database.one(KEPT(id=1)) is None
        assert await database.one(KEPT_BY_KEY(id=1, other="")) is None
        assert await database.all(ALL()) == []
        assert await database.write(FINISH(id=1)) is None
        assert await outcomes(database.write(ADD(id=1, value="nothing is returned"))) == [None]
        await database.write_many(ADD, [])

    run(scratch, story)


def test_a_first_statement_that_matches_nothing_stops_the_others(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        assert await database.write(FINISH(id=1), ADD(id=2, value="not carried out")) is None
        await database.write(ADD(id=1, value="first"))
        done = await database.write(FINISH(id=1), ADD(id=3, value="carried out"), FINISH(id=9))
        assert done is not None
        assert done.id == 1
        assert await database.write(FINISH(id=1), ADD(id=4, value="once only")) is None

    run(scratch, story)
    assert scratch.rows() == {1: "first", 3: "carried out"}


def test_of_many_at_once_one_matches(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        await database.write(ADD(id=1, value="claimed"))
        claims = [database.write(FINISH(id=1), ADD(id=10 + number, value="")) for number in range(20)]
        won = [end for end in await outcomes(*claims) if end is not None]
        assert len(won) == 1

    run(scratch, story)
    assert len(scratch.rows()) == 2


def test_a_member_that_fails_half_way_is_undone_and_the_others_commit(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        await database.write(ADD(id=1, value="there"))
        ended = await outcomes(
            database.write(ADD(id=2, value="good")),
            database.write(ADD(id=1, value="taken")),
            database.write(ADD(id=3, value="undone"), ADD(id=1, value="taken")),
            database.write(FINISH(id=1), ADD(id=4, value="good")),
            database.write(ADD_TOLD(id=5, value="undone"), ADD(id=6, value="undone"), ADD(id=1, value="taken")),
            database.write_many(ADD, [ADD.values(id=7, value="undone"), ADD.values(id=1, value="taken")]),
            database.write_many(ADD, [ADD.values(id=8, value="good"), ADD.values(id=9, value="good")]),
        )
        assert [end is DuplicateError for end in ended] == [False, True, True, False, True, True, False]

    run(scratch, story)
    assert scratch.rows() == {1: "there", 2: "good", 4: "good", 8: "good", 9: "good"}


def test_a_further_statement_can_be_made_from_the_row_of_the_first(scratch: Scratch) -> None:
    def copied(row: KeptRow) -> BoundStatement[None]:
        return ADD(id=row.id + 10, value=f"{row.value}, {row.day}, {row.done}")

    def wrong(_row: KeptRow) -> BoundStatement[None]:
        raise KeyError("a fault of our own")

    async def story(database: Database) -> None:
        ended = await outcomes(
            database.write(ADD_TOLD(id=1, value="first"), copied, ADD(id=2, value="plain")),
            database.write(ADD_TOLD(id=3, value="undone"), wrong),
            database.write(FINISH(id=9), wrong),
            database.write(ADD_TOLD(id=4, value="other"), copied),
        )
        assert ended[1:3] == [KeyError, None]

    run(scratch, story)
    assert scratch.rows() == {1: "first", 2: "plain", 4: "other", 11: "first, None, False", 14: "other, None, False"}


def test_a_commit_that_fails_fails_its_own_member_alone(scratch: Scratch) -> None:
    """A deferred foreign key is looked at by COMMIT."""

    async def story(database: Database) -> None:
        ended = await outcomes(
            database.write(ADD(id=1, value="good")),
            database.write(ADD_CHILD(id=2, parent=99)),
            database.write(ADD_CHILD(id=3, parent=1)),
            database.write(ADD(id=4, value="undone"), ADD_CHILD(id=5, parent=99)),
        )
        assert ended[0] is None
        assert ended[1] is StatementError
        assert ended[3] is StatementError
        assert await outcomes(database.write(ADD_CHILD(id=6, parent=99))) == [StatementError]
        await database.write(ADD(id=7, value="goes on"))

    run(scratch, story)
    assert {1, 7} <= scratch.rows().keys() <= {1, 3, 7}


@pytest.mark.parametrize(
    "text",
    ["SELECT id FROM nowhere WHERE id = :id", "SELECT colour FROM kept WHERE id = :id", "SELECT FROM WHERE id = :id"],
    ids=["no such table", "no such column", "syntax"],
)
def test_a_wrong_statement_is_a_programming_error(scratch: Scratch, text: str) -> None:
    wrong: Statement[Any] = Statement(SCRATCH, text)

    async def story(database: Database) -> None:
        acts = [
            database.one(wrong(id=1)),
            database.all(wrong(id=1)),
            database.write(wrong(id=1)),
            database.write(ADD(id=1, value="undone"), wrong(id=1)),
            database.write_many(wrong, [wrong.values(id=1)]),
            database.prepare(wrong),
        ]
        assert await outcomes(*acts) == [ProgrammingError] * len(acts)
        await database.write(ADD(id=2, value="goes on"))

    run(scratch, story)
    assert scratch.rows() == {2: "goes on"}


@pytest.mark.parametrize(("id_", "value"), [(BEYOND_64_BITS, "too large"), (5, LONE_SURROGATE), (6, None)])
def test_a_value_that_does_not_fit_is_an_error_of_its_statement(scratch: Scratch, id_: int, value: str | None) -> None:
    async def story(database: Database) -> None:
        ended = await outcomes(
            database.write(ADD(id=1, value="good")),
            database.write(ADD(id=id_, value=value)),
            database.write(ADD(id=2, value="undone"), ADD(id=id_, value=value)),
            database.write_many(ADD, [ADD.values(id=id_, value=value)]),
        )
        assert ended == [None, StatementError, StatementError, StatementError]
        if id_ == BEYOND_64_BITS:
            assert await outcomes(database.one(KEPT(id=id_)), database.all(KEPT(id=id_))) == [StatementError] * 2

    run(scratch, story)
    assert scratch.rows() == {1: "good"}


def test_a_lock_that_stays_is_unavailable_and_nothing_is_written(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_engine, "STATEMENT_TIMEOUT_MS", 300)

    async def story(database: Database) -> None:
        with scratch.locked():
            ended = await outcomes(
                database.write(ADD(id=1, value="late")),
                database.write(ADD(id=2, value="late"), ADD(id=3, value="late")),
                database.write_many(ADD, [ADD.values(id=4, value="late")]),
            )
            assert ended == [StoreUnavailable] * 3
            assert await database.all(ALL()) == []  # reading goes on
        await database.write(ADD(id=5, value="in time"))

    run(scratch, story)
    assert scratch.rows() == {5: "in time"}


def test_a_lock_that_goes_in_time_is_waited_for(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        with scratch.locked():
            waiting = [asyncio.ensure_future(database.write(ADD(id=number, value=""))) for number in range(3)]
            await asyncio.sleep(0.1)
            assert not any(act.done() for act in waiting)
        await asyncio.gather(*waiting)

    run(scratch, story)
    assert scratch.rows().keys() == {0, 1, 2}


def test_a_caller_that_goes_away_stops_nobody_else(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        acts = [asyncio.ensure_future(database.write(ADD(id=number, value=""))) for number in range(6)]
        reads = [asyncio.ensure_future(database.one(KEPT_BY_KEY(id=number, other=""))) for number in range(6)]
        await asyncio.sleep(0)
        acts[2].cancel()
        reads[3].cancel()
        await outcomes(acts[2], reads[3])  # SQLite has read already
        await asyncio.gather(*acts[:2], *acts[3:], *reads[:3], *reads[4:])
        await database.write(ADD(id=6, value=""))
        assert await database.one(KEPT(id=6)) is not None

    run(scratch, story)
    assert {0, 1, 3, 4, 5, 6} <= scratch.rows().keys()


def test_a_caller_that_goes_away_while_a_lock_is_waited_for_stops_nobody_else(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        with scratch.locked():
            gone, stays = [asyncio.ensure_future(database.write(ADD(id=number, value=""))) for number in (1, 2)]
            await asyncio.sleep(0.05)
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
        await stays

    run(scratch, story)
    assert 2 in scratch.rows()


def test_equal_reads_of_a_moment_get_each_its_own_row(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        await database.write_many(ADD, [ADD.values(id=number, value=str(number)) for number in range(0, 600, 2)])
        found = await asyncio.gather(
            *(database.one(KEPT_BY_KEY(id=number, other="10")) for number in range(600)),
            *(database.one(KEPT_BY_KEY(id=10, other="")) for _ in range(3)),
        )
        told = [row and row.value for row in found]
        assert told[:600] == [None if number % 2 or number == 10 else str(number) for number in range(600)]
        assert told[600:] == ["10"] * 3

    run(scratch, story)


def test_a_read_sees_what_was_committed_before_it(scratch: Scratch) -> None:
    async def story(database: Database) -> None:
        for number in range(20):
            await database.write(ADD(id=number, value="x"))
            row = await database.one(KEPT_BY_KEY(id=number, other=""))
            assert row is not None

    run(scratch, story)


def test_an_absent_database_is_unavailable_until_it_is_there(scratch: Scratch) -> None:
    scratch.drop()
    scratch.path.unlink(missing_ok=True)

    async def story(database: Database) -> None:
        acts = [
            database.one(KEPT(id=1)),
            database.all(ALL()),
            database.write(ADD(id=1, value="")),
            database.write(ADD(id=1, value=""), ADD(id=2, value="")),
            database.write_many(ADD, [ADD.values(id=1, value="")]),
            database.prepare(KEPT),
            database.ping(),
        ]
        assert await outcomes(*acts) == [StoreUnavailable] * len(acts)
        for suffix in ("-wal", "-shm"):
            scratch.path.with_name(scratch.path.name + suffix).unlink(missing_ok=True)
        scratch.create()
        await database.write(ADD(id=1, value="there"))
        await database.ping()
        await database.prepare(KEPT)

    run(scratch, story)
    assert scratch.rows() == {1: "there"}
