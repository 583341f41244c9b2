"""What must be right before a server starts, checked in a child process so that the supervisor has nothing open when it forks its workers."""

import os
import socket
import sys
import traceback
from collections.abc import Callable

from varco import config
from varco.catalog import CatalogError
from varco.ops import environment_file

EXIT_FAULT, EXIT_CONFIG = 1, 2


class OperationError(Exception):
    """A command cannot do its work; the message says why in one line and what to do."""


def apart(act: Callable[[], None]) -> int:
    """Run something in a forked child and return its exit status: what it imports and opens ends with it."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    status = EXIT_FAULT
    try:
        status = guarded(act)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def guarded(act: Callable[[], int | None]) -> int:
    """Run a command: 0, or one line on standard error and 1 (it cannot be done) or 2 (a setting is wrong)."""
    try:
        return act() or 0
    except (config.ConfigError, CatalogError) as fault:
        _refuse(fault)
        return EXIT_CONFIG
    except OperationError as fault:
        _refuse(fault)
        return EXIT_FAULT
    except KeyboardInterrupt:
        return 130
    except Exception as fault:  # noqa: BLE001 - the outermost frame of a command
        if database_trouble(fault):
            _refuse(database_trouble(fault))
            return EXIT_FAULT
        traceback.print_exc()
        return EXIT_FAULT


def _refuse(fault: object) -> None:
    print(f"varco: {environment_file.with_files(str(fault))}", file=sys.stderr)


def database_trouble(fault: Exception) -> str:
    """One line about a database that failed; empty for any other fault."""
    if "django.db" not in sys.modules:
        return ""
    from django.db import DatabaseError, InterfaceError

    if not isinstance(fault, DatabaseError | InterfaceError):
        return ""
    from varco.ops.logs import redact

    return f"database: {redact(' '.join(str(fault).split()))}"


def check_port(host: str, port: int) -> None:
    """Refuse a port that something listens on: the server itself would share it silently (SO_REUSEPORT).

    Raises `OperationError`.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as fault:
        raise OperationError(f"cannot listen on {host}:{port}: {fault.strerror or fault}") from None


def check_schema() -> None:
    """Refuse databases that do not answer or lack migrations. Raises `OperationError`. Needs Django set up."""
    from varco.ops import health

    for check in (health.database_faults, health.schema_faults):
        found = check()
        if found:
            raise OperationError("; ".join(found))


def check_installation(settings: config.Settings) -> None:
    """Make the checks of `varco doctor` and the signing keys that are due; raises `OperationError` for what stops a server."""
    from varco.keys import services as keys
    from varco.ops import doctor, logs

    logs.configure("ERROR" if settings.log_level == "ERROR" else "WARNING", settings.log_format)
    doctor.before_start(settings)
    keys.ensure()
