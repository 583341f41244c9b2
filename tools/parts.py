"""Run the parts of `make test`, each a target of the Makefile, and say what each has cost.

The first is run alone, the others side by side: a part that waits, for a server to start or for PostgreSQL, leaves its core to
another. What the first of those writes is seen as it comes, what the others write when they end. Where the first fails the
others do not begin; of those, each runs to its end, since what it finds is wanted too.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import IO

MINUTES = 8
"""What all parts together may take on two idle cores; `tests/README.md` says how it stays so."""


@dataclass
class Part:
    """A target that runs, and later what it has cost."""

    target: str
    process: subprocess.Popen[bytes]
    output: IO[bytes] | None
    began: float
    wall: float = 0
    cpu: float = 0
    status: int = 0

    def ended(self, status: int, seconds: float) -> None:
        """Note how it ended, and show what it wrote, if that was not seen yet."""
        self.wall, self.cpu = time.monotonic() - self.began, seconds
        self.status = os.waitstatus_to_exitcode(status)
        self.process.returncode = self.status  # it was waited for past the object
        if self.output:
            self.output.seek(0)
            sys.stdout.flush()
            sys.stdout.buffer.write(self.output.read())
            sys.stdout.buffer.flush()


def _start(target: str, *, seen: bool) -> Part:
    output = None if seen else tempfile.TemporaryFile()  # noqa: SIM115 - read when the part has ended
    process = subprocess.Popen(["make", "--no-print-directory", target], stdout=output, stderr=output)
    return Part(target, process, output, time.monotonic())


def _run(targets: list[str]) -> list[Part]:
    """Run targets side by side; returned in the order in which they ended."""
    running = {part.process.pid: part for part in (_start(target, seen=not n) for n, target in enumerate(targets))}
    ended: list[Part] = []
    while running:
        pid, status, used = os.wait3(0)
        part = running.pop(pid)
        part.ended(status, used.ru_utime + used.ru_stime)
        ended.append(part)
    return ended


def main(targets: list[str]) -> int:
    """Run the targets and return the exit status."""
    began = time.monotonic()
    parts = _run(targets[:1])
    if not any(part.status for part in parts):
        parts += _run(targets[1:])
    wall = time.monotonic() - began
    print(f"\n{'':16}{'minutes':>9}{'CPU s':>9}")
    for part in parts:
        print(f"{part.target:16}{part.wall / 60:9.1f}{part.cpu:9.0f}")
    over = f"  more than {MINUTES} minutes" if wall > MINUTES * 60 else ""
    print(f"{'all':16}{wall / 60:9.1f}{sum(part.cpu for part in parts):9.0f}{over}")
    return next((part.status for part in parts if part.status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
