"""Rate limits counted together through Debian's Redis: by a served Varco, and with a store that dies, comes back, or is no store."""

import asyncio
import dataclasses
import logging
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support.demo_server import ROOT, Demo
from tests.support.demo_world import World
from tests.support.postgres import free_port
from tests.support.redis_server import PASSWORD, RedisServer
from tests.support.tls import make_certificate
from varco import config
from varco.gate import rate_store
from varco.gate.rate_store import RateSharing, RateStore, RateStoreAwayError
from varco.gate.shared_rate_limit import SharedRateLimits, Totals
from varco.ops.doctor import surroundings

ISSUER = "https://login.example.org"
WINDOW = 60
BEGIN = 1_800_000_000_000 // (WINDOW * 1000) * WINDOW * 1000


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


def asked(url: str, spent: dict[tuple[int, str], int], issuer: str = ISSUER) -> dict[tuple[int, str], Totals]:
    async def add() -> dict[tuple[int, str], Totals]:
        store = RateStore(url, issuer, WINDOW)
        try:
            return await store.add(spent)
        finally:
            await store.close()

    return asyncio.run(add())


def test_what_all_counted_is_told_of_both_windows_and_passes_with_them(redis: RedisServer) -> None:
    assert asked(redis.url, {(6, "a"): 5, (7, "a"): 1}) == {(6, "a"): Totals(5, 0), (7, "a"): Totals(1, 5)}
    assert asked(redis.url, {(7, "a"): 2, (7, "b"): 0}) == {(7, "a"): Totals(3, 5), (7, "b"): Totals(0, 0)}
    assert asked(redis.url, {(7, "a"): 1}, "https://another.example") == {(7, "a"): Totals(1, 0)}, (
        "another installation"
    )
    (name,) = {key for key in redis.command("KEYS", "*:7:b").decode().split("\r\n") if key.endswith(":7:b")}
    assert b":130\r\n" in redis.command("TTL", name)


def test_the_rights_that_the_documents_name_are_enough(redis: RedisServer) -> None:
    (line,) = re.findall(r"^ACL SETUSER varco .*$", (ROOT / "docs/operations.md").read_text("utf-8"), re.MULTILINE)
    assert b"+OK" in redis.command(*line.split())
    url = f"redis://varco:store-secret@127.0.0.1:{redis.port}/0"
    assert asked(url, {}) == {}
    assert asked(url, {(7, "a"): 1}) == {(7, "a"): Totals(1, 0)}


def test_a_store_by_tls_is_known_by_its_certificate_and_one_beside_us_by_its_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")  # the certificate of the tests has the same name
    certificate, key = make_certificate(tmp_path)
    tls, path = free_port(), tmp_path / "redis.sock"
    options = ["--unixsocket", path, "--tls-port", tls, "--tls-cert-file", certificate, "--tls-key-file", key]
    with RedisServer(*map(str, options), "--tls-auth-clients", "no"):
        for url in (
            f"rediss://:{PASSWORD}@localhost:{tls}/0?ssl_ca_certs={certificate}",
            f"unix://:{PASSWORD}@{path}?db=1",
            f"unix://:{PASSWORD}@{path}",
        ):
            assert config.load({"VARCO_ISSUER": ISSUER, "VARCO_RATE_LIMIT_STORE": url}).rate_limit_store == url
            asked(url, {(7, "a"): 1})
        assert asked(url, {(7, "a"): 0}) == {(7, "a"): Totals(2, 0)}, "two of the three are the same database"
        with pytest.raises(RateStoreAwayError, match="certificate"):
            asked(f"rediss://:{PASSWORD}@localhost:{tls}/0", {})


def test_asking_whether_it_answers_leaves_nothing(redis: RedisServer) -> None:
    assert asked(redis.url, {}) == {}
    deadline = time.monotonic() + 10
    while b":0\r\n" not in redis.command("DBSIZE"):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_store_that_is_none_says_why_and_never_the_password(redis: RedisServer) -> None:
    with pytest.raises(RateStoreAwayError, match="invalid username-password"):
        asked(redis.url.replace(PASSWORD, "hunter2"), {})
    redis.command("SET", "varco:rate:junk", "x")
    key = next(
        k for k in (asked(redis.url, {(7, "a"): 1}), redis.command("KEYS", "*:7:a"))[1].decode().split() if "7:a" in k
    )
    redis.command("SET", key, "junk")
    with pytest.raises(RateStoreAwayError, match="not an integer"):
        asked(redis.url, {(7, "a"): 1})
    redis.command("SET", key.replace(":7:", ":8:"), "junk")
    with pytest.raises(RateStoreAwayError):
        asked(redis.url, {(9, "a"): 1})
    with pytest.raises(RateStoreAwayError, match="connecting to"):
        asked(f"redis://:hunter2@127.0.0.1:{free_port()}", {})


def test_a_store_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_store, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(RateStoreAwayError, match=r"[Tt]imeout"):
        asked(f"redis://127.0.0.1:{silent.getsockname()[1]}", {})


async def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def test_a_store_that_dies_and_comes_back_is_said_once_each(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rate_store, "RETRY", 0.02)
    limits = [SharedRateLimits(100, WINDOW, 50, 2) for _ in range(2)]

    async def story() -> None:
        sharing = [RateSharing(one, RateStore(redis.url, ISSUER, WINDOW)) for one in limits]
        for sharer in sharing:
            await sharer.start()
        one, other = limits
        assert one.together
        assert sum(one.count("a", BEGIN).allowed for _ in range(60)) == 60
        await _until(lambda: not one.waits.is_set())
        other.count("a", BEGIN)
        await _until(lambda: other.count("a", BEGIN, cost=0).remaining == 39)
        redis.kill()
        one.count("a", BEGIN)
        other.count("a", BEGIN)
        await _until(lambda: not one.together and not other.together)
        await asyncio.sleep(0.1)  # several tries
        assert [one.count("a", BEGIN, cost=0).limit for one in limits] == [50, 50]
        assert 18 <= sum(other.count("a", BEGIN).allowed for _ in range(100)) <= 20
        redis.start()
        await _until(lambda: one.together and other.together)
        assert one.count("a", BEGIN + 2 * WINDOW * 1000).limit == 100
        for sharer in sharing:
            await sharer.stop()

    with caplog.at_level(logging.INFO, "varco.gate"):
        asyncio.run(story())
    said = [record.getMessage() for record in caplog.records]
    assert Counter(word.partition(": ")[0] for word in said) == {
        "each worker allows its share of the rate limit": 2,
        "the rate-limit store is back": 2,
    }
    assert not any(PASSWORD in word for word in said)
    last = (BEGIN // (WINDOW * 1000) + 2, "a")
    assert asked(redis.url, {last: 0}) == {last: Totals(1, 0)}, "what was left to tell was told at the end"


def test_while_an_answer_is_overdue_each_goes_by_its_share(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_store, "OVERDUE", 0.02)
    monkeypatch.setattr(rate_store, "PATIENCE", 30)
    limits = SharedRateLimits(100, WINDOW, 50, 2)

    async def story() -> None:
        sharing = RateSharing(limits, RateStore(redis.url, ISSUER, WINDOW))
        await sharing.start()
        redis.pause()
        assert sum(limits.count("a", BEGIN).allowed for _ in range(20)) == 20
        await _until(lambda: not limits.together)
        assert sum(limits.count("a", BEGIN).allowed for _ in range(100)) == 30
        redis.go_on()
        await _until(lambda: limits.together and not limits.waits.is_set())
        assert limits.count("a", BEGIN, cost=0).remaining == 50
        await sharing.stop()

    asyncio.run(story())


def test_the_doctor_tells_the_limit_in_force_and_a_store_that_is_away(redis: RedisServer) -> None:
    databases = {f"VARCO_{name}_DATABASE": f"postgresql://x/{name}" for name in ("PLATFORM", "CLINIC", "SANDBOX")}
    settings = config.load({"VARCO_ISSUER": ISSUER, "VARCO_WORKERS": "4", **databases})
    rate = "600 requests an application in 60 s"
    assert surroundings.limits(settings) == []
    assert surroundings.limit_words(settings) == f"{rate}: 150 in each of 4 workers"
    apart = dataclasses.replace(settings, rate_limit_shares=2)
    assert surroundings.limit_words(apart) == f"{rate}: 75 in each of 4 workers of 2 servers"
    small = dataclasses.replace(apart, rate_limit=2)
    assert surroundings.limit_words(small).endswith(": 1 in each of 4 workers of 2 servers, 8 in all")
    together = dataclasses.replace(settings, rate_limit_store=redis.url)
    assert surroundings.limits(together) == []
    assert surroundings.limit_words(together) == f"{rate}, counted by all workers together"
    redis.kill()
    (found,) = surroundings.limits(together)
    assert not found.stops
    assert "so each worker allows 150 of 600 requests; start it, or correct VARCO_RATE_LIMIT_STORE" in found.text
    assert PASSWORD not in found.text


class Requests:
    """Requests of one application of a demo, each on a connection of its own, which the system gives to one of the workers."""

    def __init__(self, world: World, name: str) -> None:
        registered = world.client(name)
        self._login = {"client_id": registered["client_id"], "client_secret": registered["client_secrets"][0]}
        self._address = world.address("/oauth2/introspect")
        self._basic = name == "web"

    def one(self, _turn: int = 0) -> httpx.Response:
        auth = (self._login["client_id"], self._login["client_secret"]) if self._basic else None
        form = {"token": "x"} | ({} if self._basic else self._login)
        return httpx.post(self._address, data=form, auth=auth, timeout=20)

    def many(self, times: int) -> Counter[int]:
        with ThreadPoolExecutor(8) as threads:
            return Counter(answer.status_code for answer in threads.map(self.one, range(times)))


LIMIT, WORKERS = 60, 2


def test_workers_share_one_limit_and_have_their_shares_while_the_store_is_away(redis: RedisServer, engine: str) -> None:
    if engine == "sqlite":
        return  # it has one worker
    demo = Demo(
        engine=engine,
        VARCO_WORKERS=f"{WORKERS}",
        VARCO_RATE_LIMIT=f"{LIMIT}",
        VARCO_RATE_WINDOW="86400",
        VARCO_RATE_LIMIT_STORE=redis.url,
    )
    try:
        world = World(demo.start())
        told = Requests(world, "web").many(120)
        assert set(told) == {200, 429}
        assert LIMIT <= told[200] <= LIMIT + 8, "eight ask at once"

        redis.kill()
        other = Requests(world, "web_post")
        told = other.many(120)
        assert set(told) == {200, 429}
        assert told[200] <= LIMIT + 3, "a share, or what was passed before it was noticed"
        assert other.one().headers["ratelimit-limit"] == str(LIMIT // WORKERS)
        assert 1 <= demo.log().count("the rate-limit store is away") <= WORKERS

        redis.start()
        deadline = time.monotonic() + 30
        while "ratelimit-limit" not in (headers := other.one().headers) or headers["ratelimit-limit"] != str(LIMIT):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert "the rate-limit store is back" in demo.log()
        assert redis.url not in demo.log()
    finally:
        demo.stop()
