"""`varco doctor`: look over an installation, one line a check; changes nothing that is read, makes no file, sends nothing.

The same checks are made when a server starts: what `stops` keeps it from starting, and the rest is a warning in its log.
Each check is a function of its own, in the file of its subject; `checks()` has them in order.
"""

import logging
from collections.abc import Iterator

from varco import catalog, config
from varco.ops import environment_file
from varco.ops.doctor.finding import Check, Finding
from varco.ops.preflight import OperationError

_log = logging.getLogger("varco.doctor")


def run() -> int:
    """Print what was found; 0 when nothing is wrong."""
    settings = config.load()
    config.master_keys(settings)
    catalog.load(settings.catalog)
    _show("settings", [], f"issuer {settings.issuer}")
    from varco.ops.environment import start_django

    start_django()
    wrong = 0
    for check, found in _checked(settings):
        wrong += len(found)
        _show(check.name, found, check.fine(settings))
    return 1 if wrong else 0


def before_start(settings: config.Settings) -> None:
    """Make the same checks for a server. Raises `OperationError` for what stops it; the rest goes to its log.

    Needs Django set up.
    """
    for _check, found in _checked(settings, starting=True):
        stopping = [finding.text for finding in found if finding.stops]
        if stopping:
            raise OperationError("; ".join(stopping))
        for finding in found:
            _log.warning(finding.text)


def _checked(settings: config.Settings, *, starting: bool = False) -> Iterator[tuple[Check, list[Finding]]]:
    """Each check with what it found, up to one after which the others mean nothing."""
    from varco.ops.doctor.checks import checks

    for check in checks():
        if starting and check.running:
            continue
        found = check.find(settings)
        yield check, found
        if found and check.first:
            return


def _show(name: str, found: list[Finding], fine: str) -> None:
    said = environment_file.with_files("; ".join(finding.text for finding in found))
    print(f"{'✗' if found else '✓'} {name:<11} {said or fine}")
