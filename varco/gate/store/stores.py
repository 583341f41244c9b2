"""The three databases of one running gate."""

from varco.config import Settings
from varco.databases import CLINIC_ALIASES, sqlite_path
from varco.gate.store.engine import Database, StoreUnavailable
from varco.gate.store.postgres import PostgresDatabase
from varco.gate.store.sqlite import SqliteDatabase
from varco.gate.store.statements import CLINIC, PLATFORM


def connect(url: str) -> Database:
    """The engine a database URL asks for, not yet open."""
    return SqliteDatabase(sqlite_path(url)) if url.startswith("sqlite:") else PostgresDatabase(url)


class Stores:
    """`platform`, and by alias the databases of clinic data (S24)."""

    def __init__(self, settings: Settings) -> None:
        self.platform = connect(settings.database("platform"))
        self.clinics = {alias: connect(settings.database(alias)) for alias in CLINIC_ALIASES}
        self._fits: set[str] = set()

    def _each(self) -> dict[str, Database]:
        return {"platform": self.platform, **self.clinics}

    async def open(self) -> None:
        """Open all three."""
        for database in self._each().values():
            await database.open()

    async def close(self) -> None:
        """Close all three."""
        for database in self._each().values():
            await database.close()

    async def faults(self) -> dict[str, str]:
        """What is wrong, by database: away, or a schema that the gate's statements do not fit (migrations missing)."""
        found: dict[str, str] = {}
        for alias, database in self._each().items():
            statements = PLATFORM if alias == "platform" else CLINIC
            try:
                if (
                    alias in self._fits
                ):  # proven once, a schema does not unfit while we run: only ask whether it is there
                    await database.all(statements[0], *([None] * statements[0].parameters))
                    continue
                for statement in statements:
                    await database.prepare(statement)
                self._fits.add(alias)
            except StoreUnavailable as fault:
                found[alias] = str(fault)
        return found
