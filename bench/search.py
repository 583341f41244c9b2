"""Measure userinfo alone, and beside four clients that search at will in a clinic of very many patients.

They ask for one letter and for several, for two words, for a fiscal code, for pages near and far, each again as soon as it was
answered. The 99th percentile of userinfo may become three times what it was.
"""

import argparse
import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvloop

from bench import load, server
from bench.__main__ import Clients, environment, sample

SEARCHING = 4
TIMES = 3.0
QUERIES = (
    "name=m", "name=ros", "fiscalCode=FC777", "name=r", "offset=9950", "name=mario+rossi", "name=a+m", "", "name=ma", "name=g&offset=5000",
)  # fmt: skip
"""What the clients ask for, each beginning elsewhere."""


def made(module: str, settings: dict[str, str], *arguments: str) -> bytes:
    """What a module of the bench prints that makes rows in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=os.environ | settings, check=True, stdout=subprocess.PIPE).stdout


def searches(tenant: str, token: bytes) -> list[tuple[load.Ask, load.Told]]:
    def client(number: int) -> Iterator[bytes]:
        for query in itertools.islice(itertools.cycle(QUERIES), number * 3, None):
            yield b"GET /v2/tenants/%b/patients?%b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n\r\n" % (
                tenant.encode(), query.encode(), token,
            )  # fmt: skip

    return [(client(number).__next__, lambda _body: None) for number in range(SEARCHING)]


async def beside(
    port: int, userinfo: list[tuple[load.Ask, load.Told]], searching: list[tuple[load.Ask, load.Told]], seconds: float
) -> tuple[load.Result, load.Result]:
    """What both saw, at the same time."""
    first, second = await asyncio.gather(load.run(port, userinfo, seconds), load.run(port, searching, seconds))
    return first, second


def bench(engine: str, options: argparse.Namespace, directory: Path) -> bool:
    """Print the lines of one engine; whether the figure is met."""
    with server.databases(engine) as cluster:
        settings = environment(directory, cluster)
        clients = Clients(json.loads(made("bench.world", settings, "500")), options.connections)
        subject = server.varco(settings, directory)
        try:
            subject.wait("/readyz")
            uvloop.run(load.run(subject.port, clients.of("rotation"), 0, requests=500))
            ask, _ = clients.of("userinfo")[0]
            request = ask()
            told = json.loads(asyncio.run(sample(subject.port, request))["body"])
            tenant = told["tenants"][0]["id"]
            made("bench.patients", settings, tenant, str(options.patients))
            token = request.partition(b"Bearer ")[2].strip()
            return rounds(engine, options, subject, clients, searches(tenant, token))
        finally:
            subject.stop()


def rounds(
    engine: str, options: argparse.Namespace, subject: server.Server, clients: Clients, searching: list[Any]
) -> bool:
    alone, together, found = [], [], load.Result()
    for _ in range(options.rounds):
        alone.append(uvloop.run(load.run(subject.port, clients.of("userinfo"), options.seconds)))
        result, others = uvloop.run(beside(subject.port, clients.of("userinfo"), searching, options.seconds))
        together.append(result)
        found.latencies += others.latencies
        found.failed += others.failed
        found.seconds += others.seconds
    if faults := [fault for result in (*alone, *together) for fault in result.failed]:
        raise RuntimeError(f"userinfo failed {len(faults)} times, first with:\n{faults[0].decode()}")
    for what, results in (("alone", alone), ("beside searches", together)):
        rate = statistics.median(result.requests / result.seconds for result in results)
        p50, p99 = (statistics.median(result.percentile(share) for result in results) for share in (0.5, 0.99))
        print(f"| userinfo {what} | {engine} | {rate:,.0f} | {p50:.1f} | {p99:.1f} |")
    late = sum(fault.startswith(b"HTTP/1.1 503") for fault in found.failed)
    print(
        f"| {SEARCHING} clients that search | {engine} | {found.requests / found.seconds:,.0f} | {found.percentile(0.5):.1f} "
        f"| {found.percentile(0.99):.1f} | ({late} of {found.requests} given up, {len(found.failed) - late} failed)"
    )
    times = [second.percentile(0.99) / first.percentile(0.99) for first, second in zip(alone, together, strict=True)]
    print(
        f"\np99 of userinfo beside searches, {engine}: {statistics.median(times):.2f} times that alone (≤ {TIMES:g})\n"
    )
    return statistics.median(times) <= TIMES and len(found.failed) == late


def main() -> int:
    os.umask(0o077)
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], help="only this engine")
    parser.add_argument("--seconds", type=float, default=5, help="length of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--patients", type=int, default=200_000)
    options = parser.parse_args()
    os.sched_setaffinity(0, {server.OTHER_CPU})
    print("| scenario | engine | requests/s | p50 ms | p99 ms |\n|---|---|---|---|---|")
    met = True
    for engine in [options.engine] if options.engine else ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory(prefix="varco-bench-") as directory:
            met &= bench(engine, options, Path(directory))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
