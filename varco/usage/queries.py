"""Reading what an application did."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Min, QuerySet, Sum

from varco import answer_times, clock
from varco.usage.models import AnswerTime, Counted, DayCount
from varco.usage.records import DAY_MS

DAYS = 30
"""Days shown, today among them."""

MOST = 20
"""Operations, or addresses, that are told apart; those of which there is least stand together."""


@dataclass(slots=True)
class Day:
    """One day (UTC) of an application."""

    date: dt.date
    authorizations: int = 0
    tokens: int = 0
    calls: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """How many answers an operation of the API gave, and the milliseconds within which half and 95 of 100 of them were ready."""

    operation: str
    number: int
    half: float
    most: float


@dataclass(slots=True)
class Usage:
    """What an application did in `DAYS` days; lists begin with what there is most of."""

    days: list[Day]
    counted_until: int  # epoch seconds; 0: nothing was counted yet
    operations: list[tuple[str, int]] = field(default_factory=list)  # calls by operation
    addresses: list[tuple[str, int]] = field(default_factory=list)  # errors by address
    statuses: list[tuple[int, int]] = field(default_factory=list)  # answers by status, 200 for all that went well
    times: list["Times"] = field(
        default_factory=list
    )  # of each operation of the API that was answered, the most used first

    @property
    def total(self) -> Day:
        """All days together, dated as the last."""
        names = ("authorizations", "tokens", "calls", "errors")
        return Day(self.days[-1].date, **{name: sum(getattr(day, name) for day in self.days) for name in names})

    @property
    def any(self) -> bool:
        """Whether it did anything."""
        return bool(self.statuses)


_ATTRIBUTES = {
    DayCount.Kind.AUTHORIZATION: "authorizations",
    DayCount.Kind.TOKEN: "tokens",
    DayCount.Kind.CALL: "calls",
    DayCount.Kind.ERROR: "errors",
}


def usage(application_id: int) -> Usage:
    """What an application did, day by day; four statements."""
    today = clock.now_ms() // DAY_MS
    first = today - DAYS + 1
    days = [Day(_date(number)) for number in range(first, today + 1)]
    mine = DayCount.objects.filter(application_id=application_id, day__gte=first, day__lte=today).order_by()
    for day, kind, number in mine.values_list("day", "kind").annotate(total=Sum("number")):
        setattr(days[day - first], _ATTRIBUTES[DayCount.Kind(kind)], number)
    operations, addresses, statuses = Counter[str](), Counter[str](), Counter[int]()
    for kind, operation, status, number in mine.values_list("kind", "operation", "status").annotate(
        total=Sum("number")
    ):
        if kind == DayCount.Kind.CALL:
            operations[operation] += number
        elif kind == DayCount.Kind.ERROR:
            addresses[operation] += number
        if kind != DayCount.Kind.AUTHORIZATION:  # those are of people, at pages
            statuses[status] += number
    until = Counted.objects.aggregate(until=Min("until_ms"))["until"] or 0
    times = _times(application_id, first, today)
    return Usage(days, until // 1000, _most(operations), _most(addresses), sorted(statuses.items()), times)


def _times(application_id: int, first: int, today: int) -> list[Times]:
    """How long the answers of each operation took, those of which there are most first."""
    found = AnswerTime.objects.filter(application_id=application_id, day__gte=first, day__lte=today).order_by()
    counted: dict[str, dict[int, int]] = {}
    for operation, duration, number in found.values_list("operation", "duration").annotate(total=Sum("number")):
        counted.setdefault(operation, {})[duration] = number
    listed = [
        Times(
            operation,
            sum(classes.values()),
            answer_times.milliseconds_within(classes, 0.5),
            answer_times.milliseconds_within(classes, 0.95),
        )
        for operation, classes in counted.items()
    ]
    return sorted(listed, key=lambda times: (-times.number, times.operation))[:MOST]


def of_week(applications: QuerySet[Any, Any]) -> tuple[int, int]:
    """Calls and errors of some applications, by their keys, in seven days; one statement."""
    first = clock.now_ms() // DAY_MS - 6
    found = DayCount.objects.filter(application_id__in=applications, day__gte=first).order_by()
    numbers = dict(found.values_list("kind").annotate(total=Sum("number")))
    return numbers.get(DayCount.Kind.CALL, 0), numbers.get(DayCount.Kind.ERROR, 0)


def called(application_id: int, days: int) -> set[str]:
    """The operations that an application was answered in so many days, today among them; one statement."""
    first = clock.now_ms() // DAY_MS - days + 1
    calls = DayCount.objects.filter(application_id=application_id, day__gte=first, kind=DayCount.Kind.CALL)
    return set(calls.order_by().values_list("operation", flat=True).distinct())


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    """The largest; the others together, under no name."""
    found = counted.most_common()
    rest = sum(number for _name, number in found[MOST:])
    return found[:MOST] + ([("", rest)] if rest else [])


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)
