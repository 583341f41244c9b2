"""`varco doctor`: look over an installation, one line a check; changes nothing and sends nothing."""

from collections.abc import Callable

from varco import clock, config
from varco.ops import file_modes

CLOCK_TOLERANCE = 5  # seconds between this machine and a database server
DAY = 86400


def run() -> int:
    """Print what was found; 0 when nothing is wrong."""
    settings = config.load()
    config.master_keys(settings)
    _show("settings", [], f"issuer {settings.issuer}")
    from varco.ops.environment import start_django

    start_django()
    from varco.ops import health

    found = health.database_faults()
    _show("databases", found, "platform, clinic and sandbox answer")
    if found:
        return 1
    checks: list[tuple[str, Callable[[], list[str]], str]] = [
        ("migrations", health.schema_faults, "up to date"),
        ("keys", health.key_faults, "every algorithm signs"),
        ("sealing", health.sealing_faults, "the master key opens every signing key"),
        ("clock", _clock_faults, f"within {CLOCK_TOLERANCE} s of the database servers"),
        ("files", lambda: list(file_modes.faults(settings)), "readable by their owner only"),
        ("mail", lambda: _mail_faults(settings), "the server lets us in, nothing is stuck" if settings.smtp_url else "no server set: it waits"),
    ]  # fmt: skip
    wrong = 0
    for name, check, fine in checks:
        found = check()
        wrong += len(found)
        _show(name, found, fine)
        if name == "migrations" and found:
            break
    return 1 if wrong else 0


def _show(name: str, found: list[str], fine: str) -> None:
    print(f"{'✗' if found else '✓'} {name:<11} {'; '.join(found) or fine}")


def _clock_faults() -> list[str]:
    from django.db import connections

    found = []
    for alias in connections:
        connection = connections[alias]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
                apart = abs(float(cursor.fetchone()[0]) - clock.now_ms() / 1000)
            if apart > CLOCK_TOLERANCE:
                found.append(
                    f"the server of database {alias} is {apart:.0f} s away from this machine; run a time service"
                )
    return found


def _mail_faults(settings: config.Settings) -> list[str]:
    from varco.mail import queries, worker

    found = []
    given_up = queries.given_up(7 * DAY)
    if given_up:
        found.append(f"{given_up} mails of the last week were given up; their last_error says why")
    if settings.smtp_url:
        try:
            with worker.connect(settings.smtp_url):
                pass
        except OSError as fault:
            found.append(f"the mail server did not let us in: {fault}")
    return found
