"""`varco worker`: the upkeep in a process of its own, any number of them on any number of machines.

Each piece of work is claimed in the database, so several workers never do one twice, and what one that dies had begun is done
by another. `varco serve` does the same in its workers unless `VARCO_UPKEEP` says no.
"""

import logging
import signal
import threading

import varco
from varco import config
from varco.ops import preflight, version
from varco.ops.environment import start_django
from varco.ops.maintenance import Maintenance

_LOOK_EVERY = 2.0  # seconds

_log = logging.getLogger("varco.worker")


def run(settings: config.Settings) -> int:
    """Work until told to stop (SIGTERM, SIGINT): 0 after a clean stop, 1 where a part of it died. Raises `OperationError`."""
    from varco.ops import logs

    start_django()
    preflight.check_installation(settings)
    logs.configure(settings.log_level, settings.log_format)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    # Of a service manager or of a terminal that was closed: it would end the work in its middle.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    upkeep = Maintenance(settings)
    upkeep.start()
    _log.info(
        "varco %s (build %s) works", varco.__version__, version.build_id(),
        extra={"version": varco.__version__, "build": version.build_id(), "issuer": settings.issuer},
    )  # fmt: skip
    while not stopping.wait(_LOOK_EVERY):
        if not upkeep.is_whole():
            _log.error("a part of the worker died; it ends, to be started anew")
            upkeep.stop()
            return 1
    upkeep.stop()
    return 0
