"""Reads of the same kind, asked for at the same moment, go to the database as one question."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.support.scratch_store import KEPT_BY_KEY, KeptRow
from varco.gate.store import KeyedStatement, StoreUnavailable, gather
from varco.gate.store.gather import Gatherer, Key


class Server:
    """Answers questions when told to, with every key but the odd ones."""

    def __init__(self) -> None:
        self.asked: list[list[Key]] = []
        self.gate = asyncio.Event()
        self.fault: Exception | None = None

    async def fetch(self, _statement: KeyedStatement[Any], keys: list[Key], _rest: tuple[Any, ...]) -> Sequence[Any]:
        self.asked.append(keys)
        await self.gate.wait()
        if self.fault:
            raise self.fault
        return [(key, "value", None, False) for key in keys if int(key) % 2 == 0]


def test_a_moment_is_one_question_and_each_key_is_in_it_once() -> None:
    async def story() -> None:
        server = Server()
        server.gate.set()
        gatherer = Gatherer(server.fetch)
        found = await asyncio.gather(*(gatherer.row(KEPT_BY_KEY, key, ("",)) for key in (2, 3, 2, 4)))
        row = KeptRow(id=2, value="value", day=None, done=False)
        assert found[0] == found[2] == row
        assert found[1] is None
        assert found[3].id == 4
        assert server.asked == [[2, 3, 4]]

    asyncio.run(story())


def test_what_is_asked_with_other_values_is_another_question() -> None:
    async def story() -> None:
        server = Server()
        server.gate.set()
        gatherer = Gatherer(server.fetch)
        await asyncio.gather(gatherer.row(KEPT_BY_KEY, 2, ("",)), gatherer.row(KEPT_BY_KEY, 2, ("x",)))
        assert server.asked == [[2], [2]]

    asyncio.run(story())


def test_a_read_never_joins_a_question_that_was_sent_before_it() -> None:
    async def story() -> None:
        server = Server()
        gatherer = Gatherer(server.fetch)
        reads = []
        for _ in range(gather.FLIGHTS + 3):
            reads.append(gatherer.row(KEPT_BY_KEY, 2, ("",)))
            await asyncio.sleep(0.001)
        # As many as may are on their way; the others gather until one is back.
        assert server.asked == [[2]] * gather.FLIGHTS
        server.gate.set()
        await asyncio.gather(*reads)
        assert server.asked == [[2]] * (gather.FLIGHTS + 1)

    asyncio.run(story())


def test_a_question_has_no_more_keys_than_its_limit() -> None:
    async def story() -> None:
        server = Server()
        server.gate.set()
        gatherer = Gatherer(server.fetch)
        number = gather.KEYS_LIMIT * 2 + 1
        found = await asyncio.gather(*(gatherer.row(KEPT_BY_KEY, key, ("",)) for key in range(number)))
        assert sum(row is not None for row in found) == gather.KEYS_LIMIT + 1
        assert [len(keys) for keys in server.asked] == [gather.KEYS_LIMIT, gather.KEYS_LIMIT, 1]

    asyncio.run(story())


def test_a_question_that_fails_fails_all_who_asked_it_and_no_others() -> None:
    async def story() -> None:
        server = Server()
        gatherer = Gatherer(server.fetch)
        failing = [gatherer.row(KEPT_BY_KEY, key, ("",)) for key in (2, 4)]
        gone = gatherer.row(KEPT_BY_KEY, 6, ("",))
        await asyncio.sleep(0.001)
        gone.cancel()
        server.fault = StoreUnavailable("away")
        server.gate.set()
        ended = await asyncio.gather(*failing, return_exceptions=True)
        assert [type(end) for end in ended] == [StoreUnavailable] * 2
        server.fault = None
        assert (await gatherer.row(KEPT_BY_KEY, 2, ("",))).id == 2

    asyncio.run(story())
