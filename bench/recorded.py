"""What the record of an access costs: a patient read with it, and the same read without, by turns. `python -m bench.recorded`."""

import argparse
import asyncio
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvloop

from bench import load, server
from bench.__main__ import Clients, environment, measure, sample
from tests.support.postgres import free_port

TARGETS = {"sqlite": 2.0, "postgres": 2.5}
"""Most of CPU with the record over CPU without."""


def _started(module: str, settings: dict[str, str], directory: Path) -> server.Server:
    port = free_port()
    command = [sys.executable, "-m", module, "serve", "all"]
    found = server.Server(command, settings | {"VARCO_PORT": str(port)}, port, directory)
    found.wait("/readyz")
    return found


def _tenant(token: bytes) -> str:
    tenant: str = json.loads(base64.urlsafe_b64decode(token.split(b".")[1] + b"=="))["tenant"]
    return tenant


def _patients(subject: server.Server, clients: Clients, settings: dict[str, str]) -> dict[str, list[int]]:
    """Some patients of every clinic that the tokens are for."""
    tokens = {_tenant(token): token for mine in clients.access for token in mine}
    found = {}
    for tenant, token in tokens.items():
        subprocess.run([sys.executable, "-m", "bench.patients", tenant, "20"], env=os.environ | settings, check=True)
        head = f"GET /v2/tenants/{tenant}/patients HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token.decode()}\r\n\r\n"
        page = json.loads(asyncio.run(sample(subject.port, head.encode()))["body"])
        found[tenant] = [patient["id"] for patient in page["items"]]
    return found


def reading(clients: Clients, patients: Mapping[str, Sequence[int]]) -> list[tuple[load.Ask, load.Told]]:
    """One patient after the other, by each connection."""

    def of(number: int) -> tuple[load.Ask, load.Told]:
        mine, asked = clients.access[number], [number]
        requests = [
            f"GET /v2/tenants/{_tenant(token)}/patients/{patient} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {token.decode()}\r\n\r\n".encode()
            for token in mine
            for patient in patients[_tenant(token)]
        ]

        def ask() -> bytes:
            asked[0] += 1
            return requests[asked[0] % len(requests)]

        return ask, lambda _body: None

    return [of(number) for number in range(len(clients.access))]


def ratio(engine: str, options: argparse.Namespace, directory: Path) -> float:
    """CPU with the record over CPU without, each the median of rounds taken by turns."""
    with server.databases(engine) as cluster:
        settings = environment(directory, cluster)
        made = subprocess.run(
            [sys.executable, "-m", "bench.world", str(options.grants)], env=os.environ | settings, check=True, stdout=subprocess.PIPE
        )  # fmt: skip
        clients = Clients(json.loads(made.stdout), options.connections)
        subjects = [_started(module, settings, directory) for module in ("varco.ops", "bench.unrecorded")]
        try:
            for subject in subjects:
                uvloop.run(load.run(subject.port, clients.of("rotation"), 0, requests=options.grants))
                uvloop.run(load.run(subject.port, clients.of("userinfo"), 0, requests=options.grants))
            with_record, without = _by_turns(
                subjects, reading(clients, _patients(subjects[0], clients, settings)), options
            )
        finally:
            for subject in subjects:
                subject.stop()
    found = with_record / without
    print(f"| {engine} | {with_record:.3f} | {without:.3f} | {found:.2f} | ≤ {TARGETS[engine]:g} |", flush=True)
    return found


def _by_turns(
    subjects: Sequence[server.Server], clients: list[tuple[load.Ask, load.Told]], options: argparse.Namespace
) -> list[float]:
    seen: list[list[float]] = [[] for _ in subjects]
    for _ in range(options.rounds):
        for subject, figures in zip(subjects, seen, strict=True):
            figures.append(measure(subject, clients, options.seconds)[0])
    return [statistics.median(figures) for figures in seen]


def main() -> int:
    """Print the table; 1 where a target is missed."""
    os.umask(0o077)
    parser = argparse.ArgumentParser(prog="python -m bench.recorded", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], help="only this engine")
    parser.add_argument("--seconds", type=float, default=5, help="length of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--grants", type=int, default=200)
    options = parser.parse_args()
    os.sched_setaffinity(0, {server.OTHER_CPU})
    print("| engine | with its record, CPU-s per 1,000 | without | ratio | target |\n|---|---|---|---|---|")
    met = True
    for engine in [options.engine] if options.engine else ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory(prefix="varco-bench-") as directory:
            met &= ratio(engine, options, Path(directory)) <= TARGETS[engine]
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
