"""Coming of age, and who may speak for whom until then."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varco.clinical.consents import Guardian, confirm_from, may_speak, of_age_on, state

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))


@given(birth=DAYS)
def test_eighteen_years_are_whole(birth: dt.date) -> None:
    day = of_age_on(birth)
    assert day.year == birth.year + 18
    assert (day.month, day.day) == (birth.month, birth.day) or (birth.month, birth.day, day.month, day.day) == (
        2,
        29,
        3,
        1,
    )


@given(birth=DAYS, after=st.integers(-9000, 9000), relation=st.sampled_from(["mother", "guardian"]))
def test_a_parent_speaks_until_the_day_before_and_a_court_s_guardian_beyond(
    birth: dt.date, after: int, relation: str
) -> None:
    day = of_age_on(birth) + dt.timedelta(days=after)
    assert may_speak(Guardian(relation, None, None), birth, day) == (relation == "guardian" or after < 0)
    confirm = confirm_from(relation, birth)
    worth = state(withdrawn_on=None, confirmed_on=None, confirm=confirm, today=day)
    assert worth == ("toConfirm" if relation == "mother" and after >= 0 else "given")
    assert state(withdrawn_on=None, confirmed_on=day, confirm=confirm, today=day) == "given"
    assert state(withdrawn_on=day, confirmed_on=day, confirm=confirm, today=day) == "withdrawn"


@pytest.mark.parametrize(("day", "stands"), [(1, False), (2, True), (3, True), (4, False)])
def test_the_first_and_the_last_day_count(day: int, stands: bool) -> None:
    guardian = Guardian("mother", dt.date(2026, 1, 2), dt.date(2026, 1, 3))
    assert may_speak(guardian, None, dt.date(2026, 1, day)) == stands
