"""Which applications use deprecated operations that leave no access record, so that their developers can be told (`varco.changes`)."""

from varco.gate.store import Database
from varco.gate.store.sql.changes import NOTE_USE

NOTED_EVERY = 3600
"""Seconds between two notes of one application's use of one operation."""


class DeprecatedUses:
    """Uses that wait to be written, once an hour for each application and operation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[tuple[int, str], int] = {}
        self._waiting: dict[tuple[int, str], int] = {}

    def note(self, application_id: int, operation: str, now: int) -> None:
        """Note a use (epoch seconds)."""
        use = application_id, operation
        if now - self._noted.get(use, -NOTED_EVERY) >= NOTED_EVERY:
            self._noted[use] = self._waiting[use] = now

    async def flush(self) -> None:
        """Write what waits. Raises `StoreUnavailable`; it waits on, then."""
        if not self._waiting:
            return
        waiting = list(self._waiting.items())
        rows = [NOTE_USE.values(application_id=id_, operation=operation, now=now) for (id_, operation), now in waiting]
        await self._database.write_many(NOTE_USE, rows)
        self._waiting = dict(self._waiting.items() - waiting)
