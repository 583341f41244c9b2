"""Giving committed rows their places in the chains. Any number of processes may do it; one at a time does."""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import connections, transaction

from varco.chains import digest
from varco.chains.kinds import ChainedKind

BATCH = 1000
"""Rows linked in one transaction. On SQLite it holds the write lock for some ten milliseconds."""

_LOCK = 0x5641_5243_4F48  # "VARCOH", a PostgreSQL advisory lock of each database

_log = logging.getLogger("varco.audit")


class State:
    """The end of a stream while rows are linked to it."""

    def __init__(self, stream: str, seq: int = 0, last: bytes = digest.BEGINNING) -> None:
        self.stream = stream
        self.seq = seq
        self.last = last

    def add(self, key: bytes, values: Sequence[Any]) -> tuple[int, bytes]:
        """Place and digest of the next row."""
        self.seq += 1
        self.last = digest.link(key, self.stream, self.seq, self.last, values)
        return self.seq, self.last


def link(kind: ChainedKind, key: bytes) -> int:
    """Link the oldest rows that have no place, at most `BATCH`, and return how many have one now.

    Rows of a stream whose end does not prove itself stay without: what is wrong there must not be built upon. However many they are,
    they keep no other stream waiting.
    """
    if not kind.unlinked().exists():
        return 0  # without taking the lock of writers
    table = kind.model._meta.db_table
    with transaction.atomic(using=kind.alias):
        lock(kind)
        rows, streams, states = _waiting(kind, key)
        places = [(*states[streams[pk]].add(key, [pk, *row.values()]), pk) for pk, row in rows if streams[pk] in states]
        with connections[kind.alias].cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET seq = %s, digest = %s WHERE id = %s", places)  # noqa: S608 - our table
        kind.linked([(pk, row) for pk, row in rows if streams[pk] in states])
        for state in states.values():
            _keep(kind, key, state)
    return len(places)


Rows = list[tuple[int, dict[str, Any]]]


def _waiting(kind: ChainedKind, key: bytes) -> tuple[Rows, dict[int, str], dict[str, State]]:
    """The oldest rows without a place, the stream of each, and the ends of those streams that prove themselves.

    Where a batch is full, rows of streams that are stuck make room for those behind them.
    """
    stuck: set[str] = set()
    while True:
        unlinked = kind.unlinked()
        if stuck:
            unlinked = unlinked.exclude(**{f"{kind.field}__in": [kind.value(stream) for stream in stuck]})
        found = list(unlinked[:BATCH].values_list("pk", *kind.columns))
        rows = [(values[0], dict(zip(kind.columns, values[1:], strict=True))) for values in found]
        streams = {pk: kind.name(row[kind.field] if kind.field else "") for pk, row in rows}
        states = _states(kind, key, set(streams.values()))
        more = set(streams.values()) - states.keys()
        if not more or not kind.field or len(found) < BATCH:
            return rows, streams, states
        stuck |= more


def lock(kind: ChainedKind) -> None:
    """Keep others from linking and cutting in this database until the transaction is over. SQLite's begin with the write lock."""
    if kind.is_postgres:
        with connections[kind.alias].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _states(kind: ChainedKind, key: bytes, streams: set[str]) -> dict[str, State]:
    """The ends of streams, new ones at their beginning; without those that do not prove themselves."""
    states = {stream: State(stream) for stream in streams}
    for row in kind.states().filter(pk__in=streams):
        if digest.same(bytes(row.proof), digest.state(key, row.stream, row.seq, bytes(row.digest))):
            states[row.stream] = State(row.stream, row.seq, bytes(row.digest))
        else:
            del states[row.stream]
            _log.error(
                "the end of the stream %s was changed by hand: nothing is linked to it; run `varco audit verify`",
                row.stream,
                extra={"stream": row.stream},
            )
    return states


def _keep(kind: ChainedKind, key: bytes, state: State) -> None:
    kind.states().update_or_create(
        stream=state.stream,
        defaults={
            "seq": state.seq,
            "digest": state.last,
            "proof": digest.state(key, state.stream, state.seq, state.last),
        },
    )
