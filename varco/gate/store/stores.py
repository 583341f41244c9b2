"""The three databases of one running gate."""

import time

from varco import clock
from varco.config import Settings
from varco.databases import CLINIC_ALIASES, sqlite_path
from varco.gate.store import engine
from varco.gate.store.engine import Database, Load, StatementError, StoreUnavailable
from varco.gate.store.postgres import PostgresDatabase
from varco.gate.store.sql.probes import PROBE_CLINICAL, PROBE_PLATFORM
from varco.gate.store.sqlite import SqliteDatabase
from varco.gate.store.statement import CLINICAL, PLATFORM, Schema

PROBE_EVERY = 30.0
"""Seconds between two attempts to write, made when `/readyz` is asked, while no commit has failed."""


def connect(url: str) -> Database:
    """The engine a database URL asks for, not yet open."""
    seconds = engine.READ_SECONDS
    if url.startswith("sqlite:"):
        return SqliteDatabase(sqlite_path(url), read_seconds=seconds)
    return PostgresDatabase(url, read_seconds=seconds)


class Stores:
    """`platform`, and by alias the databases of clinic data (S24)."""

    def __init__(self, settings: Settings) -> None:
        self.platform = connect(settings.database("platform"))
        self.clinics = {alias: connect(settings.database(alias)) for alias in CLINIC_ALIASES}
        self._fitting: set[str] = set()
        self._probed: dict[str, float] = {}

    def _each(self) -> dict[str, tuple[Database, Schema]]:
        return {
            "platform": (self.platform, PLATFORM),
            **{alias: (database, CLINICAL) for alias, database in self.clinics.items()},
        }

    def loads(self) -> dict[str, Load]:
        """What is asked of each database now."""
        return {alias: database.load() for alias, (database, _) in self._each().items()}

    def unwritable(self) -> dict[str, bool]:
        """Whether the last commit in each failed for a reason of the database itself."""
        return {alias: database.suspect for alias, (database, _) in self._each().items()}

    async def open(self) -> None:
        """Open all three."""
        for database, _ in self._each().values():
            await database.open()

    async def close(self) -> None:
        """Close all three."""
        for database, _ in self._each().values():
            await database.close()

    async def faults(self) -> dict[str, str]:
        """What is wrong, by database: away, or a schema that the gate's statements do not fit (migrations missing).

        Every statement is tried that exists. What was proven once is not tried again, since a schema does not unfit while
        we run: then it is only asked whether the database is there, and can be written. After a commit that failed, or some
        time without a look, a commit is tried that changes nothing.
        """
        found: dict[str, str] = {}
        for alias, (database, schema) in self._each().items():
            try:
                if alias in self._fitting:
                    await database.ping()
                    await self._probe(alias, database)
                    continue
                for statement in schema.statements:
                    await database.prepare(statement)
                self._fitting.add(alias)
            except (StoreUnavailable, StatementError) as fault:
                found[alias] = str(fault)
        return found

    async def _probe(self, alias: str, database: Database) -> None:
        """Try to write. Raises `StoreUnavailable` or `StatementError`."""
        now = time.monotonic()
        if not database.suspect and now < self._probed.get(alias, 0.0) + PROBE_EVERY:
            return
        statement = PROBE_PLATFORM if database is self.platform else PROBE_CLINICAL
        try:
            await database.write(statement(now=clock.now()))
        except (StoreUnavailable, StatementError):
            database.suspect = True
            raise
        database.suspect = False
        self._probed[alias] = now
