"""A whole Varco behind Debian's PgBouncer: made, served, used by many at once, and a PostgreSQL that restarts meanwhile."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.commands import MASTER_KEY, varco
from tests.support.demo_server import Demo
from tests.support.demo_world import VERIFIER, World
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import Cluster

CLIENTS = 6
ALIASES = ("platform", "clinic", "sandbox")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    running = Cluster(durable=False).start()
    yield running
    running.stop()


class Client(threading.Thread):
    """One application that turns its refresh token over, reads with what it gets, and opens a page; `told` counts the answers."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        registered = world.client("web")
        self._login = (registered["client_id"], registered["client_secrets"][0])
        self._world = world
        self._grant, self._cookies = sign_in(world)
        self.ending = threading.Event()
        self.told: Counter[tuple[str, int]] = Counter()
        self.without_retry: list[str] = []

    def _count(self, answer: httpx.Response) -> httpx.Response:
        self.told[answer.request.url.path, answer.status_code] += 1
        if answer.status_code >= 500 and "retry-after" not in answer.headers:
            self.without_retry.append(f"{answer.request.url.path}: {answer.status_code}")
        return answer

    def turn(self, http: httpx.Client) -> None:
        address = self._world.address
        form = {"grant_type": "refresh_token", "refresh_token": self._grant["refresh_token"]}
        answer = self._count(http.post(address("/oauth2/token"), data=form, auth=self._login))
        if answer.status_code == 200:
            self._grant = answer.json()
        bearer = {"Authorization": f"Bearer {self._grant['access_token']}"}
        self._count(http.get(address("/v2/userinfo"), headers=bearer))
        patients = address(f"/v2/tenants/{self._world.tenant('aurora')}/patients")
        self._count(http.get(patients, headers=bearer, params={"limit": "3"}))
        form = {"token": self._grant["access_token"]}
        self._count(http.post(address("/oauth2/introspect"), data=form, auth=self._login))
        self._count(http.get(address("/"), headers=self._cookies))
        self._count(http.get(address("/account/applications/"), headers=self._cookies))

    def run(self) -> None:
        with httpx.Client(timeout=30) as http:
            while not self.ending.is_set():
                self.turn(http)


def sign_in(world: World) -> tuple[dict[str, str], dict[str, str]]:
    """A grant, and the header of somebody who is signed in."""
    registered = world.client("web")
    with world.person("doctor_aurora") as dario:
        callback = dario.authorize(world.request("web", prompt="consent"))
        cookies = "; ".join(f"{name}={value}" for name, value in dario.http.cookies.items())
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(callback).query)["code"][0],
        "redirect_uri": registered["redirect_uris"][0],
        "code_verifier": VERIFIER,
    }
    login = (registered["client_id"], registered["client_secrets"][0])
    told: dict[str, str] = httpx.post(world.address("/oauth2/token"), data=form, auth=login).json()
    return told, {"Cookie": cookies}


def demo_on(addresses: dict[str, str]) -> Demo:
    """A demo on these databases, which are made and migrated through the addresses, too."""
    demo = Demo(engine="sqlite", VARCO_RATE_LIMIT="1000000")
    demo.environment |= {f"VARCO_{alias.upper()}_DATABASE": url for alias, url in addresses.items()}
    return demo


def used(clients: list[Client], turns: int) -> Counter[tuple[str, int]]:
    """Have all clients at it until they have had so many answers together."""
    for client in clients:
        client.start()
    deadline = time.monotonic() + 60
    while sum(client.told.total() for client in clients) < turns:
        assert time.monotonic() < deadline, "the clients do not get on"
        time.sleep(0.02)
    for client in clients:
        client.ending.set()
    for client in clients:
        client.join(40)
    return sum((client.told for client in clients), Counter[tuple[str, int]]())


def migrated(settings: dict[str, str]) -> None:
    """Migrate from two sides at one moment: the lock that keeps them apart stands in one transaction, whoever carries it."""
    with ThreadPoolExecutor() as threads:
        runs = [
            threads.submit(varco, "migrate", issuer="http://localhost", master_keys=MASTER_KEY, **settings)
            for _ in range(2)
        ]
    assert [run.result().returncode for run in runs] == [0, 0], [run.result().stderr for run in runs]


def test_a_served_varco_behind_a_pooler(cluster: Cluster) -> None:
    for alias in ALIASES:
        cluster.create(alias)
    lines = ("default_pool_size = 5", "server_login_retry = 1", "query_wait_timeout = 1")
    with (
        PgBouncer(cluster.port, "transaction", *lines) as by_transaction,
        PgBouncer(cluster.port, "session", "default_pool_size = 40") as by_session,
    ):
        migrated({f"{alias}_database": by_transaction.url(alias) for alias in ALIASES})
        demo = demo_on({alias: by_transaction.url(alias) for alias in ALIASES})
        try:
            world = World(demo.start())
            told = used([Client(world) for _ in range(CLIENTS)], 150)
            assert {status for _, status in told} == {200}, told
            restarted(cluster, world)
            assert demo.process is not None
            demo.process.terminate()
            demo.process.wait(20)
            demo.environment |= {f"VARCO_{alias.upper()}_DATABASE": by_session.url(alias) for alias in ALIASES}
            world = World(demo.start())
            told = used([Client(world) for _ in range(CLIENTS)], 100)
            assert {status for _, status in told} == {200}, told
        finally:
            demo.stop()


def restarted(cluster: Cluster, world: World) -> None:
    """While PostgreSQL is away for a moment, whoever fails is told to try again; afterwards nobody fails."""
    clients = [Client(world) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(0.3)
    cluster.halt()
    deadline = time.monotonic() + 40
    while not any(status == 503 for client in clients for _, status in list(client.told)):
        assert time.monotonic() < deadline, "PostgreSQL is not missed"
        time.sleep(0.05)
    cluster.resume()
    while httpx.get(world.address("/readyz"), timeout=30).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for client in clients:
        client.ending.set()
    for client in clients:
        client.join(40)
    told = sum((client.told for client in clients), Counter[tuple[str, int]]())
    assert [client.without_retry for client in clients if client.without_retry] == []
    statuses = {status for _, status in told}
    assert statuses <= {200, 503}, told
    after = used([Client(world) for _ in range(2)], 24)
    assert {status for _, status in after} == {200}, after
