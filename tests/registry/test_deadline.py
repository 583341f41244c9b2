"""Two business days, in the portal's time zone."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from varco import config
from varco.registry.deadline import due_at, half_at, is_business_day, late_if_before

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
    ("2026-04-02 10:00", "2026-04-07 18:00"),  # Thursday before Easter: Friday counts, Monday does not
    ("2026-12-24 19:00", "2026-12-30 18:00"),  # Christmas Eve after business, a weekend: counts as Monday
    ("2028-10-03 10:00", "2028-10-06 18:00"),  # over the fourth of October, a holiday again since 2026
    ("2024-10-03 10:00", "2024-10-07 18:00"),  # which it was not in 2024
]


@pytest.mark.parametrize(("submitted", "due"), CASES)
def test_a_deadline_ends_when_business_does_and_no_weekend_counts(submitted: str, due: str) -> None:
    assert due_at(at(submitted)) == at(due)


@pytest.mark.parametrize("now", [due for _, due in CASES] + ["2026-11-28 03:00", "2026-03-30 09:00"])
def test_what_is_late_is_found_by_when_it_was_submitted(now: str) -> None:
    border = late_if_before(at(now))
    assert due_at(border - 1) < at(now) <= due_at(border)


def test_half_of_the_time_is_the_end_of_the_first_business_day() -> None:
    assert half_at(at("2026-11-27 10:00")) == at("2026-11-30 18:00")


def test_the_patron_saint_of_the_vendors_place_is_a_holiday_there_alone(settings: Any) -> None:
    ambrose = date(2026, 12, 7)  # a Monday
    assert is_business_day(ambrose)
    settings.VARCO = replace(settings.VARCO, vendor_province="MI")
    assert not is_business_day(ambrose)
    assert due_at(at("2026-12-04 10:00")) == at("2026-12-10 18:00")  # Tuesday, 8 December, is one everywhere


def test_no_time_for_an_answer_is_longer_than_what_is_looked_through(settings: Any) -> None:
    settings.VARCO = replace(settings.VARCO, vendor_province="BO")
    days = [datetime(2026, 1, 1, 19, tzinfo=ROME) + timedelta(days=number) for number in range(365 * 12)]
    due = [due_at(int(day.timestamp())) for day in days]
    assert max(one - day.timestamp() for one, day in zip(due, days, strict=True)) < 21 * 86400
    assert due == sorted(due)


@pytest.mark.parametrize("wrong", ["XX", "mi", "Milano!"])
def test_a_place_without_a_known_saint_is_no_setting(wrong: str) -> None:
    with pytest.raises(config.ConfigError, match="VARCO_VENDOR_PROVINCE"):
        config.load({"VARCO_ISSUER": "https://varco.example", "VARCO_VENDOR_PROVINCE": wrong})
