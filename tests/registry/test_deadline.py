"""Two business days, in the portal's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from varco.registry.deadline import due_at, late_if_before

ROME = ZoneInfo("Europe/Rome")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ROME).timestamp())


CASES = [
    ("2026-11-23 10:00", "2026-11-25 18:00"),  # Monday → Wednesday
    ("2026-11-26 04:52", "2026-11-30 18:00"),  # Thursday, early → Monday, when business ends
    ("2026-11-25 18:00", "2026-11-27 18:00"),  # Wednesday, at the last moment → Friday
    ("2026-11-25 18:01", "2026-11-30 18:00"),  # after it: counts as Thursday → Monday
    ("2026-11-27 23:59", "2026-12-02 18:00"),  # Friday night counts as Monday → Wednesday
    ("2026-11-28 12:00", "2026-12-02 18:00"),  # so does Saturday
    ("2026-11-29 23:59", "2026-12-02 18:00"),  # and Sunday
    ("2026-03-27 10:00", "2026-03-31 18:00"),  # over the change to summer time
]


@pytest.mark.parametrize(("submitted", "due"), CASES)
def test_a_deadline_ends_when_business_does_and_no_weekend_counts(submitted: str, due: str) -> None:
    assert due_at(at(submitted)) == at(due)


@pytest.mark.parametrize("now", [due for _, due in CASES] + ["2026-11-28 03:00", "2026-03-30 09:00"])
def test_what_is_late_is_found_by_when_it_was_submitted(now: str) -> None:
    border = late_if_before(at(now))
    assert due_at(border - 1) < at(now) <= due_at(border)
