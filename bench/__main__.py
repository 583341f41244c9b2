"""Measure refresh rotation, bearer userinfo, introspection, audited reads and device polling on SQLite and PostgreSQL, and the floor under them, in one run.

The server has one CPU for itself; load and PostgreSQL share the other. Each figure is the median of several rounds, and the
floor is measured between them, so that whatever else the machine does is in both.
"""

import argparse
import asyncio
import base64
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop

from bench import load, server
from tests.support.postgres import Cluster

ISSUER = "http://127.0.0.1:8000"
TARGETS = {
    ("rotation", "sqlite"): 6.0,
    ("rotation", "postgres"): 9.0,
    ("userinfo", "sqlite"): 2.5,
    ("userinfo", "postgres"): 4.5,
}
MEMORY_TARGET = 150 * 2**20
PATHS = {
    "rotation": "/oauth2/token",
    "userinfo": "/v2/userinfo",
    "userinfo, many tokens": "/v2/userinfo",
    "introspection": "/oauth2/introspect",
    "audited read": "/v2/patients",  # on the floor alone
    "device polling": "/oauth2/polled",  # on the floor alone, which tells answers apart by path
}
MANY = 100_000
"""Tokens of `userinfo, many tokens`, used in turn: more than are remembered with their claims."""
STATUS = {"device polling": 400}  # authorization_pending


@dataclass
class Figure:
    """One scenario on one engine."""

    scenario: str
    engine: str
    rate: float
    p50: float
    p99: float
    cpu: float
    floor: float

    @property
    def ratio(self) -> float:
        return self.cpu / self.floor


class Clients:
    """The application under load: each connection has grants of its own, and uses them in turn."""

    def __init__(self, world: dict[str, Any], connections: int) -> None:
        credentials = base64.b64encode(f"{world['client_id']}:{world['secret']}".encode()).decode()
        self._post = (
            f" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        ).encode()
        tokens = [token.encode() for token in world["refresh_tokens"]]
        self.refresh = [deque(tokens[number::connections]) for number in range(connections)]
        self.access: list[deque[bytes]] = [deque() for _ in range(connections)]
        self.many: list[deque[bytes]] = [deque() for _ in range(connections)]
        self.collecting = False
        codes = [code.encode() for code in world["device_codes"]]
        self.devices = [deque(codes[number::connections]) for number in range(connections)]

    def _posted(self, path: bytes, body: bytes) -> bytes:
        return b"POST %b%b%d\r\n\r\n%b" % (path, self._post, len(body), body)

    def _rotation(self, number: int) -> tuple[load.Ask, load.Told]:
        mine, access = self.refresh[number], self.access[number]

        def ask() -> bytes:
            return self._posted(b"/oauth2/token", b"grant_type=refresh_token&refresh_token=" + mine.popleft())

        def told(body: bytes) -> None:
            at = body.index(b'"refresh_token":"') + 17
            mine.append(body[at : body.index(b'"', at)])
            at = body.index(b'"access_token":"') + 16
            access.append(body[at : body.index(b'"', at)])
            if self.collecting:
                self.many[number].append(access[-1])
            if len(access) > len(mine):
                access.popleft()

        return ask, told

    def _userinfo(self, number: int) -> tuple[load.Ask, load.Told]:
        return self._userinfo_of(self.access[number])

    def _many(self, number: int) -> tuple[load.Ask, load.Told]:
        return self._userinfo_of(self.many[number])

    @staticmethod
    def _userinfo_of(mine: deque[bytes]) -> tuple[load.Ask, load.Told]:
        def ask() -> bytes:
            mine.rotate(-1)
            return b"GET /v2/userinfo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n\r\n" % mine[0]

        return ask, lambda _body: None

    def _audited(self, number: int) -> tuple[load.Ask, load.Told]:
        """The list of a clinic's patients, which is recorded."""
        mine = self.access[number]

        def ask() -> bytes:
            mine.rotate(-1)
            payload = mine[0].split(b".")[1]
            tenant = json.loads(base64.urlsafe_b64decode(payload + b"=="))["tenant"].encode()
            return b"GET /v2/tenants/%b/patients HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n\r\n" % (
                tenant,
                mine[0],
            )

        return ask, lambda _body: None

    def _introspection(self, number: int) -> tuple[load.Ask, load.Told]:
        mine = self.access[number]

        def ask() -> bytes:
            mine.rotate(-1)
            return self._posted(b"/oauth2/introspect", b"token=" + mine[0])

        return ask, lambda _body: None

    def _polling(self, number: int) -> tuple[load.Ask, load.Told]:
        mine = self.devices[number]

        def ask() -> bytes:
            mine.rotate(-1)
            kind = b"urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
            return self._posted(b"/oauth2/token", b"grant_type=%b&device_code=%b" % (kind, mine[0]))

        return ask, lambda _body: None

    def of(self, scenario: str) -> list[tuple[load.Ask, load.Told]]:
        make = {
            "rotation": self._rotation,
            "userinfo": self._userinfo,
            "userinfo, many tokens": self._many,
            "introspection": self._introspection,
            "audited read": self._audited,
            "device polling": self._polling,
        }[scenario]
        return [make(number) for number in range(len(self.refresh))]

    def of_floor(self, scenario: str) -> list[tuple[load.Ask, load.Told]]:
        """The same requests; the answer is always the same, so it is not looked at."""
        if PATHS[scenario] == PATHS["userinfo"]:
            return self.of("userinfo")
        if scenario == "audited read":
            request = b"GET %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n\r\n" % (
                PATHS[scenario].encode(),
                self.access[0][0],
            )
            return [(lambda: request, lambda _body: None)] * len(self.refresh)
        body = b"grant_type=refresh_token&refresh_token=" + self.refresh[0][0]
        request = self._posted(PATHS[scenario].encode(), body)
        return [(lambda: request, lambda _body: None)] * len(self.refresh)


def measure(
    subject: server.Server, clients: list[tuple[load.Ask, load.Told]], seconds: float, status: int = 200
) -> tuple[float, load.Result]:
    """CPU-seconds of the server per 1,000 requests, and what the clients saw."""
    before = subject.processor_seconds()
    result = uvloop.run(load.run(subject.port, clients, seconds, status=status))
    if result.failed:
        raise RuntimeError(f"{len(result.failed)} requests failed, the first with:\n{result.failed[0].decode()}")
    return (subject.processor_seconds() - before) * 1000 / result.requests, result


async def sample(port: int, request: bytes) -> dict[str, Any]:
    """One whole answer, for the floor to repeat."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
    headers = [(name, value) for name, _, value in (line.lower().partition(": ") for line in head)]
    body = await reader.readexactly(int(dict(headers)["content-length"]))
    writer.close()
    return {"headers": [item for item in headers if item[0] not in {"server", "date"}], "body": body.decode()}


def environment(directory: Path, cluster: Cluster | None) -> dict[str, str]:
    """The settings of the server under measurement."""
    chosen = {
        "VARCO_ISSUER": ISSUER,
        "VARCO_DATA_DIR": str(directory),
        "VARCO_MASTER_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "VARCO_RATE_LIMIT": "1000000000",
    }
    if cluster:
        chosen |= {f"VARCO_{name.upper()}_DATABASE": cluster.create(name) for name in ("platform", "clinic", "sandbox")}
    return chosen


def bench(engine: str, options: argparse.Namespace, directory: Path) -> tuple[list[Figure], int]:
    """The scenarios on one engine, and the resident memory afterwards."""
    with server.databases(engine) as cluster:
        settings = environment(directory, cluster)
        made = subprocess.run(
            [sys.executable, "-m", "bench.world", str(options.grants)],
            env=os.environ | settings, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        clients = Clients(json.loads(made.stdout), options.connections)
        subject = server.varco(settings, directory)
        try:
            return rounds(engine, options, directory, subject, clients)
        finally:
            subject.stop()


def rounds(
    engine: str, options: argparse.Namespace, directory: Path, subject: server.Server, clients: Clients
) -> tuple[list[Figure], int]:
    subject.wait("/readyz")
    subject.visit("/account/login/")
    # Once round all grants: every token verified once, every page of the database read.
    uvloop.run(load.run(subject.port, clients.of("rotation"), 0, requests=options.grants))
    uvloop.run(load.run(subject.port, clients.of("userinfo"), 0, requests=options.grants))
    answers = {}
    for scenario, path in PATHS.items():
        if path in answers:
            continue
        ask, told = clients.of(scenario)[0]
        answers[path] = asyncio.run(sample(subject.port, ask()))
        told(answers[path]["body"].encode())
    (directory / "answers.json").write_text(json.dumps(answers))
    ground = server.floor(directory / "answers.json", directory)
    figures = []
    try:
        ground.wait(PATHS["userinfo"])
        for scenario in options.scenario or PATHS:
            if scenario == "userinfo, many tokens":
                collect(subject, clients)
            seen, floors = [], []
            for _ in range(options.rounds):
                floors.append(measure(ground, clients.of_floor(scenario), options.seconds / 2)[0])
                seen.append(measure(subject, clients.of(scenario), options.seconds, STATUS.get(scenario, 200)))
            cpu, result = sorted(seen, key=lambda pair: pair[0])[len(seen) // 2]
            rate = result.requests / result.seconds
            figures.append(
                Figure(
                    scenario,
                    engine,
                    rate,
                    result.percentile(0.5),
                    result.percentile(0.99),
                    cpu,
                    statistics.median(floors),
                )
            )
    finally:
        ground.stop()
    return figures, subject.memory()


def collect(subject: server.Server, clients: Clients) -> None:
    """Have each connection collect its share of many access tokens, all verified once."""
    clients.collecting = True
    uvloop.run(load.run(subject.port, clients.of("rotation"), 0, requests=MANY))
    clients.collecting = False
    uvloop.run(load.run(subject.port, clients.of("userinfo, many tokens"), 0, requests=MANY))


def show(figures: list[Figure], memory: dict[str, int]) -> bool:
    """Print the table; whether every target is met."""
    print("| scenario | engine | requests/s | p50 ms | p99 ms | CPU-s per 1,000 | floor | ratio | target |")
    print("|---|---|---|---|---|---|---|---|---|")
    met = True
    for figure in figures:
        target = TARGETS.get((figure.scenario, figure.engine))
        met &= target is None or figure.ratio <= target
        print(
            f"| {figure.scenario} | {figure.engine} | {figure.rate:,.0f} | {figure.p50:.1f} | {figure.p99:.1f} "
            f"| {figure.cpu:.3f} | {figure.floor:.3f} | {figure.ratio:.2f} | {f'≤ {target:g}' if target else ''} |"
        )
    for engine, size in memory.items():
        met &= size <= MEMORY_TARGET
        print(f"\nResident memory after it, gate and portal in one process, {engine}: {size / 2**20:.0f} MB (≤ 150)")
    return met


def main() -> int:
    os.umask(0o077)  # a server does not start on databases that others can read
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], help="only this engine")
    parser.add_argument("--scenario", choices=PATHS, action="append", help="only this one; may be given several times")
    parser.add_argument("--seconds", type=float, default=5, help="length of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--grants", type=int, default=2000)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args()
    os.sched_setaffinity(0, {server.OTHER_CPU})
    figures: list[Figure] = []
    memory: dict[str, int] = {}
    for engine in [options.engine] if options.engine else ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory(prefix="varco-bench-") as directory:
            found, memory[engine] = bench(engine, options, Path(directory))
            figures += found
    if options.json:
        print(
            json.dumps({"figures": [asdict(figure) | {"ratio": figure.ratio} for figure in figures], "memory": memory})
        )
        return 0
    return 0 if show(figures, memory) else 1


if __name__ == "__main__":
    sys.exit(main())
