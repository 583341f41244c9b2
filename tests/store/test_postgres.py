"""What only PostgreSQL has: a server that goes away and comes back, and connections that are lost, run out, or are given up."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import Cluster
from tests.support.scratch_store import ADD, ALL, KEPT, KEPT_BY_KEY, SCRATCH, IdRow, Scratch, outcomes
from varco.gate.store import Row, Statement, StatementError, StoreUnavailable
from varco.gate.store import postgres as engine
from varco.ops import logs

SLEEP = Statement(SCRATCH, "SELECT 1 AS id FROM pg_sleep(:seconds)", IdRow)

GATE = "SELECT pid FROM pg_stat_activity WHERE application_name = 'varco gate' AND datname = current_database()"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    running = Cluster(durable=False).start()
    yield running
    running.stop()


@pytest.fixture
def scratch(cluster: Cluster, tmp_path: Path) -> Iterator[Scratch]:
    made = Scratch("postgres", tmp_path, f"postgresql://varco@127.0.0.1:{cluster.port}").create()
    yield made
    made.drop()


def terminate(scratch: Scratch) -> int:
    """End every connection of the gate, as a restarted server does."""
    with psycopg.connect(scratch.url) as there:
        return len(there.execute(f"SELECT pg_terminate_backend(pid) FROM ({GATE}) gate".encode()).fetchall())


def test_a_server_that_goes_away_and_comes_back(cluster: Cluster, scratch: Scratch) -> None:
    async def story() -> None:
        async with scratch.database() as database:
            await database.write(ADD(id=1, value=""))
            cluster.halt()
            acts = [
                database.one(KEPT(id=1)),
                database.one(KEPT_BY_KEY(id=1, other="")),
                database.all(ALL()),
                database.write(ADD(id=2, value="")),
                database.write(ADD(id=2, value=""), ADD(id=3, value="")),
                database.write_many(ADD, [ADD.values(id=2, value="")]),
                database.prepare(KEPT),
                database.ping(),
            ]
            assert await outcomes(*acts) == [StoreUnavailable] * len(acts)
            cluster.resume()  # in the main thread, which outlives the server
            await database.write(ADD(id=4, value=""))

    asyncio.run(story())
    assert scratch.rows().keys() == {1, 4}


def test_a_server_that_is_away_at_first_is_no_reason_not_to_start(cluster: Cluster, scratch: Scratch) -> None:
    cluster.halt()
    try:

        async def story() -> None:
            async with scratch.database() as database:
                assert await outcomes(database.ping()) == [StoreUnavailable]
                cluster.resume()
                await database.ping()

        asyncio.run(story())
    finally:
        if cluster.process is None:
            cluster.resume()


def test_a_connection_lost_in_the_middle_of_a_transaction_undoes_it(scratch: Scratch) -> None:
    async def story() -> None:
        async with scratch.database() as database:
            acting = asyncio.ensure_future(outcomes(database.write(ADD(id=1, value="undone"), SLEEP(seconds=20))))
            await asyncio.sleep(0.3)
            assert await asyncio.to_thread(terminate, scratch) >= 1
            assert await acting == [StoreUnavailable]
            await database.write(ADD(id=2, value="goes on"))

    asyncio.run(story())
    assert scratch.rows() == {2: "goes on"}


def test_a_pool_without_a_free_connection_is_unavailable_in_time(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ACQUIRE_TIMEOUT", 0.2)

    async def story() -> None:
        async with scratch.database(size=1) as database:
            running = asyncio.ensure_future(database.one(SLEEP(seconds=1)))
            await asyncio.sleep(0.1)
            acts = [
                database.one(KEPT(id=1)),
                database.one(KEPT_BY_KEY(id=1, other="")),
                database.all(ALL()),
                database.write(ADD(id=1, value="")),
                database.write(ADD(id=1, value=""), ADD(id=2, value="")),
                database.write_many(ADD, [ADD.values(id=1, value="")]),
                database.prepare(KEPT),
                database.ping(),
            ]
            assert await outcomes(*acts) == [StoreUnavailable] * len(acts)
            assert not running.done()
            assert await running == IdRow(id=1)
            await database.write(ADD(id=3, value="goes on"))

    asyncio.run(story())
    assert scratch.rows() == {3: "goes on"}


def test_a_statement_that_takes_too_long_is_given_up(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "STATEMENT_TIMEOUT_MS", 200)

    async def story() -> None:
        async with scratch.database() as database:
            assert await outcomes(database.one(SLEEP(seconds=20))) == [StoreUnavailable]
            await database.ping()

    asyncio.run(story())


def test_a_server_that_can_only_be_read_is_unavailable_for_writing(scratch: Scratch) -> None:
    """As after a fail-over, while the gate still knows the former server."""
    with psycopg.connect(scratch.url) as there:
        there.execute("ALTER DATABASE {} SET default_transaction_read_only = on".format(scratch.url.rpartition("/")[2]))

    async def story() -> list[object]:
        async with scratch.database() as database:
            return await outcomes(database.write(ADD(id=1, value="")), database.all(ALL()))

    assert asyncio.run(story()) == [StoreUnavailable, []]


def test_a_number_that_fits_the_driver_but_not_the_column_is_an_error(scratch: Scratch) -> None:
    narrow = Statement(SCRATCH, "SELECT (:number::bigint)::smallint::bigint AS id", IdRow)

    async def story() -> list[object]:
        async with scratch.database() as database:
            return await outcomes(database.one(narrow(number=1 << 40)))

    assert asyncio.run(story()) == [StatementError]


class PlanRow(Row, frozen=True):
    plan: str


# Read as it is written, this is all pairs of rows first; any planner that may would begin with the one row of c.
PAIRS_FIRST = Statement(
    SCRATCH,
    """
    EXPLAIN (FORMAT JSON) SELECT a.id FROM kept a JOIN kept b ON b.value = a.value JOIN kept c ON c.id = b.parent
    WHERE c.id = 1
    """,
    PlanRow,
)


def test_joins_are_made_in_the_order_written_and_row_by_row(scratch: Scratch) -> None:
    """Statistics may lead PostgreSQL to merge whole tables for one row that is found by its key."""

    async def story() -> None:
        async with scratch.database() as database:
            told = await database.one(PAIRS_FIRST())
            assert told is not None
            [top] = json.loads(told.plan)
            assert top["Plan"]["Node Type"] == "Nested Loop"
            assert {"c"} in [set(re.findall(r"'Alias': '(\w)'", str(part))) for part in top["Plan"]["Plans"]]
            assert not re.search("Merge Join|Hash Join", told.plan)

    asyncio.run(story())


def test_a_connection_is_handed_from_one_statement_to_the_next_and_a_lost_one_is_replaced(scratch: Scratch) -> None:
    """With one connection: whoever waits gets it, gives up waiting, or gets a new one where it was lost."""

    async def story() -> None:
        async with scratch.database(size=1) as database:
            acts = [database.write(ADD(id=number, value=str(number))) for number in range(20)]
            await asyncio.gather(*acts)
            found = await asyncio.gather(*(database.one(KEPT(id=number)) for number in range(20)))
            assert [row and row.value for row in found] == [str(number) for number in range(20)]
            running = asyncio.ensure_future(outcomes(database.one(SLEEP(seconds=20))))
            waiting = [asyncio.ensure_future(database.one(KEPT(id=number))) for number in range(3)]
            await asyncio.sleep(0.1)
            waiting[0].cancel()
            assert await asyncio.to_thread(terminate, scratch) == 1
            assert await running == [StoreUnavailable]
            assert [row and row.value for row in await asyncio.gather(*waiting[1:])] == ["1", "2"]

    asyncio.run(story())


def test_what_an_interrupted_statement_still_answers_is_nobody_elses(scratch: Scratch) -> None:
    async def story() -> None:
        async with scratch.database(size=1) as database:
            await database.write(ADD(id=1, value="mine"))
            for _ in range(5):
                interrupted = asyncio.ensure_future(database.one(SLEEP(seconds=0.01)))
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                interrupted.cancel()
                found = await database.one(KEPT(id=1))
                assert found is not None
                assert found.value == "mine"

    asyncio.run(story())


class _Lines(logging.Handler):
    """What the log of a served Varco would have."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


ROW = "DETAIL: Rossi\n\nThe above exception\n\nBianchi"
REFUSED = Statement(SCRATCH, "INSERT INTO kept (id, value, done, parent) SELECT :id, :value, NULL, NULL")


def test_no_row_that_postgresql_refused_reaches_the_log(scratch: Scratch) -> None:
    handler = _Lines()
    logger = logging.getLogger("tests.refused_rows")
    logger.addHandler(handler)

    def log(fault: Exception) -> None:
        logger.error("a worker failed: %s (%r)", fault, fault)
        try:
            raise RuntimeError("around") from fault
        except RuntimeError:
            logger.exception("failed")

    async def by_the_gate() -> None:
        async with scratch.database() as database:
            await database.write(ADD(id=1, value="first"))
            for statement in (REFUSED(id=2, value=ROW), ADD(id=1, value=ROW)):
                try:
                    await database.write(statement)
                except StatementError as fault:
                    log(fault)

    asyncio.run(by_the_gate())
    with psycopg.connect(scratch.url) as there, pytest.raises(psycopg.IntegrityError, match="Bianchi") as refused:
        there.execute("INSERT INTO kept VALUES (2, %s, NULL, NULL, NULL)", [ROW])
    wrapped = RuntimeError(str(refused.value))
    wrapped.__context__ = refused.value
    log(wrapped)
    logger.removeHandler(handler)
    text = "\n".join(handler.lines)
    assert len(handler.lines) == 6
    assert text.count("null value in column") >= 4
    for word in ("Rossi", "Bianchi", "Failing row contains", "Key (id)"):
        assert word not in text
