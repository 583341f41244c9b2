"""Measure whole flows through the portal: from an authorization request to tokens, signed in already, and with the password.

The person is signed in and has consented before, so a flow that is signed in shows no page: request, code, tokens. Another asks
for the consent page all the same, as the first time; the last begins in a browser of its own with the sign-in page. CPU is that of the server's processes; beside it stands what other
servers took for the same (`bench/rivals.toml`).
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from bench import server
from bench.__main__ import environment
from tests.support.demo_world import CHALLENGE, VERIFIER
from tests.support.http_person import Person
from tests.support.postgres import free_port

SIGNED_IN, PASSWORD = "whole flow, signed in, consent remembered", "whole flow with the password"
ASKED = "whole flow, signed in, consent asked"
RIVALS = Path(__file__).with_name("rivals.toml")


class Flows:
    """A person and an application of the demo."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.issuer: str = manifest["issuer"]
        self.client = next(item for item in manifest["applications"] if item["key"] == "web")
        self.account = next(item for item in manifest["accounts"] if item["key"] == "doctor_aurora")
        asked = {
            "client_id": self.client["client_id"], "redirect_uri": self.client["redirect_uris"][0], "response_type": "code",
            "scope": " ".join(self.client["scopes"]), "state": "s", "nonce": "n", "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }  # fmt: skip
        self.request = f"{self.issuer}/oauth2/authorize?{urlencode(asked)}"
        self.tokens = httpx.Client()
        self.person = Person(self.issuer, self.account["email"], self.account["password"])
        self.signed_in()

    def signed_in(self) -> None:
        """The first one signs in and consents; later ones see no page."""
        self._redeem(self.person.authorize(self.request))

    def asked(self) -> None:
        """As when an application is used for the first time: the consent page comes, and its form."""
        self._redeem(self.person.authorize(f"{self.request}&prompt=consent"))

    def with_password(self) -> None:
        with Person(self.issuer, self.account["email"], self.account["password"]) as person:
            self._redeem(person.authorize(self.request))

    def _redeem(self, callback: str) -> None:
        (code,) = parse_qs(urlsplit(callback).query)["code"]
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.client["redirect_uris"][0],
            "code_verifier": VERIFIER,
        }  # fmt: skip
        answer = self.tokens.post(
            f"{self.issuer}/oauth2/token", data=form, auth=(self.client["client_id"], self.client["client_secrets"][0])
        )
        answer.raise_for_status()


def measure(subject: server.Server, flow: Callable[[], None], count: int, rounds: int) -> tuple[float, float]:
    """CPU milliseconds of the server for one flow: the least and the median of several rounds."""
    found = []
    for _ in range(rounds):
        before = subject.processor_seconds()
        for _ in range(count):
            flow()
        found.append((subject.processor_seconds() - before) * 1000 / count)
    return min(found), statistics.median(found)


def bench(engine: str, options: argparse.Namespace, directory: Path) -> None:
    """Print the lines of one engine."""
    with server.databases(engine) as cluster:
        port, manifest = free_port(), directory / "manifest.json"
        issuer = f"http://localhost:{port}"
        command = [sys.executable, "-m", "varco.ops", "demo", "--data", str(directory), "--port", str(port)]
        settings = environment(directory, cluster) | {"VARCO_ISSUER": issuer}
        subject = server.Server([*command, "--manifest", str(manifest)], settings, port, directory)
        try:
            subject.wait("/readyz")
            flows = Flows(json.loads(manifest.read_text()))
            measured = (
                (SIGNED_IN, flows.signed_in, options.flows),
                (ASKED, flows.asked, 30),
                (PASSWORD, flows.with_password, 30),
            )
            for name, flow, count in measured[:1] if options.signed_in else measured:
                flow()
                least, median = measure(subject, flow, count, options.rounds)
                print(f"| {name} | {engine} | {least:.1f} | {median:.1f} | {rivals(name)} |", flush=True)
        finally:
            subject.stop()


def rivals(name: str) -> str:
    """What others took, as the file has it."""
    others = tomllib.loads(RIVALS.read_text("utf-8")).get(name, {})
    return ", ".join(f"{who} {figure:g}" for who, figure in others.items() if who != "varco")


def main() -> int:
    os.umask(0o077)
    parser = argparse.ArgumentParser(prog="python -m bench.flows", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], help="only this engine")
    parser.add_argument("--flows", type=int, default=100, help="signed-in flows in a round")
    parser.add_argument("--signed-in", action="store_true", help="only the flow of somebody signed in")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.sched_setaffinity(0, {server.OTHER_CPU})
    print("| flow | engine | CPU ms, least | median | others |\n|---|---|---|---|---|")
    for engine in [options.engine] if options.engine else ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory(prefix="varco-bench-") as directory:
            bench(engine, options, Path(directory))
    return 0


if __name__ == "__main__":
    sys.exit(main())
