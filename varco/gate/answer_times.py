"""Tallies of how long the API's answers took, for the page *Usage* of each application (`varco.usage`).

A worker keeps them for a minute and then adds them to the day; what one that died had not written is lost, and is no more than a
minute of a statistic.
"""

from varco.answer_times import class_of
from varco.gate.store import Database
from varco.gate.store.sql.usage import ADD_ANSWERS

EVERY_MS = 60_000
"""Milliseconds between two writings."""

_DAY_MS = 86_400_000


class AnswerTimes:
    """Tallies that wait, by application, operation and class of duration."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[tuple[int, str, int], int] = {}
        self._next_ms = 0

    def note(self, application_id: int, operation: str, seconds: float) -> None:
        """Note an answer that took so long."""
        key = application_id, operation, class_of(seconds)
        self._waiting[key] = self._waiting.get(key, 0) + 1

    async def flush(self, now_ms: int, *, last: bool = False) -> None:
        """Add what waits to the day, if a minute has passed or it is the `last` time. Raises `StoreUnavailable`; it waits on, then."""
        if not self._waiting or not (last or now_ms >= self._next_ms):
            return
        self._next_ms = now_ms + EVERY_MS
        written, self._waiting = self._waiting, {}
        day = now_ms // _DAY_MS
        rows = [
            ADD_ANSWERS.values(application_id=id_, day=day, operation=operation, duration=duration, number=number)
            for (id_, operation, duration), number in sorted(
                written.items()
            )  # one order, so that no two wait for each other
        ]
        try:
            await self._database.write_many(ADD_ANSWERS, rows)
        except BaseException:
            for key, number in written.items():
                self._waiting[key] = self._waiting.get(key, 0) + number
            raise
