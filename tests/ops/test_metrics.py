"""`/metrics`: what is counted and told, that it survives a worker, and that what is built upon it names nothing else."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.commands import MASTER_KEY, ROOT, Databases, Server, varco
from tests.support.postgres import free_port
from varco.ops.metrics.exposition import HELP

MONITORING = ROOT / "docs/monitoring"
PROMTOOL = ROOT / ".cache/debian/usr/bin/promtool"
Labels = tuple[tuple[str, str], ...]


def numbers(address: str) -> dict[tuple[str, Labels], float]:
    """Every sample by its name and labels."""
    text = httpx.get(f"http://{address}/metrics").text
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


def requests(address: str, endpoint: str, outcome: str) -> float:
    return numbers(address)["varco_requests_total", (("endpoint", endpoint), ("outcome", outcome))]


@pytest.fixture(scope="module")
def address() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def server(engine: str, address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("metrics")
    workers = "2" if engine == "postgres" else "1"
    with Databases(engine, directory, migrated=directory) as databases:
        settings = databases.settings | {"data_dir": str(directory), "master_keys": MASTER_KEY, "workers": workers}
        with Server("serve", log=directory / "log", metrics=address, access_log="off", **settings) as started:
            yield started


def test_requests_are_counted_by_address_and_outcome(server: Server, address: str) -> None:
    asked = [
        ("/.well-known/openid-configuration", "/.well-known/openid-configuration", "success"),
        ("/v2/tenants/t-1/patients/7", "/v2/tenants/{tenantId}/patients/{patientId}", "refused"),
        ("/account/", "/account/*", "redirect"),
        ("/account/login/", "/account/*", "success"),
        ("/oauth2/authorize", "/oauth2/authorize/*", "refused"),
        ("/wp-login.php", "other", "refused"),
        ("/", "/", "success"),
    ]
    for path, endpoint, outcome in asked:
        before = requests(address, endpoint, outcome)
        for _ in range(3):
            httpx.get(f"{server.url}{path}")
        assert requests(address, endpoint, outcome) == before + 3, path
    told = numbers(address)
    counted = told["varco_request_seconds_count", (("endpoint", "/account/*"),)]
    assert counted == told["varco_request_seconds_bucket", (("endpoint", "/account/*"), ("le", "+Inf"))] >= 6
    assert 0 < told["varco_request_seconds_sum", (("endpoint", "/account/*"),)] < 60


@pytest.mark.parametrize("line", ["OPTIONS *", "GET *", "CONNECT evil.example:443"])
def test_what_asks_for_no_path_is_counted_as_something_else(server: Server, address: str, line: str) -> None:
    before = requests(address, "other", "refused")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(f"{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("ascii"))
        status = int(raw.makefile("rb").readline().split()[1])
    assert status in {400, 403, 404}
    assert requests(address, "other", "refused") == before + 1
    assert "Traceback" not in server.log()


def test_what_waits_and_how_the_keys_are_is_told(server: Server, address: str) -> None:
    deadline = time.monotonic() + 30
    while numbers(address)["varco_databases_read", ()] != 1:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    told = numbers(address)
    assert told["varco_signing_key_successors", (("alg", "ES256"),)] == 1
    assert told["varco_signing_key_seconds_left", (("alg", "ES256"),)] > 80 * 86400
    assert told["varco_database_unwritable", (("database", "clinic"),)] == 0
    assert told["varco_workers_resident_bytes", ()] > 30_000_000
    assert (told["varco_mail_waiting", ()], told["varco_reviews_late", ()]) == (0, 0)


def test_what_was_counted_outlives_a_worker(server: Server, address: str) -> None:
    httpx.get(f"{server.url}/oauth2/jwks")
    before, workers = requests(address, "/oauth2/jwks", "success"), numbers(address)["varco_workers", ()]
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text("ascii").split()
    os.kill(int(children[0]), signal.SIGKILL)
    deadline = time.monotonic() + 30
    after = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    while (
        children[0] in (now := after.read_text("ascii").split()) or len(now) < workers or not server.answers("/healthz")
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert requests(address, "/oauth2/jwks", "success") == before
    httpx.get(f"{server.url}/oauth2/jwks")
    assert requests(address, "/oauth2/jwks", "success") == before + 1


def test_promtool_finds_nothing_to_say(server: Server, address: str) -> None:
    text = httpx.get(f"http://{address}/metrics").text
    checked = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_documents_dashboard_and_alerts_speak_of_what_is_there(server: Server, address: str) -> None:
    told = {name for name, _ in numbers(address)}
    families = {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in told}
    page = (MONITORING / "README.md").read_text("utf-8")
    assert set(re.findall(r"`(varco_\w+)`", page)) == families
    for file in ("alerts.yaml", "dashboard.json"):
        named = set(re.findall(r"\bvarco_\w+", (MONITORING / file).read_text("utf-8")))
        assert named <= told, file
        assert len(named) > 10
    assert json.loads((MONITORING / "dashboard.json").read_text("utf-8"))["title"] == "Varco"
    assert set(HELP) < families


def test_the_files_for_prometheus_are_right_and_fire_on_what_they_say() -> None:
    for arguments in (
        ["check", "rules", "alerts.yaml"],
        ["test", "rules", "alerts.test.yaml"],
        ["check", "config", "prometheus.yml"],
    ):
        run = subprocess.run([PROMTOOL, *arguments], cwd=MONITORING, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr


def test_an_address_that_is_none_or_taken_is_refused(server: Server, address: str, tmp_path: Path) -> None:
    plain = {"issuer": "http://localhost:8000", "data_dir": str(tmp_path), "master_keys": MASTER_KEY}
    for junk in ("9464", "localhost", ":9464", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:99999"):
        refused = varco("config", "--check", metrics=junk, **plain)
        assert refused.returncode == 2, junk
        assert "VARCO_METRICS" in refused.stderr


def test_a_server_whose_address_for_it_is_taken_does_not_start(
    engine: str, server: Server, address: str, tmp_path: Path
) -> None:
    with Databases(engine, tmp_path, migrated=tmp_path) as databases:
        settings = databases.settings | {"data_dir": str(tmp_path), "master_keys": MASTER_KEY}
        run = varco("serve", issuer="http://localhost:8000", port=str(free_port()), metrics=address, **settings)
    assert run.returncode == 1
    assert f"VARCO_METRICS: {address} cannot be listened at" in run.stderr
