"""Walking a stream, and naming the first row with which something is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from varco.chains import digest
from varco.chains.heads import Head
from varco.chains.kinds import ChainedKind

CHUNK = 2000
"""Rows read at once."""


class Wrong(StrEnum):
    """What may be wrong with a row, or with what stands beside the rows."""

    ALTERED = "altered"
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "re-ordered"
    INDEX = "index altered"  # what was derived from the row does not fit it
    HEAD = "head"
    STATE = "end altered"


class Fault(NamedTuple):
    """The first thing that is wrong with a stream. `row` is a primary key, 0 where it is gone or not a row's fault."""

    wrong: Wrong
    seq: int
    row: int
    detail: str


@dataclass(slots=True)
class Verdict:
    """What a walk found. `rows` were walked, from the place after `cut`; `waiting` have no place yet."""

    stream: str
    cut: int = 0
    rows: int = 0
    heads: int = 0
    waiting: int = 0
    fault: Fault | None = None
    seen: tuple[int, bytes] = field(default=(0, digest.BEGINNING))


class _Row(NamedTuple):
    seq: int
    digest: bytes
    pk: int
    values: Mapping[str, Any]

    def follows(self, key: bytes, stream: str, seq: int, before: bytes) -> bool:
        """Whether it is the row of a place after a digest."""
        words = [self.pk, *self.values.values()]
        return digest.same(self.digest, digest.link(key, stream, seq, before, words))


def streams(kind: ChainedKind) -> set[str]:
    """Every stream that has an end or rows."""
    found = set(kind.states().values_list("stream", flat=True))
    if not kind.field:
        return found | {kind.prefix}
    return found | {kind.name(value) for value in kind.records().values_list(kind.field, flat=True).distinct()}


def verify(kind: ChainedKind, stream: str, key: bytes, heads: Sequence[Head]) -> Verdict:
    """Walk one stream from its cut to its end. `heads` are those of the stream, whatever their order."""
    verdict = Verdict(stream)
    start = max((head for head in heads if head.cut and not head.fault), default=None)
    if start:
        verdict.cut, verdict.seen = start.seq, (start.seq, start.digest)
    state = kind.states().filter(pk=stream).first()
    verdict.fault = _walk(kind, stream, key, {head.seq: head for head in heads}, verdict)
    verdict.waiting = kind.of_stream(stream).filter(seq=None).count()
    if verdict.fault is None:
        verdict.fault = _end(key, stream, state, verdict, heads)
    return verdict


def _walk(kind: ChainedKind, stream: str, key: bytes, heads: Mapping[int, Head], verdict: Verdict) -> Fault | None:
    for chunk in _chunks(kind, stream, verdict.cut):
        for row in chunk:
            seq, before = verdict.seen
            if row.seq > seq + 1:
                return _gap(seq + 1, row)
            if row.seq != seq + 1:
                return Fault(Wrong.INSERTED, row.seq, row.pk, "a second row stands at its place")
            if not row.follows(key, stream, seq + 1, before):
                return _misfit(kind, stream, key, row, before)
            head = heads.get(row.seq)
            if head and (fault := _head(head, row)):
                return fault
            verdict.heads += head is not None
            verdict.rows += 1
            verdict.seen = row.seq, row.digest
        if (pk := kind.derived([(row.pk, row.values) for row in chunk])) is not None:
            place = next(row.seq for row in chunk if row.pk == pk)
            return Fault(Wrong.INDEX, place, pk, "the index by patient does not say what the row says")
    return None


def _gap(seq: int, after: _Row) -> Fault:
    number = after.seq - seq
    return Fault(Wrong.REMOVED, seq, 0, "it is gone" if number == 1 else f"it is gone, and {number - 1} more after it")


def _head(head: Head, row: _Row) -> Fault | None:
    if head.fault:
        return Fault(Wrong.HEAD, head.seq, row.pk, head.fault)
    if not digest.same(head.digest, row.digest):
        return Fault(Wrong.HEAD, head.seq, row.pk, "the row is another one than when its place was signed")
    return None


def _misfit(kind: ChainedKind, stream: str, key: bytes, row: _Row, before: bytes) -> Fault:
    """Why a row does not follow the one before it: moved here, put in between, or altered."""
    for chunk in _chunks(kind, stream, 0):
        for other in chunk:
            if other.pk == row.pk or not other.follows(key, stream, row.seq, before):
                continue
            # It stands behind what was put in before it, unless the two have only changed their places.
            if other.seq == row.seq + 1 and not row.follows(key, stream, other.seq, other.digest):
                return Fault(Wrong.INSERTED, row.seq, row.pk, "the row after it is the one that belongs here")
            return Fault(Wrong.MOVED, row.seq, row.pk, f"here belongs row {other.pk}, which stands at {other.seq}")
    return Fault(Wrong.ALTERED, row.seq, row.pk, "its words are not those that were recorded")


def _end(key: bytes, stream: str, state: Any, verdict: Verdict, heads: Sequence[Head]) -> Fault | None:
    """Whether the stream goes as far as it went: as its state says, and every head."""
    seq, last = verdict.seen
    if late := min((head.seq for head in heads if head.seq > seq), default=0):
        return Fault(Wrong.REMOVED, seq + 1, 0, f"everything from here on is gone; place {late} was signed")
    if state is None:
        wrong = seq > verdict.cut or verdict.cut
        return Fault(Wrong.STATE, seq, 0, "nothing says where the stream ends") if wrong else None
    if not digest.same(bytes(state.proof), digest.state(key, stream, state.seq, bytes(state.digest))):
        return Fault(Wrong.STATE, state.seq, 0, "where the stream ends was changed by hand")
    if state.seq > seq:
        return Fault(Wrong.REMOVED, seq + 1, 0, f"the stream ended at {state.seq}")
    if state.seq == seq and not digest.same(bytes(state.digest), last):
        return Fault(Wrong.STATE, seq, 0, "the stream ended with another row")
    return None


def _chunks(kind: ChainedKind, stream: str, after: int) -> Iterator[list[_Row]]:
    """The rows of a stream after a place, in their order."""
    position = (after, 0)
    while True:
        rows = kind.of_stream(stream).filter(seq__gte=position[0], seq__gt=after).order_by("seq", "pk")
        if position[1]:
            rows = rows.exclude(seq=position[0], pk__lte=position[1])
        found = [
            _Row(seq, bytes(stored or b""), pk, dict(zip(kind.columns, values, strict=True)))
            for pk, seq, stored, *values in rows.values_list("pk", "seq", "digest", *kind.columns)[:CHUNK]
        ]
        if not found:
            return
        yield found
        position = found[-1].seq, found[-1].pk
