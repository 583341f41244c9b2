"""What only SQLite has: a queue of writes, one transaction for all that gathered, and locks on the whole file."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.scratch_store import ADD, ALL, KEPT, SCRATCH, KeptRow, Scratch, outcomes
from varco.gate.store import Statement, StatementError, StoreUnavailable
from varco.gate.store import sqlite as engine
from varco.gate.store.sqlite import SqliteDatabase

# The constraint rolls the whole transaction back, whoever else is in it (https://sqlite.org/lang_conflict.html).
ADD_OR_ROLLBACK = Statement(SCRATCH, "INSERT OR ROLLBACK INTO kept (id, value, done) VALUES (:id, '', false)")


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch("sqlite", tmp_path).create()


def test_a_write_before_opening_is_unavailable(scratch: Scratch) -> None:
    assert asyncio.run(outcomes(scratch.sqlite().write(ADD(id=1, value="")))) == [StoreUnavailable]


def test_a_full_queue_turns_away_at_once_and_the_others_commit(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAITING_LIMIT", 5)

    async def story() -> list[object]:
        async with scratch.database() as database:
            return await outcomes(*(database.write(ADD(id=number, value="")) for number in range(7)))

    assert asyncio.run(story()) == [None] * 5 + [StoreUnavailable] * 2
    assert len(scratch.rows()) == 5


def test_more_than_one_batch_is_committed_in_turn(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BATCH_LIMIT", 3)

    async def story() -> list[object]:
        async with scratch.database() as database:
            return await outcomes(*(database.write(ADD(id=number, value="")) for number in range(10)))

    assert asyncio.run(story()) == [None] * 10
    assert len(scratch.rows()) == 10


def test_a_lost_transaction_is_unavailable_for_all_in_it_and_the_next_one_works(scratch: Scratch) -> None:
    async def story() -> None:
        async with scratch.database() as database:
            await database.write(ADD(id=1, value="there"))
            ended = await outcomes(
                database.write(ADD(id=2, value="lost")),
                database.write(ADD_OR_ROLLBACK(id=1)),
                database.write(ADD(id=3, value="lost")),
            )
            assert ended == [StoreUnavailable] * 3
            await database.write(ADD(id=4, value="goes on"))

    asyncio.run(story())
    assert scratch.rows() == {1: "there", 4: "goes on"}


def test_a_lost_transaction_after_a_lock_is_unavailable_too(scratch: Scratch) -> None:
    async def story() -> None:
        async with scratch.database() as database:
            await database.write(ADD(id=1, value="there"))
            with scratch.locked():
                writing = asyncio.ensure_future(outcomes(database.write(ADD_OR_ROLLBACK(id=1))))
                await asyncio.sleep(0.05)
            assert await writing == [StoreUnavailable]
            await database.write(ADD(id=2, value="goes on"))

    asyncio.run(story())
    assert scratch.rows() == {1: "there", 2: "goes on"}


def test_a_full_disk_is_unavailable_and_what_follows_works(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    """`max_page_count` is the disk's end."""

    async def story(pages: str, size: int) -> list[object]:
        monkeypatch.setattr(engine, "SQLITE_PRAGMAS", f"PRAGMA foreign_keys=ON; {pages}")
        async with scratch.database() as database:
            return await outcomes(database.write(ADD(id=size, value="x" * size)))

    assert asyncio.run(story("PRAGMA max_page_count=3;", 100_000)) == [StoreUnavailable]
    assert asyncio.run(story("", 200_000)) == [None]
    assert scratch.rows().keys() == {200_000}


def test_a_file_that_is_no_database_is_an_error_and_not_tried_again(scratch: Scratch) -> None:
    scratch.path.write_bytes(b"this is no database" * 1000)
    for suffix in ("-wal", "-shm"):
        scratch.path.with_name(scratch.path.name + suffix).unlink(missing_ok=True)

    async def story() -> list[object]:
        async with scratch.database() as database:
            return await outcomes(database.one(KEPT(id=1)), database.write(ADD(id=1, value="")))

    assert asyncio.run(story()) == [StatementError] * 2


def test_a_statement_that_writes_cannot_be_read_with(scratch: Scratch) -> None:
    async def story() -> list[object]:
        async with scratch.database() as database:
            return await outcomes(database.one(ADD(id=1, value="")), database.all(ADD(id=1, value="")))

    assert asyncio.run(story()) == [StatementError] * 2
    assert scratch.rows() == {}


@contextlib.contextmanager
def recovering(scratch: Scratch) -> Iterator[None]:
    """Another connection has the file to itself, as while it recovers it."""
    with contextlib.closing(sqlite3.connect(scratch.path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO kept (id, value, done) VALUES (1, 'recovered', false)")
        other.execute("COMMIT")
        yield


@pytest.mark.parametrize("many", [False, True], ids=["one", "all"])
def test_a_reader_waits_while_the_file_is_recovered(scratch: Scratch, many: bool) -> None:
    async def read(database: SqliteDatabase) -> Sequence[KeptRow | None]:
        return await database.all(ALL()) if many else [await database.one(KEPT(id=1))]

    async def story() -> None:
        with recovering(scratch):
            database = scratch.sqlite()
            await database.open()
            reading = asyncio.ensure_future(read(database))
            await asyncio.sleep(0.1)
            assert not reading.done()
        found = await reading
        assert [row and row.value for row in found] == ["recovered"]
        await database.close()

    asyncio.run(story())


def test_a_reader_does_not_wait_for_ever(scratch: Scratch) -> None:
    async def story() -> None:
        with recovering(scratch):
            async with scratch.database() as database:
                acts = (database.one(KEPT(id=1)), database.all(ALL()), database.ping(), database.prepare(KEPT))
                assert await outcomes(*acts) == [StoreUnavailable] * 4
                assert await outcomes(database.write(ADD(id=2, value=""))) == [StoreUnavailable]

    asyncio.run(story())


def test_closing_commits_what_waits(scratch: Scratch) -> None:
    async def story() -> Sequence[object]:
        async with scratch.database() as database:
            waiting = asyncio.gather(*(database.write(ADD(id=number, value="")) for number in range(3)))
            await asyncio.sleep(0)
        return await waiting

    assert asyncio.run(story()) == [None] * 3
    assert len(scratch.rows()) == 3


def test_a_database_that_was_never_opened_closes() -> None:
    asyncio.run(SqliteDatabase("/nowhere/at/all.sqlite3").close())
