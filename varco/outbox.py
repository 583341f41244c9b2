"""What is told to somebody outside: a row written in the transaction of the act it tells of, sent by a worker afterwards.

Several workers may run at once: a row belongs to whoever moves its `next_try_at`. A worker that dies while sending leaves the
row to be tried again after its lease, so something can be told twice but is never lost.
"""

from collections.abc import Sequence
from typing import Self

from django.db import models

from varco import clock


class Outgoing(models.Model):
    """One thing to tell. `next_try_at` is when a worker looks at it again; null: told, or given up (epoch seconds)."""

    created_at = models.BigIntegerField(default=clock.now)
    sent_at = models.BigIntegerField(null=True, blank=True, default=None)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.BigIntegerField(null=True, blank=True, default=clock.now)
    last_error = models.CharField(max_length=250, blank=True, default="")

    class Meta:
        abstract = True

    @classmethod
    def due(cls) -> "models.QuerySet[Self]":
        """What is to be sent now."""
        return cls._default_manager.filter(next_try_at__lte=clock.now())

    def claim(self, lease: int) -> bool:
        """Take it for so many seconds, unless another worker was quicker."""
        until = clock.now() + lease
        mine = type(self)._default_manager.filter(pk=self.pk, next_try_at=self.next_try_at).update(next_try_at=until)
        self.next_try_at = until
        return bool(mine)

    def emptied(self) -> Sequence[str]:
        """Drop what is of no use once it was told or given up; the names of the columns emptied."""
        return ()

    def sent(self) -> None:
        """It was told."""
        self.tries += 1
        self.sent_at = clock.now()
        self._note_try("", None)

    def failed(self, fault: str, pauses: Sequence[int]) -> int | None:
        """It was not told: try again after the pause (seconds) that `pauses` has for this try, and return that; None: given up."""
        pause = pauses[self.tries] if self.tries < len(pauses) else None
        self.tries += 1
        self._note_try(fault, None if pause is None else clock.now() + pause)
        return pause

    def dropped(self, why: str) -> None:
        """There is nobody to tell any more."""
        self._note_try(why, None)

    def _note_try(self, error: str, next_try_at: int | None) -> None:
        self.last_error, self.next_try_at = error[:250], next_try_at
        emptied = self.emptied() if next_try_at is None else ()
        self.save(update_fields=["sent_at", "tries", "next_try_at", "last_error", *emptied])
