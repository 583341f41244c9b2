"""Counting rows that are only added: those after the last one counted, in parts, grouped by the database."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, IntegerField, Max, Min, QuerySet
from django.db.models.functions import Cast

from varco import clock
from varco.audit import queries as audit
from varco.audit.tags import Tag
from varco.clinical.access import records as access
from varco.databases import CLINIC_ALIASES
from varco.usage.models import Counted, DayCount

DAY_MS = 86_400_000
SETTLED_MS = 60_000
"""Rows are counted when they are this old: one with a smaller key may still have been on its way, whoever wrote it."""

PART = 50_000
"""Keys gone through in one step."""

PARTS = 20
"""Steps of a source in one turn, so that nothing else waits long where there is much to catch up with."""

KEPT_DAYS = 61
"""What the lint of registrations looks back over, and today."""

_ADD = """
    INSERT INTO usage_daycount (application_id, day, kind, operation, status, number) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (application_id, day, kind, operation, status) DO UPDATE SET number = usage_daycount.number + excluded.number
"""


class Line(NamedTuple):
    """So many of one thing; in the order of the columns."""

    application_id: int
    day: int
    kind: str
    operation: str
    status: int
    number: int


@dataclass(frozen=True, slots=True)
class Source:
    """A table of records: all its rows, those that count, and by which columns."""

    name: str
    rows: Callable[[], "QuerySet[Any]"]
    counting: Callable[["QuerySet[Any]"], "QuerySet[Any]"]
    columns: tuple[str, ...]
    line: Callable[..., tuple[str, str, int]]  # kind, operation and status, of the columns


def _issued(tag: str) -> tuple[str, str, int]:
    kind = DayCount.Kind.TOKEN if tag == Tag.GRANT_ISSUED else DayCount.Kind.AUTHORIZATION
    return kind, tag, 200


def _called(operation: str) -> tuple[str, str, int]:
    return DayCount.Kind.CALL, operation, 200


def _refused(endpoint: str, status: int) -> tuple[str, str, int]:
    return DayCount.Kind.ERROR, endpoint, status


def _accesses(alias: str) -> Source:
    return Source(alias, lambda: access.every(alias), lambda rows: rows.filter(outcome="ok"), ("operation",), _called)


SOURCES = (
    Source(
        "events",
        audit.every_event,
        lambda rows: rows.filter(
            tag__in=[Tag.CODE_ISSUED, Tag.DEVICE_APPROVED, Tag.GRANT_ISSUED], application_id__isnull=False
        ),
        ("tag",),
        _issued,
    ),
    Source(
        "refusals",
        audit.every_refusal,
        # A device that asks in time is told nothing wrong, and the log's words about itself are no requests.
        lambda rows: rows.filter(application_id__isnull=False, status__gte=400).exclude(
            error__in=("authorization_pending", "trace_incomplete")
        ),
        ("endpoint", "status"),
        _refused,
    ),
    *(_accesses(alias) for alias in CLINIC_ALIASES),
)


def count(source: Source) -> int:
    """Count what has come since the last time, and return how many rows that was."""
    counted = 0
    for _part in range(PARTS):
        lines, more = _count_part(source)
        counted += sum(line.number for line in lines)
        if not more:
            break
    return counted


def _count_part(source: Source) -> tuple[list[Line], bool]:
    """Count the next rows; whether more are waiting. What another server counts meanwhile is left to it."""
    now = clock.now_ms()
    stands, _ = Counted.objects.get_or_create(
        source=source.name, defaults={"position": 0, "begun_ms": now, "until_ms": 0}
    )
    rows = source.rows()
    end, more = _end(rows, stands.position, now - SETTLED_MS)
    lines = list(_lines(source, rows.filter(pk__gt=stands.position, pk__lte=end), now)) if end else []
    with transaction.atomic():
        same = Counted.objects.filter(source=source.name, position=stands.position, until_ms=stands.until_ms)
        until = stands.until_ms if more else max(stands.until_ms, now - SETTLED_MS)
        if not same.update(position=_position(rows, stands.position, end), until_ms=until):
            return [], False
        add(lines)
    return lines, more


def _end(rows: "QuerySet[Any]", after: int, settled_ms: int) -> tuple[int, bool]:
    """Key of the last row to count now, 0 without any; and whether there are more behind."""
    newer = rows.filter(pk__gt=after).order_by()
    last = newer.order_by("pk").values_list("pk", flat=True)[PART - 1 : PART].first()
    part = newer.filter(pk__lte=last) if last else newer
    unsettled = part.filter(at__gt=settled_ms).aggregate(first=Min("pk"))["first"]
    if unsettled is not None:
        before = part.filter(pk__lt=unsettled).aggregate(last=Max("pk"))["last"]
        return before or 0, False
    return last or part.aggregate(last=Max("pk"))["last"] or 0, last is not None


def _position(rows: "QuerySet[Any]", stands: int, end: int) -> int:
    """Where counting goes on. A database restored to before it begins with smaller keys again, which are to count too."""
    if end:
        return end
    return min(stands, rows.aggregate(last=Max("pk"))["last"] or stands)


def _lines(source: Source, rows: "QuerySet[Any]", now: int) -> Iterable[Line]:
    kept = source.counting(rows).filter(at__gte=now - KEPT_DAYS * DAY_MS).order_by()
    day = Cast(F("at") / DAY_MS, IntegerField())
    groups = kept.annotate(day=day).values_list("application_id", "day", *source.columns).annotate(number=Count("pk"))
    for application_id, on, *columns, number in groups:
        yield Line(application_id, on, *source.line(*columns), number)


def add(lines: Iterable[Line]) -> None:
    """Add to the counts of the days, in the caller's transaction."""
    together: dict[tuple[Any, ...], int] = {}
    for line in lines:
        together[line[:-1]] = together.get(line[:-1], 0) + line.number
    if together:
        rows = [
            (*key, number) for key, number in sorted(together.items())
        ]  # in one order, so that no two wait for each other
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)


def sources() -> Mapping[str, Source]:
    """Every source by its name."""
    return {source.name: source for source in SOURCES}
