"""The proxies of docs/deploy before stand-ins: where each address goes, what arrives, and what stands in no log."""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support import source
from tests.support.postgres import free_port
from tests.support.proxies import DOCUMENTED, DOCUMENTED_PROXIES, Place, Proxy
from tests.support.tls import make_certificate
from varco.caller import MANAGEMENT_PATH
from varco.gate.api.resources import OPERATIONS
from varco.protocol.discovery import RESOURCE_METADATA

HEALTH = {"/healthz", "/readyz"}  # of whichever plane
# 3,800 characters, of which browsers encode each: what an authorization request may carry as its state, and gets back.
STATE = "%2B" * 3_800
SECRET = "single-use-secret"
# Longer than a server that was away is left out, and than a proxy takes to ask whether one is ready.
LEFT_OUT = 1.4  # seconds


class _StandIn(BaseHTTPRequestHandler):
    """A gate or a portal that says which of them it is and what came."""

    protocol_version = "HTTP/1.1"
    plane = ""
    leaving: set[str]  # those that say that they are not ready

    def do_GET(self) -> None:
        forwarded = self.headers.get_all("X-Forwarded-For", [])
        content = json.dumps({"plane": self.plane, "forwarded": forwarded, "host": self.headers["Host"]}).encode()
        address = f"127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined] # an HTTP server has one
        self.send_response(503 if self.path == "/readyz" and address in self.leaving else 200)
        self.send_header("Content-Length", str(len(content)))
        if STATE in self.path:
            self.send_header("Location", f"https://app.example/callback?code={SECRET}&state={STATE}")
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, handler: type[_StandIn]) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.connected: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self.connected.append(connection)
        return connection, address

    def handle_error(self, *_: object) -> None:
        """A proxy that asked for health may hang up before it has read everything."""


class StandIns:
    """Two gates and two portals."""

    def __init__(self) -> None:
        self.leaving: set[str] = set()
        self.running: dict[str, tuple[_Server, threading.Thread]] = {}
        self.addresses = {plane: tuple(self._new(plane) for _ in found) for plane, found in DOCUMENTED.items()}

    def _new(self, plane: str) -> str:
        address = f"127.0.0.1:{free_port()}"
        self.start(plane, address)
        return address

    def start(self, plane: str, address: str) -> None:
        """Serve there."""
        self.leaving.discard(address)
        server = _Server(
            int(address.rpartition(":")[2]), type("StandIn", (_StandIn,), {"plane": plane, "leaving": self.leaving})
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.running[address] = (server, thread)

    def stop(self, address: str) -> None:
        """As a dead process: nobody listens, and what was connected is so no more."""
        server, thread = self.running.pop(address)
        server.shutdown()
        thread.join()
        server.server_close()
        for connection in server.connected:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stop_all(self) -> None:
        """Nobody is left."""
        for address in list(self.running):
            self.stop(address)


@pytest.fixture(params=DOCUMENTED_PROXIES)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Proxy, StandIns, httpx.Client]]:
    stand_ins = StandIns()
    certificate, key = make_certificate(tmp_path)
    place = Place(tmp_path, free_port(), certificate, key)
    with (
        DOCUMENTED_PROXIES[request.param](place, stand_ins.addresses) as proxy,
        httpx.Client(base_url=f"https://localhost:{place.port}", verify=_trusting(certificate)) as client,
    ):
        yield proxy, stand_ins, client
    stand_ins.stop_all()


def _trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def addresses_of_the_gate() -> set[str]:
    rows = re.findall(r'Endpoint\("(/[^"]+)"', source.read("varco/gate/routes.py"))
    assert len(rows) > 10
    templates = {
        *rows,
        RESOURCE_METADATA,
        MANAGEMENT_PATH,
        f"{MANAGEMENT_PATH}/v1/applications",
        *(row.path for row in OPERATIONS),
    }
    return {re.sub(r"\{[^}]+\}", "abc", path) for path in templates} - HEALTH


def addresses_of_the_portal() -> set[str]:
    def walk(resolver: URLResolver, before: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            path = before + re.sub(r"<[^>]+>|\(\?P.*?\)(?=[/$])", "abc", str(entry.pattern)).strip("^").rstrip("$")
            if isinstance(entry, URLPattern):
                yield path.replace("\\", "")
            else:
                yield from walk(entry, path)

    found = set(walk(get_resolver(), "/"))
    assert "/oauth2/authorize/abc/" in found
    return found


def test_each_address_goes_to_the_plane_that_answers_it_and_no_log_holds_what_works_once(
    served: tuple[Proxy, StandIns, httpx.Client],
) -> None:
    proxy, stand_ins, client = served
    gone = {path: client.get(path).json()["plane"] for path in addresses_of_the_gate() | addresses_of_the_portal()}
    assert [path for path in addresses_of_the_gate() if gone[path] != "gate"] == []
    assert [path for path in addresses_of_the_portal() if gone[path] != "portal"] == []

    arrived = client.get("/v2/userinfo", headers={"X-Forwarded-For": "198.51.100.7"}).json()
    assert ",".join(arrived["forwarded"]).split(",")[-1].strip() == "127.0.0.1"
    assert arrived["host"] == f"localhost:{proxy.place.port}" or arrived["host"] == "localhost"

    long = client.get(f"/oauth2/authorize?client_id=a&state={STATE}")
    assert long.status_code == 200
    assert STATE in long.headers["Location"]

    links = (
        f"/account/invitation/?token={SECRET}",
        f"/account/password/reset/key/1-{SECRET}/",
        f"/account/confirm-email/{SECRET}/",
        f"/oauth2/token?code={SECRET}",
    )
    headers = {
        "Referer": f"https://localhost/?token={SECRET}",
        "Cookie": f"s={SECRET}",
        "Authorization": f"Bearer {SECRET}",
    }
    assert [client.get(link, headers=headers).status_code for link in links] == [200] * 4
    stand_ins.stop_all()
    assert {client.get(link, headers=headers).status_code for link in links[:2]} <= {502, 503}
    proxy.__exit__()
    logs = proxy.logs()
    assert SECRET not in logs
    assert STATE[:30] not in logs
    assert "/account/password/reset/key/" in logs, "it is logged that somebody came"
    assert logs.count("/account/invitation/") >= 2, "failed or not"


def test_servers_restarted_one_soon_after_the_other_cost_no_request(
    request: pytest.FixtureRequest, served: tuple[Proxy, StandIns, httpx.Client]
) -> None:
    _, stand_ins, client = served
    # Caddy sends no POST to another server once nobody listened (caddyserver/caddy#7546): it has to be told beforehand.
    drained = "caddy" in request.node.name

    def ask() -> None:
        for _ in range(10):
            assert client.post("/oauth2/token", data={"grant_type": "refresh_token"}).json()["plane"] == "gate"
            assert client.get("/account/login/").json()["plane"] == "portal"

    ask()
    for number in (0, 1):
        going = [(plane, found[number]) for plane, found in stand_ins.addresses.items()]
        if drained:
            stand_ins.leaving.update(address for _, address in going)
            time.sleep(LEFT_OUT)
        for plane, address in going:
            stand_ins.stop(address)
            ask()
            stand_ins.start(plane, address)
        time.sleep(LEFT_OUT)
    ask()
