"""Servers stopped and started again behind a proxy that looks at `/readyz`: nobody meets a closed door."""

import http.client
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.commands import MASTER_KEY, Databases, Server

DRAIN = 2
LOOK_EVERY = 0.1


class Proxy:
    """Sends each request to a server whose `/readyz` said 200 a moment ago, over connections that it keeps; tries nothing twice."""

    def __init__(self, *servers: str) -> None:
        self.ready = dict.fromkeys(servers, True)
        self.over = threading.Event()
        self.answered: list[int] = []
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=self._look)] + [
            threading.Thread(target=self._ask, args=(n,)) for n in range(2)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join()

    def _look(self) -> None:
        while not self.over.wait(LOOK_EVERY):
            for server in self.ready:
                try:
                    self.ready[server] = httpx.get(f"{server}/readyz", timeout=2).status_code == 200
                except httpx.TransportError:
                    self.ready[server] = False

    def _ask(self, number: int) -> None:
        kept: dict[str, http.client.HTTPConnection] = {}
        turn = number
        while not self.over.wait(0.01):
            turn += 1
            for gone in [server for server in kept if not self.ready[server]]:
                kept.pop(gone).close()
            ready = [server for server, well in self.ready.items() if well]
            if not ready:
                self.failed.append("no server is ready")
                continue
            server = ready[turn % len(ready)]
            connection = kept.setdefault(server, http.client.HTTPConnection(urlsplit(server).netloc, timeout=10))
            try:
                # A form, which a proxy may not send twice.
                connection.request(
                    "POST", "/oauth2/introspect", "token=x", {"content-type": "application/x-www-form-urlencoded"}
                )
                answer = connection.getresponse()
                answer.read()
                self.answered.append(answer.status)
                if answer.getheader("connection") == "close":
                    connection.close()
            except (OSError, http.client.HTTPException) as fault:
                self.failed.append(f"{type(fault).__name__} at {server}")
                kept.pop(server).close()
        for connection in kept.values():
            connection.close()


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, str]]:
    with Databases("sqlite", tmp_path, migrated=tmp_path) as databases:
        yield databases.settings | {"data_dir": str(tmp_path), "master_keys": MASTER_KEY}


def test_restarts_close_to_each_other_lose_no_request(settings: dict[str, str], tmp_path: Path) -> None:
    first, second = (Server("serve", log=tmp_path / f"{n}.log", **settings | {"drain": str(DRAIN)}) for n in "12")
    with first, second, Proxy(first.url, second.url) as proxy:
        for server in (first, second):
            time.sleep(0.5)
            assert server.stop() == 0
            server.__enter__()
            while not proxy.ready[server.url]:
                time.sleep(0.05)
    assert proxy.failed == []
    assert len(proxy.answered) > 100
    assert set(proxy.answered) == {401}


def test_it_says_so_first_and_goes_on_answering(settings: dict[str, str], tmp_path: Path) -> None:
    with Server("serve", log=tmp_path / "log", **settings | {"drain": "30"}) as server, httpx.Client() as kept:
        assert kept.get(f"{server.url}/readyz").status_code == 200
        server.process.terminate()
        deadline = time.monotonic() + 10
        while (answer := httpx.get(f"{server.url}/readyz")).status_code == 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert (answer.status_code, answer.json()) == (503, {"status": "stopping"})
        metadata = kept.get(f"{server.url}/.well-known/openid-configuration")
        assert (metadata.status_code, metadata.headers["connection"]) == (200, "close")
        server.process.send_signal(signal.SIGTERM)  # twice is now
        assert server.process.wait(15) == 0


def test_where_its_directory_was_tidied_away_it_stops_all_the_same(
    settings: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with Server("serve", "gate", log=tmp_path / "log", **settings | {"drain": "1"}) as server:
        (shared,) = (tmp_path / "tmp").glob("varco-*")
        shutil.rmtree(shared)
        assert server.stop() == 0


def test_the_portal_alone_says_so_too_and_ctrl_c_waits_for_nothing(settings: dict[str, str], tmp_path: Path) -> None:
    with Server("serve", "portal", log=tmp_path / "log", **settings | {"drain": "30"}) as server:
        server.process.terminate()
        deadline = time.monotonic() + 10
        while (answer := httpx.get(f"{server.url}/readyz")).status_code == 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert answer.text == "stopping"
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(15) == 0
