"""What `varco serve` runs: the gate and the portal, together on one port or apart, under granian."""

import asyncio
import ctypes
import fcntl
import functools
import gc
import importlib
import os
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Literal, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from varco import clock, config
from varco.ops import access_log, ignored_header, logs, preflight, proxies, start_line
from varco.ops.demo import moved_clock
from varco.ops.drain import Drain, Exit, Supervisor
from varco.ops.metrics.worker import WorkerNumbers

What = Literal["all", "gate", "portal"]
STOP_TIMEOUT = 10  # seconds a worker has to finish what it is answering
HEADER_TIMEOUT = 10_000  # milliseconds a client has to send the headers of a request
_M_ARENA_MAX, _PR_SET_PDEATHSIG = -8, 1


class Companion(Protocol):
    """What lives as long as a worker serves."""

    def start(self) -> None:
        """Begin, on the loop of the worker."""

    def stop(self) -> None:
        """End, off the loop."""


def load(what: What) -> None:
    """Import what the workers run, before they are forked.

    They share its memory then, and one that takes the place of another is there at once. Nothing is opened, and no thread begun: what is
    open at a fork would be open in all of them.
    """
    if what != "gate":
        from varco.ops.environment import start_django

        start_django()
        importlib.import_module("varco.ops.maintenance")
        importlib.import_module("varco.ops.wsgi_bridge")
        importlib.import_module("varco.portal.urls")
    if what != "portal":
        importlib.import_module("varco.gate.app")
    gc.collect()
    gc.freeze()  # a collector that looks at it would write to it, and what is written is shared no more


def serve(what: What, settings: config.Settings) -> int:
    """Serve until told to stop (SIGTERM, SIGINT); 0 after a clean stop.

    This process only supervises: it starts workers, starts another when one dies, and asks them to stop.
    """
    # What supervisor and workers share beside the databases: a mark that they leave, the workers' numbers.
    directory = Path(tempfile.mkdtemp(prefix="varco-"))
    # What tidies away what is old and not used leaves alone what is locked (systemd-tmpfiles(8), BSD locks).
    kept = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(kept, fcntl.LOCK_SH)
    try:
        _serve_metrics(settings, directory)
        return _supervised(what, settings, directory)
    finally:
        os.close(kept)
        shutil.rmtree(directory, ignore_errors=True)


def _supervised(what: What, settings: config.Settings, directory: Path) -> int:
    """Serve with workers that share a directory with this process; the exit status."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    server = Supervisor(
        f"varco {what}",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_TIMEOUT,
        log_level=LogLevels.warning,
        log_dictconfig=logs.dictionary(settings.log_level, settings.log_format),
    )
    server.drain_seconds, server.directory = settings.drain, directory
    server.on_startup(functools.partial(start_line.write, what, settings))
    loader = functools.partial(_worker, what, os.getpid(), directory)
    try:
        server.serve(target_loader=loader, wrap_loader=False)
    except SystemExit as stop:
        # A worker that took a Ctrl-C for itself is no failure when this process was told to stop as well.
        return 0 if server.interrupt_signal else int(stop.code or 1)
    return 0


def _serve_metrics(settings: config.Settings, directory: Path) -> None:
    """Begin to answer Prometheus, if that is wanted, with what the workers leave in a directory. Raises `OperationError`."""
    if not settings.metrics:
        return
    from varco.ops.metrics import exposition

    host, _, port = settings.metrics.rpartition(":")
    try:
        exposition.serve(directory, host.strip("[]"), int(port))
    except OSError as fault:
        told = f"VARCO_METRICS: {settings.metrics} cannot be listened at: {fault.strerror}"
        raise preflight.OperationError(told) from None


def _worker(what: What, supervisor: int, directory: Path) -> ASGIApp:
    """Make a freshly started worker ready and return its app."""
    libc = ctypes.CDLL(None)
    # Eight portal threads would each keep a malloc arena of their own; two are as quick and far smaller.
    libc.mallopt(_M_ARENA_MAX, 2)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # A SIGHUP to the whole group, of a service manager or of a terminal that was closed, would end it in the middle of its work.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if os.getppid() != supervisor:
        raise SystemExit("the supervisor is gone")
    settings = config.load()
    logs.configure(settings.log_level, settings.log_format)
    return application(what, settings, directory)


def application(what: What, settings: config.Settings, directory: Path) -> ASGIApp:
    """The ASGI app of one worker; `directory` is what it shares with its supervisor."""
    masters = config.master_keys(settings)
    if settings.demo:
        moved_clock.follow(settings.data_dir)
    pages: ASGIApp | None = None
    numbers = WorkerNumbers(directory) if settings.metrics else None
    drain = Drain(directory)
    if what != "gate":
        from varco.ops.environment import start_django
        from varco.ops.wsgi_bridge import portal

        start_django()
        pages, forms = portal(settings, alone=what == "portal", stopping=drain.stop_requested)
        if numbers:
            numbers.of_portal(forms)
    if what == "portal" and pages:
        app = pages
    else:
        from varco.gate.app import create

        clock_ms = clock.installed()
        gate = create(settings, masters, fallback=pages, clock_ms=clock_ms, stopping=drain.stop_requested)
        if numbers:
            numbers.of_gate(gate)
        app = gate
    app = proxies.behind(app, settings.trusted_proxies, functools.partial(ignored_header.write, settings.data_dir))
    observe = numbers.open() if numbers else None
    companions: list[Companion] = [drain]
    if numbers:
        companions.append(numbers.sampler())
    if what != "gate" and settings.upkeep:
        from varco.ops.maintenance import Maintenance

        companions.append(Maintenance(settings))
    app = _alive(app, companions, owns_lifespan=what != "portal")
    return Exit(access_log.logged(app, settings.access_log, observe), drain)


def _alive(app: ASGIApp, companions: Sequence[Companion], *, owns_lifespan: bool) -> ASGIApp:
    """The app with its start and stop: its companions run from after the start until before the end."""
    inner = app if owns_lifespan else _bare_lifespan

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                # What was loaded so far lives as long as the process: the collector need not look at it again.
                gc.collect()
                gc.freeze()
                for companion in companions:
                    companion.start()
            elif message["type"].startswith("lifespan.shutdown"):
                for companion in companions:
                    await asyncio.get_running_loop().run_in_executor(None, companion.stop)
            await send(message)

        await inner(scope, receive, noting)

    def alive(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return (lifespan if scope["type"] == "lifespan" else app)(scope, receive, send)

    return alive


async def _bare_lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
