"""Days of a clinic: 23:59:59 by its own clocks, on the days of their changes too."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from varco.integrators import dates

ROME = "Europe/Rome"


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        ("2027-01-15", "2027-01-15T22:59:59"),
        ("2027-03-27", "2027-03-27T22:59:59"),  # the night after it the clocks go forward
        ("2027-03-28", "2027-03-28T21:59:59"),  # the day on which they did
        ("2027-10-30", "2027-10-30T21:59:59"),
        ("2027-10-31", "2027-10-31T22:59:59"),  # they went back
        ("2028-02-29", "2028-02-29T22:59:59"),
    ],
)
def test_a_day_ends_at_the_last_second_of_its_own_clocks(day: str, utc: str) -> None:
    end = dates.end_of(dt.date.fromisoformat(day), ROME)
    assert dt.datetime.fromtimestamp(end, dt.UTC).isoformat() == f"{utc}+00:00"
    assert dt.datetime.fromtimestamp(end, ZoneInfo(ROME)).isoformat()[:19] == f"{day}T23:59:59"
    assert dates.today(end, ROME).isoformat() == day
    assert dates.today(end + 1, ROME) == dt.date.fromisoformat(day) + dt.timedelta(days=1)
    assert dates.beginning_of(dt.date.fromisoformat(day) + dt.timedelta(days=1), ROME) == end + 1


def test_where_clocks_go_back_over_midnight_the_day_ends_the_second_time() -> None:
    day = dt.date(2026, 10, 24)  # in Nuuk it is 23:59:59 twice: they go from 00:00 back to 23:00
    end = dates.end_of(day, "America/Nuuk")
    assert dates.today(end + 1, "America/Nuuk") == day + dt.timedelta(days=1)


def test_twelve_months_are_the_same_day_of_the_next_year() -> None:
    assert dates.latest_day(dt.date(2027, 5, 3)) == dt.date(2028, 5, 3)
    assert dates.latest_day(dt.date(2028, 2, 29)) == dt.date(2029, 2, 28)
