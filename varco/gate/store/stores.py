"""The three databases of one running gate."""

from varco.config import Settings
from varco.databases import CLINIC_ALIASES, sqlite_path
from varco.gate.store import engine
from varco.gate.store.engine import Database, StatementError, StoreUnavailable
from varco.gate.store.postgres import PostgresDatabase
from varco.gate.store.sqlite import SqliteDatabase
from varco.gate.store.statement import CLINICAL, PLATFORM, Schema


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

    def _each(self) -> dict[str, tuple[Database, Schema]]:
        return {
            "platform": (self.platform, PLATFORM),
            **{alias: (database, CLINICAL) for alias, database in self.clinics.items()},
        }

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
        we run: then it is only asked whether the database is there.
        """
        found: dict[str, str] = {}
        for alias, (database, schema) in self._each().items():
            try:
                if alias in self._fitting:
                    await database.ping()
                    continue
                for statement in schema.statements:
                    await database.prepare(statement)
                self._fitting.add(alias)
            except (StoreUnavailable, StatementError) as fault:
                found[alias] = str(fault)
        return found
