"""What stands around an installation: clocks, files, the proxy in front; and the limits in force."""

import asyncio

from varco import clock
from varco.config import Settings
from varco.ops import file_modes, ignored_header
from varco.ops.doctor.finding import Finding

CLOCK_TOLERANCE = 5  # seconds between this machine and a database server


def clocks(_settings: Settings) -> list[Finding]:
    """Database servers whose clock is not ours."""
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
                    Finding(
                        f"the server of database {alias} is {apart:.0f} s away from this machine; run a time service"
                    )
                )
    return found


def files(settings: Settings) -> list[Finding]:
    """What others than its owner can read."""
    return [Finding(text, stops=True) for text in file_modes.faults(settings)]


def forwarded(settings: Settings) -> list[Finding]:
    """A proxy that a running server met and does not trust."""
    note = ignored_header.read(settings)
    if note is None:
        return []
    network = f"{note.peer}/{128 if ':' in note.peer else 32}"
    return [
        Finding(
            f"X-Forwarded-For of {note.peer} is ignored, so everybody behind it has one address; if that is your proxy, set "
            f"VARCO_TRUSTED_PROXIES={network}"
        )
    ]


def forwarded_words(settings: Settings) -> str:
    """Which proxies are trusted."""
    trusted = ", ".join(map(str, settings.trusted_proxies))
    return f"trusted: {trusted}" if trusted else "none is trusted, and none was seen"


def limits(settings: Settings) -> list[Finding]:
    """A rate-limit store that does not count for us."""
    fault = asyncio.run(_store_fault(settings)) if settings.rate_limit_store else ""
    if not fault:
        return []
    return [
        Finding(
            f"the rate-limit store does not answer ({fault}), so each worker allows {settings.rate_share} of "
            f"{settings.rate_limit} requests; start it, or correct VARCO_RATE_LIMIT_STORE"
        )
    ]


async def _store_fault(settings: Settings) -> str:
    """Ask the store to keep nothing for a moment; empty, or what went wrong."""
    from varco.gate.rate_store import RateStore, RateStoreAwayError
    from varco.ops.logs import redact

    store = RateStore(settings.rate_limit_store, settings.issuer, settings.rate_window)
    try:
        await store.add({})
    except RateStoreAwayError as away:
        return redact(" ".join(str(away).split()))
    finally:
        await store.close()
    return ""


def limit_words(settings: Settings) -> str:
    """The rate limit in force."""
    rate = f"{settings.rate_limit} requests an application in {settings.rate_window} s"
    if settings.rate_limit_store:
        return f"{rate}, counted by all workers together"
    workers = settings.workers * settings.rate_limit_shares
    if workers == 1:
        return rate
    share = settings.rate_share
    words = f"{rate}: {share} in each of {settings.workers} workers"
    if settings.rate_limit_shares > 1:
        words += f" of {settings.rate_limit_shares} servers"
    return words if share * workers <= settings.rate_limit else f"{words}, {share * workers} in all"
