"""The proxies of docs/deploy as real processes: the very file, in which only addresses, ports, paths and certificates are others.

Each runs on loopback as the user given, who has nothing but its directory; Debian's own services are not touched.
"""

import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.support import source
from tests.support.postgres import die_with_parent

DOCUMENTED = {"gate": ("127.0.0.1:8001", "127.0.0.1:8002"), "portal": ("127.0.0.1:8011", "127.0.0.1:8012")}
"""Where the files of docs/deploy look for gates and portals."""
NGINX = """
daemon off;
pid {directory}/pid;
error_log {directory}/nginx.log warn;
events {{}}
http {{
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/varco.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a proxy runs: its directory, the port it listens on, certificate and key, and as whom."""

    directory: Path
    port: int
    certificate: Path
    key: Path
    user: str | None = None


def replaced(text: str, changes: dict[str, str]) -> str:
    """The text with each of these parts as another one. A part that is not there is a test that tests nothing."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def with_servers(text: str, servers: dict[str, tuple[str, ...]]) -> str:
    """A file of docs/deploy that looks for gates and portals elsewhere, in two steps since new ports may be old ones."""
    pairs = [pair for plane, documented in DOCUMENTED.items() for pair in zip(documented, servers[plane], strict=True)]
    marks = {old: f"<{number}>" for number, (old, _) in enumerate(pairs)}
    return replaced(replaced(text, marks), {f"<{number}>": new for number, (_, new) in enumerate(pairs)})


class Proxy:
    """Serves from the start of the `with` block to its end; `logs()` is all that it has written."""

    def __init__(self, place: Place, command: list[str], environment: dict[str, str]) -> None:
        self.place = place
        self._command, self._environment = command, environment
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        if not Path(self._command[0]).exists():
            raise RuntimeError(f"{self._command[0]} is not installed; `make setup-test` installs it")
        as_user: dict[str, Any] = {}
        if self.place.user is not None:
            group = pwd.getpwnam(self.place.user).pw_gid
            as_user = {"user": self.place.user, "group": group, "extra_groups": []}
            for path in (self.place.directory, *self.place.directory.rglob("*")):
                shutil.chown(path, self.place.user)
        with (self.place.directory / "output").open("wb") as output:
            self.process = subprocess.Popen(
                self._command,
                cwd="/",
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one ctypes call
                **as_user,
            )
        deadline = time.monotonic() + 20
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.logs()
                self.__exit__()
                raise RuntimeError(f"it did not start:\n{said}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.place.port)) == 0

    def logs(self) -> str:
        names = ("output", "varco.log", "varco-error.log", "nginx.log")
        files = (self.place.directory / name for name in names)
        return "".join(file.read_text("utf-8", "replace") for file in files if file.exists())


def nginx(place: Place, site: str) -> Proxy:
    """nginx with a site as docs/deploy has it, whose servers and port are right already."""
    site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)  # not every machine of the tests speaks IPv6
    site = re.sub(r"(ssl_certificate +)\S+;", rf"\g<1>{place.certificate};", site)
    site = re.sub(r"(ssl_certificate_key +)\S+;", rf"\g<1>{place.key};", site)
    (place.directory / "varco.conf").write_text(replaced(site, {"/var/log/nginx": str(place.directory)}), "utf-8")
    (place.directory / "nginx.conf").write_text(NGINX.format(directory=place.directory), "utf-8")
    command = ["/usr/sbin/nginx", "-e", f"{place.directory}/nginx.log", "-c", f"{place.directory}/nginx.conf"]
    return Proxy(place, command, {})


def documented_nginx(place: Place, servers: dict[str, tuple[str, ...]]) -> Proxy:
    """nginx with the file of docs/deploy."""
    text = with_servers(source.read("docs/deploy/nginx.conf"), servers)
    return nginx(place, replaced(text, {"listen 443": f"listen {place.port}", "login.example.org;": "localhost;"}))


def documented_haproxy(place: Place, servers: dict[str, tuple[str, ...]]) -> Proxy:
    """HAProxy with the file of docs/deploy; it logs to its standard output, as there is no /dev/log here."""
    both = place.directory / "both.pem"
    both.write_bytes(place.certificate.read_bytes() + place.key.read_bytes())
    both.chmod(0o600)
    changes = {
        "log /dev/log local0": "log stdout format raw local0",
        "    user haproxy\n    group haproxy\n": "",
        "bind :443": f"bind 127.0.0.1:{place.port}",
        "/etc/haproxy/certs/login.example.org.pem": str(both),
    }
    file = place.directory / "haproxy.cfg"
    file.write_text(replaced(with_servers(source.read("docs/deploy/haproxy.cfg"), servers), changes), "utf-8")
    return Proxy(place, ["/usr/sbin/haproxy", "-db", "-f", str(file)], {})


def documented_caddy(place: Place, servers: dict[str, tuple[str, ...]]) -> Proxy:
    """Caddy with the file of docs/deploy, and a certificate from a file in place of one by ACME."""
    site = f"https://localhost:{place.port} {{\n\ttls {place.certificate} {place.key}"
    changes = {"login.example.org {": site, "# Failed requests": "admin off\n\tauto_https off\n\t# Failed requests"}
    file = place.directory / "Caddyfile"
    file.write_text(replaced(with_servers(source.read("docs/deploy/Caddyfile"), servers), changes), "utf-8")
    command = ["/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", str(file)]
    return Proxy(place, command, {"HOME": str(place.directory), "PATH": "/usr/bin"})


DOCUMENTED_PROXIES = {"nginx": documented_nginx, "haproxy": documented_haproxy, "caddy": documented_caddy}
