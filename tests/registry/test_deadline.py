"""Two business days, in the portal's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from varco.registry.deadline import due_at

ROME = ZoneInfo("Europe/Rome")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ROME).timestamp())


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-11-23 10:00", "2026-11-25 10:00"),  # Monday → Wednesday
        ("2026-11-26 10:00", "2026-11-30 10:00"),  # Thursday → Monday
        ("2026-11-27 23:59", "2026-12-01 23:59"),  # Friday night → Tuesday night
        ("2026-11-28 12:00", "2026-12-02 00:00"),  # Saturday counts as Monday 00:00
        ("2026-11-29 23:59", "2026-12-02 00:00"),  # so does Sunday
        ("2026-03-27 10:00", "2026-03-31 10:00"),  # over the change to summer time
    ],
)
def test_saturdays_and_sundays_do_not_count(submitted: str, due: str) -> None:
    assert due_at(at(submitted)) == at(due)
