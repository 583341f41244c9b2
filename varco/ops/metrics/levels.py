"""How much there is of what waits, how old keys are, whether the databases can be read: noted every few seconds."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from varco import clock
from varco.ops.metrics.sample_file import SampleFile, Series, series
from varco.protocol.jose.algorithms import ALGORITHMS

if TYPE_CHECKING:
    from django.db.models import QuerySet

EVERY, READ_EVERY = 5.0, 15.0
"""Seconds between two looks: at what the worker itself knows, and at what has to be read from the databases."""

DATABASES = ("platform", "clinic", "sandbox")
DAY = 86400

_log = logging.getLogger("varco.metrics")

Levels = Mapping[Series, float]


def every(*, portal: bool) -> Iterator[Series]:
    """The series of levels; those that only a worker with the portal knows where it is one."""
    for database in DATABASES:
        yield from (series("varco_database_connections", database=database, state=state) for state in ("busy", "idle"))
        yield series("varco_database_waiting", database=database)
        yield series("varco_database_unwritable", database=database)
    yield from (series("varco_audit_reads_waiting"), series("varco_refusals_waiting"))
    if not portal:
        return
    yield series("varco_databases_read")
    yield from (series("varco_password_hashes", state=state) for state in ("running", "waiting"))
    for family in ("varco_mail", "varco_logout_notices", "varco_signal_pushes"):
        yield series(f"{family}_waiting")
        yield series(f"{family}_oldest_seconds")
        yield series(f"{family}_given_up")
    for database in DATABASES:
        yield series("varco_audit_unlinked_seconds", database=database)
        yield series("varco_audit_ends_altered", database=database)
    yield from (series("varco_reviews_waiting"), series("varco_reviews_late"))
    for alg in ALGORITHMS:
        yield series("varco_signing_key_seconds_left", alg=alg)
        yield series("varco_signing_key_successors", alg=alg)


def from_databases() -> Levels:
    """What stands in the databases: outbox, notices, chains, reviews, signing keys. Needs Django; raises `DatabaseError`."""
    from django.db import close_old_connections

    from varco.grants import queries as grants
    from varco.keys import queries as keys
    from varco.mail import queries as mail
    from varco.proof import lag as chains
    from varco.registry import lists
    from varco.signals import queries as signals

    close_old_connections()
    found: dict[Series, float] = {}
    now = clock.now()
    outboxes: dict[str, QuerySet[Any]] = {
        "varco_mail": mail.newest(),
        "varco_logout_notices": grants.logout_notices(),
        "varco_signal_pushes": signals.pushes(),
    }
    for family, rows in outboxes.items():
        waits = rows.filter(sent_at=None, next_try_at__isnull=False)
        given_up = rows.filter(sent_at=None, next_try_at=None, created_at__gt=now - 7 * DAY)
        begun = waits.exclude(tries=0, next_try_at__gt=now)  # what is to be sent later is not late
        oldest = begun.order_by("created_at").values_list("created_at", flat=True).first()
        found[series(f"{family}_waiting")] = waits.count()
        found[series(f"{family}_oldest_seconds")] = now - oldest if oldest else 0
        found[series(f"{family}_given_up")] = given_up.count()
    for database, lag in zip(DATABASES, chains.lags(waiting_only=True), strict=True):
        found[series("varco_audit_unlinked_seconds", database=database)] = lag.seconds
        found[series("varco_audit_ends_altered", database=database)] = len(lag.altered)
    waiting = lists.waiting()
    found[series("varco_reviews_waiting")], found[series("varco_reviews_late")] = waiting.total, waiting.late
    for alg in ALGORITHMS:
        current, following = keys.current(alg, now), keys.following(alg, now)
        found[series("varco_signing_key_seconds_left", alg=alg)] = current.retires_at - now if current else 0
        found[series("varco_signing_key_successors", alg=alg)] = 1 if following else 0
    return found


class Sampler:
    """Notes levels from `start()` to `stop()`.

    `known`: what the worker itself knows; `read`: what has to be read, on a thread.
    """

    def __init__(self, file: SampleFile, known: list[Callable[[], Levels]], read: Callable[[], Levels] | None) -> None:
        self._file = file
        self._known = known
        self._read = read
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin, on the loop that is running."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._work())

    def stop(self) -> None:
        """End, from whatever thread; what was noted stays."""
        if self._task and self._loop:
            self._loop.call_soon_threadsafe(self._task.cancel)

    async def _work(self) -> None:
        loop, next_read = asyncio.get_running_loop(), 0.0
        while True:
            for known in self._known:
                self._note(known())
            if self._read and loop.time() >= next_read:
                next_read = loop.time() + READ_EVERY
                try:
                    self._note(await loop.run_in_executor(None, self._read))
                    told = 1
                except Exception as fault:  # noqa: BLE001 - whatever it is, the worker goes on, and the number tells
                    _log.warning("what waits could not be counted: %s", type(fault).__name__)
                    told = 0
                self._file.set(series("varco_databases_read"), told)
            await asyncio.sleep(EVERY)

    def _note(self, levels: Levels) -> None:
        for item, value in levels.items():
            self._file.set(item, value)
