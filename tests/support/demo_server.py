"""A real `varco demo` as a subprocess, on the engine of the run, with databases and a data directory of its own."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from tests.support import commands, temporary, warm_start
from tests.support.commands import Databases
from tests.support.postgres import free_port

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 120


class Demo:
    """Serves between `start()` and `stop()`; `manifest` tells who is who, `log()` what the server wrote.

    `clients` is what a `--client-file` says.
    """

    def __init__(
        self,
        *,
        engine: str = "sqlite",
        public_url: str = "",
        port: int = 0,
        clients: dict[str, Any] | None = None,
        **environment: str,
    ) -> None:
        if port and commands.answers(port, "/healthz"):
            raise RuntimeError(f"something else answers at port {port} already")
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.issuer = public_url or f"http://localhost:{self.port}"
        self.public_url = public_url
        self.clients = clients or {}
        self.directory = temporary.directory("varco-journey-")
        self._databases = Databases(engine, self.directory, migrated=self.directory / "data").__enter__()
        self.environment = commands.environment(**self._databases.settings) | environment
        self.process: warm_start.Process | None = None
        self.manifest: dict[str, Any] = {}

    def start(self) -> Self:
        manifest = self.directory / "manifest.json"
        command = [
            "demo",
            "--data",
            str(self.directory / "data"),
            "--port",
            str(self.port),
            "--manifest",
            str(manifest),
        ]
        if self.public_url:
            command += ["--public-url", self.public_url]
        if self.clients:
            file = self.directory / "clients.json"
            file.write_text(json.dumps(self.clients), "utf-8")
            command += ["--client-file", str(file)]
        with (self.directory / "log").open("ab") as log:
            self.process = warm_start.start(command, self.environment, log, log, dies_with_us=True)
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the demo did not start:\n{self.log()[-4000:]}")
            time.sleep(0.1)
        self.manifest = json.loads(manifest.read_text("utf-8"))
        return self

    def _ready(self) -> bool:
        return commands.answers(self.port, "/readyz")

    def log(self) -> str:
        return (self.directory / "log").read_text("utf-8", "replace")

    def halt(self) -> None:
        """Stop it as a service manager would, to be started again."""
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(30) == 0, self.log()[-2000:]

    def twin(self) -> "Demo":
        """Another server of the same installation, at another port, not started yet; the installation is the first one's."""
        other = object.__new__(Demo)
        other.__dict__ |= self.__dict__ | {"public_url": self.issuer, "port": free_port(), "process": None}
        other.url = f"http://127.0.0.1:{other.port}"
        other.environment = dict(self.environment)
        return other

    def varco(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command on its databases and data directory."""
        own = {"VARCO_ISSUER": self.issuer, "VARCO_DATA_DIR": str(self.directory / "data")}
        return commands.run(arguments, self.environment | own)

    def stop(self) -> None:
        """Ask it to stop as a service manager would; one that does not is a fault of its own."""
        try:
            if self.process:
                self.process.terminate()
                try:
                    self.process.wait(20)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait(5)
                    raise
        finally:
            self._databases.__exit__()
            shutil.rmtree(self.directory, ignore_errors=True)
