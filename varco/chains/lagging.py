"""Whether linking keeps up: how old the oldest row without a place is, and which ends it cannot go on from."""

from collections.abc import Callable

from varco.chains import digest
from varco.chains.kinds import ChainedKind

_SOME = 1000
"""Rows without a place whose streams are looked at."""


def oldest_unlinked(kind: ChainedKind) -> int | None:
    """When the first of the rows without a place was written, in epoch milliseconds; None where each has one."""
    return kind.unlinked().values_list("at", flat=True).first()


def altered_ends(kind: ChainedKind, key: Callable[[], bytes], *, waiting_only: bool = False) -> list[str]:
    """The streams whose end was changed by hand, so that nothing is linked to them; with `waiting_only` those that rows wait for.

    `key` is asked for where there is an end to prove.
    """
    states = kind.states().order_by("pk")
    if waiting_only:
        states = states.filter(pk__in=_waiting(kind))
    rows = list(states)
    if not rows:
        return []
    known = key()
    return [
        row.stream
        for row in rows
        if not digest.same(bytes(row.proof), digest.state(known, row.stream, row.seq, bytes(row.digest)))
    ]


def _waiting(kind: ChainedKind) -> set[str]:
    """The streams of the oldest rows without a place."""
    if not kind.field:
        return {kind.prefix} if kind.unlinked().exists() else set()
    return {kind.name(value) for value in kind.unlinked().values_list(kind.field, flat=True)[:_SOME]}
