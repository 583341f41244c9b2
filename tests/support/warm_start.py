"""Warm start: processes of `varco` that are forked from one which has imported what each of them imports first.

Half of what a command costs is Python that reads the same modules again. The forking process has read those that know
no setting: no Django app, no model, nothing of the environment. What it forks is a process like any other, with
arguments, environment, directory and signals of its own, and ends as one; only its memory is larger, and its name is
that of the forking process. Where that matters, or another checkout is run, the process starts cold.
"""

import atexit
import contextlib
import ctypes
import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol

ROOT = Path(__file__).parent.parent.parent
IMPORTED = (
    "varco.ops.cli", "varco.ops.server", "varco.ops.metrics.worker", "varco.ops.metrics.exposition", "varco.gate.app",
    "a2wsgi", "argon2", "cryptography.x509", "defusedxml.ElementTree", "fido2.server", "fpdf", "granian", "granian.server", "holidays",
    "markdown_it", "mdit_py_plugins.anchors", "PIL.ImageOps", "psycopg", "redis.asyncio", "segno", "smtplib", "uvloop",
    "django.conf.urls.i18n", "django.contrib.messages.storage.fallback", "django.contrib.staticfiles.storage", "django.core.cache.backends.db",
    "django.core.checks", "django.core.mail", "django.core.management", "django.core.paginator", "django.core.servers.basehttp",
    "django.db.backends.postgresql.base", "django.db.backends.sqlite3.base", "django.db.migrations.executor", "django.db.models",
    "django.forms", "django.middleware.common", "django.middleware.csrf", "django.middleware.locale", "django.template.backends.django",
    "django.urls", "django.utils.translation.trans_real", "django.views.decorators.debug", "django.views.generic", "django.views.i18n",
)  # fmt: skip
"""What knows no setting and takes long. No list to be kept complete: what lacks is imported by whoever needs it."""
_PR_SET_PDEATHSIG = 1
_GONE = struct.Struct("i")


class Process(Protocol):
    """A process that was started, warm or cold: what both can be asked."""

    pid: int

    @property
    def returncode(self) -> Any:
        """Exit status once it has ended and was waited for: negative for a signal."""

    def poll(self) -> int | None:
        """Exit status, if it has ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `TimeoutExpired`."""

    def send_signal(self, sig: int) -> None:
        """Send a signal, unless it has ended."""

    def terminate(self) -> None:
        """Ask it to stop."""

    def kill(self) -> None:
        """Stop it."""


def start(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    out: IO[bytes],
    err: IO[bytes],
    *,
    code: Path | str = ROOT,
    cold: bool = False,
    dies_with_us: bool = False,
) -> Process:
    """Start `varco` with these arguments. `dies_with_us`: it gets a SIGTERM when the tests die, however they die."""
    if not cold and Path(code) == ROOT:
        return _forking().start(arguments, environment, (out.fileno(), err.fileno()), dies_with_us=dies_with_us)
    return subprocess.Popen(
        [sys.executable, "-m", "varco.ops", *arguments],
        cwd=code,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        preexec_fn=_die_with_parent if dies_with_us else None,  # noqa: PLW1509 - one ctypes call
    )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class _Forked:
    """A process that the forking one has started, and tells of when it ends."""

    def __init__(self, arguments: Sequence[str], pid: int, ended: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._arguments = list(arguments)
        self._ended = ended

    def poll(self) -> int | None:
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        status = self._look(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(self._arguments, timeout or 0)
        return status

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            told = os.read(self._ended, _GONE.size)
            os.close(self._ended)
            assert told, "the forking process is gone"
            (self.returncode,) = _GONE.unpack(told)
        return self.returncode

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Forking:
    """The forking process, as the tests hold it. It ends with them."""

    def __init__(self) -> None:
        self._wire, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = threading.Lock()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("VARCO_")}
        with theirs:
            theirs.set_inheritable(True)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm_start", str(theirs.fileno())],
                cwd=ROOT,
                env=clean,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the tests
            )
        atexit.register(self._end)

    def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], files: tuple[int, int], *, dies_with_us: bool
    ) -> _Forked:
        ended, telling = os.pipe()
        asked = json.dumps({"arguments": list(arguments), "environment": dict(environment), "dies": dies_with_us})
        with self._one_at_a_time, os.fdopen(os.memfd_create("asked"), "w+b") as long:
            long.write(asked.encode())  # an environment may be longer than a packet
            long.flush()
            socket.send_fds(self._wire, [b"?"], [long.fileno(), *files, telling])
            os.close(telling)
            told = self._wire.recv(_GONE.size)
        assert told, "the forking process is gone"
        return _Forked(arguments, _GONE.unpack(told)[0], ended)

    def _end(self) -> None:
        self._wire.close()
        self._process.wait(10)


@cache
def _forking() -> _Forking:
    return _Forking()


class _Ended(Exception):  # noqa: N818 - no fault
    """Whoever asks is gone."""


def _forked(wire: socket.socket, telling: dict[int, tuple[int, int]]) -> dict[str, Any] | None:
    """Fork once, as asked. In the new process: what it is to be; in the forking one: None, and noted in `telling`."""
    _, descriptors, _, _ = socket.recv_fds(wire, 1, 4)
    if not descriptors:
        raise _Ended
    asked, out, err, ended = descriptors
    pid = os.fork()
    if pid:
        wire.send(_GONE.pack(pid))
        telling[os.pidfd_open(pid)] = (pid, ended)
        for descriptor in (asked, out, err):
            os.close(descriptor)
        return None
    with os.fdopen(asked, "rb") as long:
        long.seek(0)
        told: dict[str, Any] = json.loads(long.read())
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.closerange(3, max(int(entry.name) for entry in Path("/proc/self/fd").iterdir()) + 1)
    return told


def _serve(wire: socket.socket) -> dict[str, Any]:
    """Fork whenever asked, and tell what has ended. Returns in the new processes only; raises `_Ended`."""
    telling: dict[int, tuple[int, int]] = {}
    while True:
        for ready in select.select([wire.fileno(), *telling], [], [])[0]:
            if ready == wire.fileno():
                told = _forked(wire, telling)
                if told is not None:
                    return told
                continue
            pid, ended = telling.pop(ready)
            os.close(ready)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
                os.write(ended, _GONE.pack(status))
            os.close(ended)


def _main() -> None:
    for module in IMPORTED:
        __import__(module)
    gc.collect()
    gc.freeze()  # whoever is forked need not look through all of it again
    wire = socket.socket(fileno=int(sys.argv[1]))
    try:
        told = _serve(wire)
    except (_Ended, ConnectionError):
        return
    wire.detach()
    if told["dies"]:
        _die_with_parent()
    os.umask(0o022)  # as most shells are set up: what may not be read by others is made so by the command
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.argv[1:] = told["arguments"]
    runpy.run_module("varco.ops", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
