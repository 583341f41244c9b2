"""What is done at a date: rows that say when something is due at them, and the one way in which it is done.

Any number of workers look for rows that are due. A row belongs to whoever empties its `due_at`, in the transaction in which
the act is done, its mail is written and the next date is set: a worker that dies before the commit has done nothing, and one that
dies after it has done everything. So nothing is done twice, and nothing is forgotten.
"""

import logging
from collections.abc import Callable
from typing import Self, TypeVar

from django.db import models, transaction

from varco import clock

BATCH = 100
"""Rows looked at in one turn."""

LATER = 600
"""Seconds after which a row is tried again whose act failed."""

_log = logging.getLogger("varco.scheduled")


class Scheduled(models.Model):
    """A row at which something is done at a date. `due_at`: when (epoch seconds); null: nothing more."""

    due_at = models.BigIntegerField(null=True, blank=True, default=None)

    class Meta:
        abstract = True

    @classmethod
    def due(cls) -> "models.QuerySet[Self]":
        """Where something is to be done now, what waits longest first."""
        return cls._default_manager.filter(due_at__lte=clock.now()).order_by("due_at", "pk")

    def claim(self) -> bool:
        """Take what is due at it, in the caller's transaction, unless somebody else was quicker."""
        mine = type(self)._default_manager.filter(pk=self.pk, due_at=self.due_at).update(due_at=None)
        return bool(mine)


_Row = TypeVar("_Row", bound=Scheduled)


def perform_due(model: type[_Row], act: Callable[[_Row], None], *, batch: int = BATCH) -> int:
    """Do what is due at the rows of a model, each in a transaction of its own, and return at how many.

    `act` gets the row as it stands now, and leaves it saved with its next `due_at`. Where it fails, the row waits `LATER`
    seconds and keeps no other from its turn.
    """
    done = 0
    for row in list(model.due()[:batch]):
        try:
            done += _perform(row, act)
        except Exception:  # noqa: BLE001 - whatever it was, the other rows must still have their turn
            _log.exception(
                "%s %s failed, next try in %s s", model.__name__, row.pk, LATER, extra={"row": row.pk}
            )  # fmt: skip
            later = model._default_manager.filter(pk=row.pk, due_at=row.due_at)
            later.update(due_at=clock.now() + LATER)
    return done


@transaction.atomic
def _perform(row: _Row, act: Callable[[_Row], None]) -> bool:
    if not row.claim():
        return False
    act(row)
    return True
