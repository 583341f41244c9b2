"""`varco serve` as a real server: together and apart, behind a proxy, stopped in the middle of things, and what it logs."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.commands import MASTER_KEY, ROOT, ColdServer, Databases, Server, environment, varco


@pytest.fixture(scope="module")
def installation(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings of migrated databases."""
    directory = tmp_path_factory.mktemp("installation")
    with Databases(engine, directory, migrated=directory) as databases:
        yield databases.settings | {"data_dir": str(directory), "master_keys": MASTER_KEY}


@pytest.fixture(scope="module")
def served(installation: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For all that needs no settings, no log and no end of its own."""
    with Server("serve", log=tmp_path_factory.mktemp("served") / "log", **installation) as server:
        yield server
        assert server.stop() == 0


def lines(server: Server) -> list[dict[str, object]]:
    """The log, every line of which must be JSON."""
    return [json.loads(line) for line in server.log().splitlines()]


def logged(server: Server, path: str) -> dict[str, object]:
    """The access-log line of a path."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = [line for line in lines(server) if line.get("path") == path]
        if found:
            return found[-1]
        time.sleep(0.05)
    raise AssertionError(f"no line about {path}:\n{server.log()}")


def test_one_process_serves_the_gate_and_the_portal_on_one_port(served: Server) -> None:
    metadata = httpx.get(f"{served.url}/.well-known/openid-configuration")
    assert metadata.json()["issuer"] == f"http://localhost:{served.port}"
    assert {key["alg"] for key in httpx.get(metadata.json()["jwks_uri"]).json()["keys"]} >= {"ES256", "RS256"}
    page = httpx.get(f"{served.url}/account/login/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert served.answers("/readyz")


def test_the_gate_alone_has_no_pages_and_no_django(installation: dict[str, str], tmp_path: Path) -> None:
    with ColdServer("serve", "gate", log=tmp_path / "log", **installation) as server:
        assert httpx.get(f"{server.url}/account/login/").status_code == 404
        assert httpx.get(f"{server.url}/.well-known/openid-configuration").status_code == 200
        assert server.answers("/readyz")
        mapped = Path(f"/proc/{server.worker()}/maps").read_text("utf-8")
        assert "/_granian" in mapped
        assert "/psycopg" not in mapped  # Django's driver: had Django been set up on PostgreSQL, it would be there
        assert server.stop() == 0


def test_the_portal_alone_has_its_own_health_and_no_token_endpoint(
    installation: dict[str, str], tmp_path: Path
) -> None:
    with Server("serve", "portal", log=tmp_path / "log", **installation) as server:
        assert httpx.get(f"{server.url}/readyz").text == "ready"
        assert httpx.get(f"{server.url}/account/login/").status_code == 200
        assert httpx.post(f"{server.url}/oauth2/token", data={"grant_type": "refresh_token"}).status_code == 404
        assert server.stop() == 0


def test_several_workers_share_a_port(engine: str, installation: dict[str, str], tmp_path: Path) -> None:
    if engine == "sqlite":
        refused = varco("serve", issuer="http://localhost:8000", workers="2", **installation)
        assert refused.returncode == 2
        return
    with Server("serve", log=tmp_path / "log", workers="2", **installation) as server:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text("ascii").split()
        assert len(children) == 2
        assert all(server.answers("/account/login/") for _ in range(10))
        assert server.stop() == 0


def test_a_port_that_is_taken_is_refused(installation: dict[str, str], served: Server) -> None:
    second = varco("serve", issuer="http://localhost:8000", port=str(served.port), **installation)
    assert second.returncode == 1
    assert second.stderr == f"varco: cannot listen on 127.0.0.1:{served.port}: Address already in use\n"
    assert served.answers("/healthz")


@pytest.mark.one_engine
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_is_being_answered_when_the_server_is_told_to_stop_is_finished(
    installation: dict[str, str], tmp_path: Path, how: signal.Signals
) -> None:
    """A sign-in takes an argon2 hash, here of some 100 ms: long enough to be in the middle of it."""
    slow = installation | {"password_hash_passes": "8"}
    with Server("serve", log=tmp_path / "log", **slow) as server, httpx.Client(base_url=server.url) as browser:
        page = browser.get("/account/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "login": "nobody@aurora.example", "password": "not the right one"}
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(browser.post, "/account/login/", data=form)
            time.sleep(0.05)
            server.process.send_signal(how)
            assert answer.result(20).status_code == 200
        assert server.process.wait(20) == 0
    assert not [line for line in lines(server) if line["level"] == "ERROR"], server.log()


@pytest.mark.one_engine
def test_connections_that_say_nothing_more_do_not_hold_up_the_stop(
    installation: dict[str, str], tmp_path: Path
) -> None:
    form = b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ngrant"
    with Server("serve", log=tmp_path / "log", **installation) as server, ExitStack() as idle:
        for sent in (b"", b"GET / HTT", form):
            idle.enter_context(socket.create_connection(("127.0.0.1", server.port))).sendall(sent)
        kept = idle.enter_context(httpx.Client(base_url=server.url))
        kept.get("/healthz")
        started = time.monotonic()
        assert server.stop(30) == 0
        assert time.monotonic() - started < 15


LOADED = """
import os, threading
from varco.ops import server
server.load("all")
opened = [os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if int(name) > 2]
print([name for name in opened if "/proc/" not in name], threading.active_count())
"""


def test_what_is_loaded_before_workers_are_forked_opens_nothing(installation: dict[str, str]) -> None:
    settings = environment(issuer="http://localhost:8000", **installation)
    command = [sys.executable, "-c", LOADED]
    run = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=True)
    assert run.stdout == "[] 1\n"


@pytest.mark.one_engine
def test_a_worker_that_dies_is_replaced_and_none_outlives_its_supervisor(
    installation: dict[str, str], tmp_path: Path
) -> None:
    with Server("serve", log=tmp_path / "log", **installation) as server:
        first = server.worker()
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while not (server.answers("/readyz") and server.worker() != first):
            assert time.monotonic() < deadline, server.log()
            time.sleep(0.1)
        worker = server.worker()
        server.process.kill()
        server.process.wait(5)
        deadline = time.monotonic() + 5
        while Path(f"/proc/{worker}").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.one_engine
def test_a_forwarded_address_is_believed_from_a_trusted_proxy_only(
    installation: dict[str, str], tmp_path: Path
) -> None:
    headers = {
        "X-Forwarded-For": "198.51.100.1, 203.0.113.7",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
    }
    # Who is trusted is decided in tests/ops/test_proxies.py; here, that both planes are told the address it decides on.
    for trusted, expected in (("127.0.0.0/8", "203.0.113.7"), ("10.0.0.0/8", "127.0.0.1")):
        log = tmp_path / f"log-{expected}"
        with Server("serve", log=log, trusted_proxies=trusted, access_log="all", **installation) as server:
            httpx.get(f"{server.url}/account/login/", headers=headers)
            httpx.get(f"{server.url}/.well-known/openid-configuration", headers=headers)
            assert logged(server, "/account/login/")["ip"] == expected
            assert logged(server, "/.well-known/openid-configuration")["ip"] == expected


@pytest.mark.one_engine
def test_behind_tls_cookies_are_secure_and_forms_work_without_any_header_believed(
    installation: dict[str, str], tmp_path: Path
) -> None:
    with Server("serve", log=tmp_path / "log", **installation | {"issuer": "https://login.varco.example"}) as server:
        host = {"Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
        page = httpx.get(f"{server.url}/account/login/", headers=host)
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-varco_csrf=")
        assert "Secure" in cookie
        assert "evil.example" not in page.text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "login": "nobody@aurora.example", "password": "not the right one"}
        cookies = {"Cookie": cookie.partition(";")[0]}
        ours = cookies | {
            "Origin": "https://login.varco.example",
            "Referer": "https://login.varco.example/account/login/",
        }
        assert httpx.post(f"{server.url}/account/login/", data=form, headers=ours).status_code == 200
        theirs = cookies | {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
        assert httpx.post(f"{server.url}/account/login/", data=form, headers=theirs).status_code == 403


@pytest.mark.one_engine
def test_the_log_tells_request_and_reason_and_no_secret(installation: dict[str, str], tmp_path: Path) -> None:
    with Server("serve", log=tmp_path / "log", access_log="all", log_level="DEBUG", **installation) as server:
        secret = "vs.3q2-7wEjRWeJq83vmrzN0xZ1sYkT9uLpGhIoVbQnMcA"
        code = "vac.9fJ2kLmN0pQrStUvWxYz1234567890abcdefGHIJKLM"
        token = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c2VyLTEifQ.MEUCIQDxyz-abc_123"
        password = "a-password-nobody-may-read"
        form = {"grant_type": "authorization_code", "code": code, "client_secret": secret}
        refused = httpx.post(f"{server.url}/oauth2/token", data=form, auth=("varco-0000000000000000", secret))
        httpx.get(f"{server.url}/v2/userinfo", headers={"Authorization": f"Bearer {token}"})
        httpx.get(
            f"{server.url}/oauth2/authorize",
            params={"client_id": "varco-1", "code": code, "state": "state-nobody-logs"},
        )
        with httpx.Client(base_url=server.url) as browser:
            page = browser.get("/account/login/")
            found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            assert found
            sent = {"csrfmiddlewaretoken": found[1], "login": "dario@aurora.example", "password": password}
            browser.post("/account/login/", data=sent)
            cookies = list(browser.cookies.values())
        line = logged(server, "/oauth2/token")
        assert (line["status"], line["method"]) == (refused.status_code, "POST")
        assert line["request_id"] == refused.headers["x-request-id"] != ""
        assert isinstance(line["ms"], float)
        logged(server, "/oauth2/authorize")
        logged(server, "/v2/userinfo")
        assert server.stop() == 0
    for hidden in (secret, code, token, password, "state-nobody-logs", found[1], MASTER_KEY, *cookies):
        assert hidden not in server.log()


def test_successful_requests_are_not_logged_unless_asked_for(served: Server) -> None:
    httpx.get(f"{served.url}/.well-known/openid-configuration")
    httpx.get(f"{served.url}/nowhere/")
    assert logged(served, "/nowhere/")["status"] == 404
    assert not [line for line in lines(served) if line.get("path") == "/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("raw", "statuses"),
    [
        (b"GET /account/login/?next=\xff\xfe HTTP/1.1\r\nHost: x\r\n", {200, 400}),
        (b"GET /account/login/?x=%00%ff HTTP/1.1\r\nHost: x\r\n", {200, 400}),
        (b"GET /%ff%00/ HTTP/1.1\r\nHost: x\r\n", {400, 404}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nCookie: varco_session=\xff\x01\r\n", {200, 400}),
        (b"POST /account/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n", {413}),
        (b"POST /account/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n", {400}),
    ],
)
def test_a_malformed_request_to_the_portal_is_no_server_error(served: Server, raw: bytes, statuses: set[int]) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as wire:
        wire.sendall(raw + b"Connection: close\r\n\r\n")
        answer = wire.recv(65536)
    assert int(answer.split()[1]) in statuses, answer[:300]


@pytest.mark.parametrize(
    "path", ["/oauth2/token", "/oauth2/userinfo", "/oauth2/authorize", "/account/login/", "/nowhere"]
)
@pytest.mark.parametrize(
    "body", [b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n", b"Content-Length: 50\r\n\r\nabc"], ids=["chunks", "cut off"]
)
def test_a_body_that_breaks_off_is_no_server_error(served: Server, path: str, body: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as wire:
        wire.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode())
        wire.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n" + body)
        wire.shutdown(socket.SHUT_WR)
        assert b" 400 " in wire.recv(100)


def test_a_chunked_form_arrives_whole(served: Server) -> None:
    with httpx.Client(base_url=served.url) as browser:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/account/login/").text)
        assert token

        def body() -> Iterator[bytes]:
            yield b"csrfmiddlewaretoken=" + token[1].encode()
            yield b"&login=nobody%40aurora.example&password=wrong"

        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = browser.post("/account/login/", content=body(), headers=headers)
    assert answer.status_code == 200  # without its body it would be 403: no CSRF token


def test_a_chunked_body_without_end_is_cut_off(served: Server) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as wire:
        wire.sendall(b"POST /account/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"%x\r\n%s\r\n" % (65536, b"x" * 65536)
        try:
            for _ in range(40):
                wire.sendall(chunk)
        except OSError:
            pass
        assert b" 413 " in wire.recv(200)


def test_slow_senders_hold_no_thread_of_the_portal(served: Server) -> None:
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(30)]
    try:
        for wire in slow:
            wire.sendall(b"POST /account/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nlogin=")
        started = time.monotonic()
        assert httpx.get(f"{served.url}/account/login/").status_code == 200
        assert time.monotonic() - started < 5
    finally:
        for wire in slow:
            wire.close()


def test_a_worker_with_gate_and_portal_stays_under_150_megabytes(served: Server) -> None:
    with httpx.Client(base_url=served.url) as kept, ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: kept.get("/account/login/"), range(100)))
    status = Path(f"/proc/{served.worker()}/status").read_text("ascii")
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]
    assert resident < 150, f"{resident:.0f} MB"


@pytest.mark.parametrize("path", ["/healthz", "/account/login/"])
def test_two_hosts_or_none_are_refused_and_the_software_underneath_is_not_named(served: Server, path: str) -> None:
    """RFC 9112 §3.2: a server answers 400 to a request of HTTP/1.1 with more than one Host, or without."""

    def ask(*hosts: str) -> bytes:
        lines = [f"GET {path} HTTP/1.1", *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]
        with socket.create_connection(("127.0.0.1", served.port), 10) as connection:
            connection.sendall("\r\n".join(lines).encode())
            return b"".join(iter(lambda: connection.recv(65536), b""))

    for hosts, status in ((("localhost", "evil.example"), b"400"), ((), b"400"), (("localhost",), b"200")):
        answer = ask(*hosts)
        assert answer.split(b" ")[1] == status
        assert b"granian" not in answer.lower()
        assert answer.lower().count(b"server: varco") == 1
