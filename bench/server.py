"""Servers under measurement: started on their own CPU, their processor time and memory read from the operating system."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.support.postgres import Cluster, free_port

SERVER_CPU, OTHER_CPU = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


class Server:
    """A command serving HTTP on `port`, pinned to the server's CPU."""

    def __init__(self, command: list[str], environment: dict[str, str], port: int, directory: Path) -> None:
        self.port = port
        self.log = directory / f"server-{port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env=os.environ | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CPU}),  # noqa: PLW1509 - one system call
            )

    def wait(self, path: str) -> None:
        """Until `path` answers 200."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def visit(self, path: str) -> None:
        """Ask once, so that whatever serves `path` is loaded."""
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5).close()

    def processor_seconds(self) -> float:
        """User and system time of all its processes (their threads included) so far."""
        ticks = 0
        for pid in children(self.process.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def memory(self) -> int:
        """Resident memory of its largest process, in bytes: the worker."""
        sizes = []
        for pid in children(self.process.pid):
            status = Path(f"/proc/{pid}/status").read_text()
            sizes.append(int(status.split("VmRSS:")[1].split()[0]) * 1024)
        return max(sizes)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def databases(engine: str, keep: Path | None = None) -> Iterator[Cluster | None]:
    """A PostgreSQL for the time of the `with`, where that is the engine; in a directory to `keep` it stays afterwards."""
    cluster = Cluster(keep=keep).start() if engine == "postgres" else None
    try:
        yield cluster
    finally:
        if cluster:
            cluster.stop()


def varco(environment: dict[str, str], directory: Path, what: str = "all") -> Server:
    """`varco serve` on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "varco.ops", "serve", what]
    return Server(command, environment | {"VARCO_PORT": str(port)}, port, directory)


def floor(answers: Path, directory: Path) -> Server:
    """The floor, under granian with the options of `varco serve`."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("granian")), "--interface", "asgi", "--http", "1", "--no-ws", "--port", str(port),
        "--log-level", "warning", "bench.floor:app",
    ]  # fmt: skip
    return Server(command, {"BENCH_ANSWERS": str(answers)}, port, directory)
