"""Counting refreshed tokens: a grant has the number of its refresh token, so what it grew by is how often it was refreshed."""

from django.db import transaction

from varco import clock
from varco.grants import queries as grants
from varco.grants.queries import Refreshed
from varco.usage.models import Counted, CountedGrant, DayCount
from varco.usage.records import DAY_MS, KEPT_DAYS, SETTLED_MS, Line, add

SOURCE = "refreshes"
OPERATION = "grant.refreshed"
PART = 500
"""Grants counted in one transaction."""


def count() -> int:
    """Count what was refreshed since the last time, on the day of a grant's last refresh; how often that was."""
    now = clock.now_ms()
    stands, _ = Counted.objects.get_or_create(
        source=SOURCE, defaults={"position": now, "begun_ms": now, "until_ms": now}
    )
    until, counted, after = now - SETTLED_MS, 0, 0
    while part := grants.refreshed(stands.position, until, after=after, limit=PART):
        counted += _count_part(part, stands.begun_ms)
        after = part[-1].id
    Counted.objects.filter(source=SOURCE, position__lt=until).update(position=until, until_ms=until)
    return counted


@transaction.atomic
def _count_part(part: list[Refreshed], begun_ms: int) -> int:
    # Whoever comes second waits here, and finds what the first has counted.
    Counted.objects.select_for_update().get(source=SOURCE)
    known = dict(CountedGrant.objects.filter(pk__in=[grant.id for grant in part]).values_list("pk", "n"))
    # A grant of before counting began, or one not refreshed for so long that it was forgotten, was refreshed at least once.
    fresh_ms = max(begun_ms, clock.now_ms() - KEPT_DAYS * DAY_MS)
    lines, marks = [], []
    for grant in part:
        before = known.get(grant.id, 1 if grant.created_at * 1000 >= fresh_ms else grant.n - 1)
        if grant.n > before:
            day = grant.rotated_at // DAY_MS
            lines.append(Line(grant.application_id, day, DayCount.Kind.TOKEN, OPERATION, 200, grant.n - before))
            marks.append(CountedGrant(grant_id=grant.id, n=grant.n, at=grant.rotated_at))
    CountedGrant.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["grant_id"], update_fields=["n", "at"]
    )
    add(lines)
    return sum(line.number for line in lines)
