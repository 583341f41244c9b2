"""An installation made as the documents say: the wheel in an environment of its own, an ordinary user, the very commands.

What a test machine has otherwise is replaced: addresses, ports, directories, `sudo`, and systemd, whose units are read and played.
"""

import os
import pwd
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

import httpx

from tests.support import source, temporary
from tests.support.postgres import BINARIES

WAIT = 60  # seconds for all servers to answer


def block(page: str, heading: str, number: int = 0) -> list[str]:
    """The lines of a code block under a heading of a document."""
    part = source.read(page).split(f"\n## {heading}\n", 1)[1].partition("\n## ")[0]
    found: list[str] = re.findall(r"^```\n(.*?)^```", part, re.DOTALL | re.MULTILINE)
    return found[number].splitlines()


class Installation:
    """A directory with everything in it, and whose it is; `run` follows lines of a document, `start` plays a unit."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.directory = temporary.directory("varco-installation-", memory=False)
        self.user: str | None = "nobody" if os.geteuid() == 0 else None
        self.etc, self.program = self.directory / "etc", self.directory / "venv" / "bin" / "varco"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.more = {"VARCO_DRAIN": "0"}  # at the end nobody waits for a server
        self.give(self.directory)

    @property
    def environment(self) -> dict[str, str]:
        """That of an ordinary user's shell, who has this `varco`."""
        path = f"{self.program.parent}:{BINARIES}:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "HOME": str(self.directory), "LANG": "C.UTF-8"} | self.more

    @property
    def _as_user(self) -> dict[str, Any]:
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}

    def give(self, path: Path) -> None:
        """Give a file to the ordinary user."""
        if self.user:
            shutil.chown(path, self.user)

    def install(self) -> None:
        """Build the wheel and install it, as the ordinary user, with the libraries of this environment."""
        checkout = self.directory / "checkout"
        keep = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
        shutil.copytree(source.ROOT / "varco", checkout / "varco", ignore=keep)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(source.ROOT / name, checkout)
        build = "import setuptools.build_meta as backend; backend.build_wheel('..')"
        self._done([sys.executable, "-c", build], cwd=checkout, user=False)
        environment = self.program.parent.parent
        self._done([sys.executable, "-m", "venv", "--without-pip", str(environment)])
        libraries = next(environment.glob("lib/python3*/site-packages"))
        (libraries / "libraries.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n", "utf-8")
        (wheel,) = self.directory.glob("varco-*.whl")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(environment / "bin" / "python"),
            "--no-cache-dir",
            "--disable-pip-version-check",
        ]
        self._done([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)])
        shutil.rmtree(checkout)

    def _done(self, command: list[str], *, cwd: Path | None = None, user: bool = True) -> str:
        done = subprocess.run(
            command, cwd=cwd or self.directory, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False, **(self._as_user if user else {}),
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return str(done.stdout)

    def here(self, line: str) -> str:
        """A line of the documents as it is for this installation."""
        changes = {
            "https://login.example.org": self.issuer,
            "/opt/varco/bin/varco": str(self.program),
            "/etc/varco": str(self.etc),
            "/var/lib/varco": f"{self.directory}/data",
            "sudo -u varco ": "",
            "sudo -u postgres ": "",
            " --user varco": "",
            " -o varco": "",
        }
        for old, new in changes.items():
            line = line.replace(old, new)
        # Nobody has set a password by then: the one fault that the doctor has to find.
        return f"{line} || test $? = 1" if line.endswith(" doctor") else line

    def run(self, lines: list[str]) -> str:
        """Follow these lines, one after the other; what they printed. One that fails is a fault of the documents."""
        return self._done(["sh", "-euc", "\n".join(map(self.here, lines))])

    def start(self, unit: str, instance: str = "") -> None:
        """Start what a unit of systemd that `varco init` wrote starts."""
        text = (self.etc / unit).read_text("utf-8").replace("%i", instance).replace("%%", "%")
        files = [path.removeprefix("-") for path in re.findall(r"^EnvironmentFile=(.*)$", text, re.MULTILINE)]
        settings = [
            line for path in files if Path(path).exists() for line in Path(path).read_text("utf-8").splitlines()
        ]
        found = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)
        assert found
        variables = dict(line.split("=", 1) for line in settings if line.startswith("VARCO_"))
        self.serve(found[1], {name: value.strip('"') for name, value in variables.items()})

    def serve(self, command: str, variables: dict[str, str] | None = None) -> None:
        """Start a server, to be stopped at the end."""
        with (self.directory / "log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    ["sh", "-c", f"exec {self.here(command)}"], cwd=self.directory, env=self.environment | (variables or {}),
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_user,
                )
            )  # fmt: skip

    def wait_for(self, ports: list[int]) -> None:
        """Until all of these say they are ready."""
        deadline = time.monotonic() + WAIT
        for port in ports:
            while not self._ready(port):
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.1)

    @staticmethod
    def _ready(port: int) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def log(self) -> str:
        """What the servers wrote."""
        return (self.directory / "log").read_text("utf-8", "replace")

    def remove(self) -> None:
        """Stop everything, and leave nothing behind."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)
        shutil.rmtree(self.directory)
