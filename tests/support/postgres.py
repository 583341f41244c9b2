"""A PostgreSQL of the tests' own: its own data directory and port on loopback, stopped and removed at the end."""

import contextlib
import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.support import database_templates, temporary

BINARIES = Path("/usr/lib/postgresql/15/bin")
PR_SET_PDEATHSIG = 1
PORTS = range(12_000, 32_000)
FORGETFUL = (
    "fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
    "checkpoint_timeout=1d", "max_wal_size=2GB", "jit=off", "autovacuum=off",
)  # fmt: skip


def free_port() -> int:
    """A port on loopback that nobody listens at, and that no other process of the tests is told of meanwhile.

    Below those that the system gives to outgoing connections, which may take any of its own before the server is there.
    """
    with (Path(tempfile.gettempdir()) / f"varco-ports-{os.getuid()}").open("a+", encoding="ascii") as last:
        fcntl.flock(last, fcntl.LOCK_EX)
        last.seek(0)
        port = int(last.read() or PORTS.start)
        while True:
            port = PORTS.start + (port + 1 - PORTS.start) % len(PORTS)
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                break
        last.truncate(0)
        last.write(str(port))
    return port


def die_with_parent(how: signal.Signals = signal.SIGINT) -> None:
    """Have Linux send this process a signal when the one that started it dies, however that dies.

    To be called in the new process. SIGINT is PostgreSQL's fast shutdown.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how)


def _copy(folder: Path, target: Path) -> None:
    """Copy a data directory, which stays its owner's."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", folder, target], check=True)


class Cluster:
    """Started by `start()`, gone after `stop()`. PostgreSQL refuses to run as root, so root runs it as `postgres`.

    `durable=False` keeps its data in memory where there is room and skips fsync: answers survive a killed client all the
    same, only not a power cut. A measurement wants the default. `settings` are more of the server's; with a `certificate`
    and its key it speaks TLS, and takes that certificate from clients, too. In a directory to `keep` it goes on with what is there, and leaves it there.
    """

    def __init__(
        self,
        *settings: str,
        durable: bool = True,
        certificate: tuple[Path, Path] | None = None,
        keep: Path | None = None,
    ) -> None:
        if not (BINARIES / "postgres").exists():
            raise RuntimeError("PostgreSQL 15 is not installed; `make setup-test` installs it")
        self.port = free_port()
        self.durable = durable
        self.directory = keep or temporary.directory("varco-postgres-", memory=not durable)
        self._kept = keep is not None
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = list(settings)
        self._certificate = certificate
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            shutil.chown(self.directory, account.pw_uid, account.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(BINARIES / program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/", **self._as_user
        )

    def _ready(self) -> bool:
        probe = [
            str(BINARIES / "pg_isready"),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "varco",
            "-d",
            "postgres",
        ]
        return subprocess.run(probe, check=False).returncode == 0

    def start(self) -> "Cluster":
        """Make the data directory and start the server in it."""
        made, data = database_templates.CACHE.parent / f"postgres-15-{os.getuid()}", self.directory / "data"
        if data.exists():
            self.resume()
            return self
        with database_templates.alone():
            if made.exists():  # a copy costs a tenth of making it anew
                _copy(made, data)
            else:
                self._run(
                    "initdb", "-D", str(data), "-U", "varco", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                    "--no-sync",
                )  # fmt: skip
                _copy(data, made.with_suffix(".making"))
                made.with_suffix(".making").rename(made)
        if self._certificate:
            self._speak_tls(*self._certificate)
        self.resume()
        return self

    def _speak_tls(self, certificate: Path, key: Path) -> None:
        """It wants a key of its own that nobody else may read."""
        for name, source in (("server.crt", certificate), ("server.key", key)):
            file = self.directory / name
            shutil.copyfile(source, file)
            file.chmod(0o600)
            if self._as_user:
                shutil.chown(file, self._as_user["user"], self._as_user["group"])
        files = {"ssl_cert_file": "server.crt", "ssl_key_file": "server.key", "ssl_ca_file": "server.crt"}
        self._settings += ["ssl=on", *(f"{name}={self.directory / file}" for name, file in files.items())]

    def resume(self) -> None:
        """Start the server on the data directory as it is, and wait until it answers."""
        settings = ["max_connections=200", *self._settings, *([] if self.durable else FORGETFUL)]
        options = [part for setting in settings for part in ("-c", setting)]
        command = [str(BINARIES / "postgres"), "-D", str(self.directory / "data"), "-p", str(self.port)]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "-k", str(self.directory), "-h", "127.0.0.1", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the tests; they stop the server when they end
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one ctypes call, from the main thread
                **self._as_user,
            )
        deadline = time.monotonic() + 30
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.directory / 'log').read_text()}")
            time.sleep(0.05)

    def halt(self) -> None:
        """Stop at once, as a crash would; `resume` starts it again with the same data."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def create(self, name: str) -> str:
        """Create a database and return its URL."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "varco", name)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run("dropdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "varco", "--force", "--if-exists", name)

    def url(self, name: str) -> str:
        return f"postgresql://varco@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        """Stop the server and remove its data, unless they are kept."""
        self._end(signal.SIGINT)
        if not self._kept:
            shutil.rmtree(self.directory, ignore_errors=True)
