"""A day in the log of one served Varco, as text: its start, clients that go away, signals, addresses that hold secrets.

All of it is played once, then the server is stopped and its log read: only then is nothing more to come.
"""

import os
import re
import signal
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import pytest

import varco
from tests.support.commands import MASTER_KEY, Databases, Server
from varco.ops.version import build_id

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?P<level>[A-Z]+) (?P<logger>[\w.]+) (?P<rest>.*)")
FORGED = "/nowhere/%0A2026-11-27T22:58:24Z%20ERROR%20varco.start%20forged%0D%E2%80%A8%C2%85%1B[2J%20status=200"
KEY = "Nobody-Reads:This_1x"
LINKS = (
    f"/account/password/reset/key/3-{KEY}/",
    f"/account/password/reset/key/3-{KEY}/and/{KEY}/",
    f"/account/confirm-email/{KEY}/",
    f"/account/invitation/?token=vin.{KEY}{KEY}",
    f"//account//confirm-email//{KEY}",
)
HEAD = b"HTTP/1.1\r\nHost: x\r\n"
FORM = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"
GONE = {
    "nothing": b"",
    "half a line": b"GET /acc",
    "half a head": b"GET /account/login/ " + HEAD,
    "half a form for the portal": b"POST /account/login/ " + FORM + b"login=",
    "half a form for the gate": b"POST /oauth2/token " + FORM + b"grant_type=",
    "a page": b"GET /account/login/ " + HEAD + b"\r\n",
    "a document": b"GET /.well-known/openid-configuration " + HEAD + b"\r\n",
    "a redirect": b"GET /favicon.ico " + HEAD + b"\r\n",
    "several at once": 5 * (b"GET /account/login/ " + HEAD + b"\r\n"),
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(range(190)),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "garbage": b"\x00\x01\x02\r\n\r\n",
}


@dataclass(slots=True)
class Day:
    """What was seen from outside, and the log of it all."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    workers: list[int] = field(default_factory=list)
    status: int = -1
    lines: list[re.Match[str]] = field(default_factory=list)
    raw: bytes = b""

    def of(self, logger: str) -> list[str]:
        return [line["rest"] for line in self.lines if line["logger"] == logger]


def go_away(port: int, sent: bytes, how: str) -> None:
    wire = socket.create_connection(("127.0.0.1", port), timeout=10)
    wire.sendall(sent)
    if how == "reset":
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif how == "half closed":
        wire.shutdown(socket.SHUT_WR)
    elif how == "after the answer":
        wire.settimeout(0.2)
        with suppress(OSError):
            wire.recv(50)
    wire.close()


def hang_up(server: Server, day: Day) -> None:
    """SIGHUP to the supervisor and to its worker, while requests come on kept and on new connections."""
    over = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=server.url) as kept:
            while not over.is_set():
                try:
                    day.answers.append(kept.get("/healthz").status_code)
                    day.answers.append(httpx.get(f"{server.url}/.well-known/openid-configuration").status_code)
                except httpx.TransportError as fault:
                    day.failures.append(repr(fault))

    asking = threading.Thread(target=ask)
    asking.start()
    for process in (server.worker(), server.process.pid, server.process.pid):
        day.workers.append(server.worker())
        os.kill(process, signal.SIGHUP)
        enough = len(day.answers) + 40
        deadline = time.monotonic() + 20
        while len(day.answers) < enough and not day.failures and time.monotonic() < deadline:
            time.sleep(0.01)
    day.workers.append(server.worker())
    over.set()
    asking.join()


@pytest.fixture(scope="module")
def day(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Day:
    directory = tmp_path_factory.mktemp("day")
    played = Day()
    with Databases(engine, directory, migrated=directory) as databases:
        settings = databases.settings | {"data_dir": str(directory), "master_keys": MASTER_KEY, "log_format": "text"}
        mail = {"smtp_url": "smtp://varco:unspoken-password@localhost:2525"}
        with Server("serve", log=directory / "log", **settings, **mail) as server:
            played.port = server.port
            for sent in GONE.values():
                for how in ("closed", "reset", "half closed", "after the answer"):
                    go_away(server.port, sent, how)
            httpx.get(f"{server.url}{FORGED}")
            for link in LINKS:
                httpx.post(f"{server.url}{link}")
            hang_up(server, played)
            played.status = server.stop()
        played.raw = (directory / "log").read_bytes()
    for line in played.raw.decode().splitlines():
        read = LINE.fullmatch(line)
        assert read, line
        played.lines.append(read)
    return played


def test_a_start_is_one_line_that_tells_which_varco_it_is_and_on_what_it_stands(engine: str, day: Day) -> None:
    (start,) = [line for line in day.of("varco.start") if not line.startswith("SIGHUP")]
    address = f"127.0.0.1:{day.port}"
    assert start.startswith(f"varco {varco.__version__} (build {build_id()}) serves all at {address} ")
    told = dict(re.findall(r'(\w+)=("[^"]*"|\S+)', start))
    assert {name: told[name] for name in ("version", "build", "planes", "address", "workers", "issuer")} == {
        "version": varco.__version__,
        "build": build_id(),
        "planes": "all",
        "address": address,
        "workers": "1",
        "issuer": f"http://localhost:{day.port}",
    }
    assert (told["mail"], told["metrics"]) == ("smtp://localhost:2525", "none")
    for alias in ("platform", "clinic", "sandbox"):
        found = told[f"{alias}_database"]
        assert found.startswith('"postgresql ' if engine == "postgres" else '"sqlite /'), found
        assert alias in found
    assert b"unspoken-password" not in day.raw
    assert b"istening at" not in day.raw


def test_clients_that_go_away_leave_no_line(day: Day) -> None:
    """Only what was meant to be there is there: the start, the doctor's words about it, ends of chains, what was refused, signals, the stop."""
    meant = (
        "/account/confirm-email/",
        "//account//",
        "/account/password/reset/key/",
        "/account/invitation/",
        "/nowhere/",
    )
    left = [
        line[0]
        for line in day.lines
        if line["logger"] not in {"varco.start", "varco.doctor", "varco.audit", "_granian.serve"}
        and not any(part in line[0] for part in meant)
    ]
    assert left == []
    assert all(re.match(r"(Started|Stopping) worker-1", line) for line in day.of("_granian.serve"))


def test_no_request_forges_a_line_or_a_field(day: Day) -> None:
    (line,) = [line for line in day.of("varco.access") if "/nowhere/" in line]
    assert line.startswith(
        '"GET /nowhere/\\n2026-11-27T22:58:24Z ERROR varco.start forged\\r\\u2028\\u0085\\u001b[2J status=200 404" '
    )
    assert "forged" not in "".join(day.of("varco.start"))


def test_what_opens_an_account_once_is_in_no_line(day: Day) -> None:
    assert KEY.encode() not in day.raw
    assert len([line for line in day.of("varco.access") if "/account/" in line]) == len([*LINKS]), day.raw
    assert any("Forbidden" in line for line in day.of("django.security.csrf"))


def test_sighup_ends_nothing_and_loses_no_request(day: Day) -> None:
    assert day.failures == []
    assert set(day.answers) == {200}
    assert len(set(day.workers)) == 1
    assert len([line for line in day.of("varco.start") if line.startswith("SIGHUP changes nothing")]) == 2
    assert day.status == 0
