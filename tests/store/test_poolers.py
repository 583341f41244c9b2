"""The gate's store behind Debian's PgBouncer, whose sessions are fewer than the gate's connections and change hands."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psycopg
import pytest

from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import Cluster
from tests.support.scratch_store import (
    ADD,
    ADD_CHILD,
    ADD_TOLD,
    ALL,
    ALL_APART,
    ENDLESS,
    FINISH,
    KEPT,
    KEPT_BY_KEY,
    SCRATCH,
    Scratch,
    outcomes,
)
from varco.gate.store import Row, Statement, StatementError, StoreUnavailable
from varco.gate.store.engine import DuplicateError, ReadTimeoutError
from varco.gate.store.pooled import PooledConnection
from varco.gate.store.postgres import PostgresDatabase


class SettingRow(Row, frozen=True):
    hashed: str
    limit: str


SETTINGS = Statement(
    SCRATCH,
    "SELECT current_setting('enable_hashjoin') AS hashed, current_setting('statement_timeout') AS limit",
    SettingRow,
)
IGNORED = "ignore_startup_parameters = statement_timeout,join_collapse_limit,enable_mergejoin,enable_hashjoin"


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


def test_a_transaction_that_cannot_begin_leaves_no_connection_in_it(cluster: Cluster, scratch: Scratch) -> None:
    """What is cancelled in the very moment of its BEGIN, say, is rolled back before anybody else has the connection."""

    async def play(url: str) -> None:
        connection = await asyncpg.connect(url, connection_class=PooledConnection, statement_cache_size=0)
        connection.opening = "BEGIN; SELECT 1 / 0"
        with pytest.raises(asyncpg.DivisionByZeroError):
            await connection.fetchrow("SELECT 1")
        assert not connection.is_in_transaction()
        connection.begin_with({"enable_hashjoin": "off"})
        assert (await connection.fetchrow("SELECT 2 AS two"))["two"] == 2
        await connection.close()

    with PgBouncer(cluster.port, "transaction") as pooler:
        asyncio.run(play(pooler.url("postgres")))


async def everything(database: PostgresDatabase, many: int) -> list[object]:
    """Each kind of statement, many at one moment; what failed."""
    acts = []
    for number in range(many):
        acts += [
            database.write(ADD(id=3 * number, value=f"{number}")),
            database.write(ADD_TOLD(id=3 * number + 1, value="told"), FINISH(id=3 * number + 1)),
            database.write_many(ADD, [ADD.values(id=3 * number + 2, value="one of many")]),
            database.one(KEPT(id=number)),
            database.one(KEPT_BY_KEY(id=number, other="")),
            database.all(ALL()),
            database.all(ALL_APART(beyond=0)),
            database.prepare(KEPT),
            database.prepare(KEPT_BY_KEY),
            database.ping(),
        ]
    return [end for end in await asyncio.gather(*acts, return_exceptions=True) if isinstance(end, BaseException)]


@pytest.mark.parametrize(
    ("mode", "pooling", "lines"),
    [
        ("transaction", "auto", ()),
        ("transaction", "auto", (IGNORED,)),
        ("transaction", "transaction", ()),
        ("session", "auto", ("default_pool_size = 40",)),
        ("session", "session", ("default_pool_size = 40",)),
    ],
)
def test_every_kind_of_statement_at_one_moment(
    cluster: Cluster, scratch: Scratch, mode: str, pooling: str, lines: tuple[str, ...]
) -> None:
    async def story(url: str) -> None:
        two = [PostgresDatabase(url, pooling=pooling) for _ in range(2)]
        try:
            for database in two:
                await database.open()
            assert await everything(two[0], 30) == []
            assert await asyncio.gather(*(two[1].one(KEPT(id=number)) for number in range(90))) == [
                await two[0].one(KEPT(id=number)) for number in range(90)
            ]
            told = await asyncio.gather(*(database.one(SETTINGS()) for database in two * 10))
            assert set(told) == {SettingRow(hashed="off", limit="5s")}
        finally:
            for database in two:
                await database.close()

    few = ("default_pool_size = 4",) if mode == "transaction" else ()
    with PgBouncer(cluster.port, mode, *few, *lines) as pooler:
        asyncio.run(story(scratch.url.replace(str(cluster.port), str(pooler.port))))
        if mode == "transaction":  # nothing of the gate's stays in a session for others to find
            with psycopg.connect(scratch.url.replace(str(cluster.port), str(pooler.port))) as other:
                found = other.execute("SELECT current_setting('enable_hashjoin')").fetchone()
                assert found == ("on",)
                assert other.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
    assert len(scratch.rows()) == 90


def test_what_is_refused_is_told_as_without_a_pooler(cluster: Cluster, scratch: Scratch) -> None:
    async def story(url: str) -> None:
        database = PostgresDatabase(url, read_seconds=0.2)
        try:
            await database.write(ADD(id=1, value="first"))
            assert await outcomes(
                database.write(ADD(id=1, value="again")),
                database.write(ADD_CHILD(id=2, parent=99)),  # known at COMMIT only
                database.write(ADD(id=3, value=""), ADD(id=1, value="")),
                database.all(ENDLESS(parts=10)),
            ) == [DuplicateError, StatementError, DuplicateError, ReadTimeoutError]
            assert [row.id for row in await database.all(ALL())] == [1]
        finally:
            await database.close()

    with PgBouncer(cluster.port, "transaction", "default_pool_size = 2") as pooler:
        asyncio.run(story(scratch.url.replace(str(cluster.port), str(pooler.port))))


def test_a_server_behind_a_pooler_that_goes_away_and_comes_back(cluster: Cluster, scratch: Scratch) -> None:
    async def story(url: str) -> None:
        database = PostgresDatabase(url)
        try:
            await database.write(ADD(id=1, value=""))
            before = asyncio.gather(*(outcomes(database.one(KEPT(id=1)), database.ping()) for _ in range(20)))
            await asyncio.sleep(0)
            cluster.halt()
            assert {end for ends in await before for end in ends if isinstance(end, type)} <= {StoreUnavailable}
            away = await outcomes(database.one(KEPT(id=1)), database.write(ADD(id=2, value=""), ADD(id=3, value="")))
            assert away == [StoreUnavailable] * 2
            cluster.resume()
            for _ in range(200):  # PgBouncer finds out at its own pace
                if await outcomes(database.write(ADD(id=4, value=""))) == [None]:
                    return
                await asyncio.sleep(0.05)
            pytest.fail("PostgreSQL came back, and is not found")
        finally:
            await database.close()

    lines = ("server_login_retry = 0", "query_wait_timeout = 1", "default_pool_size = 2")
    with PgBouncer(cluster.port, "transaction", *lines) as pooler:
        asyncio.run(story(scratch.url.replace(str(cluster.port), str(pooler.port))))
