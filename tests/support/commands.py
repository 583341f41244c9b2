"""The `varco` command as a real process, with a data directory and databases of its own."""

import base64
import contextlib
import http.client
import io
import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self
from unittest import mock

import psycopg

from tests.support import database_templates, warm_start
from tests.support.postgres import free_port

ROOT = Path(__file__).parent.parent.parent
TIMEOUT = 120
MASTER_KEY = base64.urlsafe_b64encode(b"a master key of the tests only!!").decode()


def environment(**settings: str) -> dict[str, str]:
    """The environment of this process without its settings, then `settings` as `VARCO_…`; an empty one is left out."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VARCO_")}
    settings = {"drain": "0"} | settings  # no proxy stands before them
    return clean | {f"VARCO_{name.upper()}": value for name, value in settings.items() if value}


def varco(*arguments: str, code: Path | str = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; `code`: where the package stands, if it is not the one under test."""
    return run(arguments, environment(**settings), code=code)


def here(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command in this process, for what needs no Django and ends by itself: its status and what it printed."""
    from varco.ops import cli

    mask = os.umask(0o077)
    os.umask(mask)
    with (
        mock.patch.dict(os.environ, environment(**settings), clear=True),
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        try:
            status = cli.main(arguments)
        finally:
            os.umask(mask)
    return subprocess.CompletedProcess(list(arguments), status, out.getvalue(), err.getvalue())


def run(
    arguments: Sequence[str], environment: Mapping[str, str], *, code: Path | str = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run one command in a whole environment to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = warm_start.start(arguments, environment, out, err, code=code)
        try:
            status = process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode("utf-8"))
    return subprocess.CompletedProcess(list(arguments), status, *told)


def answers(port: int, path: str) -> bool:
    """Whether a server at this port says 200. Asked again and again while it starts, so not by a client that reads certificates first."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Databases:
    """Three databases on the engine of the run, gone at the end of the `with`.

    They are empty, which on SQLite is to say not there; or migrated by copying, on SQLite into the data directory `migrated`.
    """

    def __init__(self, engine: str, directory: Path, *, migrated: Path | None = None) -> None:
        self.settings: dict[str, str] = {}
        self.directory = directory
        self._engine = engine
        self._migrated = migrated
        self._names = {name: f"own_{name}_{secrets.token_hex(4)}" for name in database_templates.NAMES}

    def __enter__(self) -> Self:
        if self._engine == "postgres":
            server = os.environ["VARCO_TEST_POSTGRES"]
            if self._migrated:
                database_templates.copy_postgres(server, self._names)
            else:
                self._administer(*(f"CREATE DATABASE {name}" for name in self._names.values()))
            self.settings = {f"{name}_database": f"{server}/{database}" for name, database in self._names.items()}
        elif self._migrated:
            self._migrated.mkdir(mode=0o700, parents=True, exist_ok=True)
            database_templates.copy_sqlite({name: self._migrated / f"{name}.sqlite3" for name in self._names})
        return self

    def __exit__(self, *_: object) -> None:
        if self._engine == "postgres":
            self._administer(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in self._names.values()))

    def _administer(self, *statements: str) -> None:
        with psycopg.connect(f"{os.environ['VARCO_TEST_POSTGRES']}/varco", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


class Server:
    """`varco serve …` or `varco demo …`, from ready to stopped."""

    COLD = False

    def __init__(self, *arguments: str, log: Path, code: Path | str = ROOT, **settings: str) -> None:
        self.port = int(settings.get("port", 0)) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = [argument.replace("PORT", str(self.port)) for argument in arguments]
        self._settings = {"issuer": f"http://localhost:{self.port}", "port": str(self.port)} | settings
        self._log = log
        self._code = code
        self.process: warm_start.Process

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self.process = warm_start.start(
                self._arguments, environment(**self._settings), log, log, code=self._code, cold=self.COLD
            )
        deadline = time.monotonic() + 90
        while not self.answers("/healthz"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"it did not start:\n{self.log()[-4000:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
            self._wait_for_workers()

    def _wait_for_workers(self) -> None:
        """Until the port is free: workers see by themselves that their supervisor is dead, and the next start may want the port."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with contextlib.suppress(OSError):
                    probe.bind(("127.0.0.1", self.port))
                    return
            time.sleep(0.02)
        raise RuntimeError(f"a worker of {self.url} outlives its supervisor")

    def answers(self, path: str) -> bool:
        return answers(self.port, path)

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def stop(self, timeout: float = 30) -> int:
        """Ask it to stop, as a service manager would, and return its exit status."""
        self.process.terminate()
        return self.process.wait(timeout)

    def worker(self) -> int:
        """Process id of the (only) worker."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        assert len(children) == 1, children
        return int(children[0])


class ColdServer(Server):
    """The same with nothing in it that it has not imported itself, and a quarter of a second slower."""

    COLD = True
