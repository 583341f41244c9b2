"""PostgreSQL goes away and comes back: the store says so, and needs nobody's help to go on."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.postgres import Cluster
from varco.gate.store import Row, Schema, Statement, StoreUnavailable
from varco.gate.store.postgres import PostgresDatabase

SCRATCH = Schema("scratch")


class CountRow(Row, frozen=True):
    number: int


ONE = Statement(SCRATCH, "SELECT 1 AS number", CountRow)
MAKE = Statement(SCRATCH, "CREATE TABLE kept (value integer)")
ADD = Statement(SCRATCH, "INSERT INTO kept (value) VALUES (:value)")
COUNT = Statement(SCRATCH, "SELECT count(*) AS number FROM kept", CountRow)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    running = Cluster().start()
    yield running
    running.stop()


def test_postgresql_gone_is_unavailable_and_back_is_available(cluster: Cluster) -> None:
    url = cluster.create("gone")

    async def story() -> None:
        database = PostgresDatabase(url)
        await database.open()
        try:
            await database.write(MAKE())
            await database.write(ADD(value=1))
            await asyncio.to_thread(cluster.halt)
            for act in (database.one(ONE()), database.write(ADD(value=2))):
                with pytest.raises(StoreUnavailable):
                    await act
            await asyncio.to_thread(cluster.resume)
            await database.write(ADD(value=3))
            row = await database.one(COUNT())
            assert row is not None
            assert row.number == 2
        finally:
            await database.close()

    asyncio.run(story())
