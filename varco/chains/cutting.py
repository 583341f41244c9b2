"""Removing the oldest rows of a stream, so that what is left still proves itself."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Min

from varco.chains.kinds import ChainedKind
from varco.chains.linking import lock

BATCH = 1000
"""Rows removed in one transaction."""


def place_before(kind: ChainedKind, stream: str, at_ms: int) -> int:
    """The last place of a stream up to which every row is older than a moment; 0 for none."""
    rows = kind.of_stream(stream).exclude(seq=None)
    first = rows.filter(at__gte=at_ms).aggregate(first=Min("seq"))["first"]
    if first is not None:
        return int(first) - 1
    return int(kind.states().filter(pk=stream).values_list("seq", flat=True).first() or 0)


def cut(kind: ChainedKind, stream: str, at_ms: int, sign: Callable[[int, bytes], object]) -> int:
    """Remove the rows of a stream that are older than a moment, and return how many went.

    `sign` keeps the digest of the last of them, signed, before the first is removed: from there the rest proves itself. A cut that
    was interrupted goes on with the next one.
    """
    place = place_before(kind, stream, at_ms)
    rows = kind.of_stream(stream).filter(seq__lte=place)
    last = rows.filter(seq=place).values_list("digest", flat=True).first()
    if last is not None:
        sign(place, bytes(last))
    elif not rows.exists():
        return 0
    removed = 0
    while True:
        with transaction.atomic(using=kind.alias):
            lock(kind)
            keys = list(rows.order_by("seq").values_list("pk", flat=True)[:BATCH])
            kind.forget(keys)
            kind.records().filter(pk__in=keys).delete()
        removed += len(keys)
        if len(keys) < BATCH:
            return removed
