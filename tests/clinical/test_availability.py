"""Free slots start at local hours and last their time, on every day, also when the clocks change; a rule that empties a day is named."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varco.clinical.agenda.availability import Agenda, Block, Clinic, Closure, Emptied, Exceptional, Look, Need, Slot
from varco.clinical.agenda.local_days import Span, local_day, united, without

ROME = ZoneInfo("Europe/Rome")
CHANGES = [dt.date(2026, 3, 29), dt.date(2026, 10, 25), dt.date(2027, 3, 28), dt.date(2027, 10, 31)]
PLAIN = dt.date(2027, 4, 13)  # a Tuesday
LONG_AGO = 1_700_000_000
EVERY_DAY = tuple(Block(weekday, 0, 1440) for weekday in range(1, 8))


def at(day: dt.date, hour: int, minute: int = 0, fold: int = 0) -> int:
    return int(dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=ROME, fold=fold).timestamp())


def look(taken: dict[int, Sequence[Span]] | None = None, now: int = LONG_AGO, **need: Sequence[Agenda]) -> Look:
    return Look(Clinic(ROME, "12-07"), Need(11, **need), taken or {}, now)


def hours(opens: int, closes: int, **rules: Any) -> Agenda:
    blocks = tuple(Block(weekday, opens * 60, closes * 60) for weekday in range(1, 8))
    return Agenda(7, blocks=blocks, horizon_days=9999, **rules)


def clock(slots: Sequence[Slot]) -> list[str]:
    return [f"{dt.datetime.fromtimestamp(slot.start, ROME):%H:%M%z}" for slot in slots]


def test_in_march_the_hour_that_is_left_out_has_no_slot() -> None:
    day = dt.date(2026, 3, 29)
    assert clock(look().slots(hours(1, 4, minutes=30, step=30), day)) == [
        "01:00+0100",
        "01:30+0100",
        "03:00+0200",
        "03:30+0200",
    ]
    # One that begins before the change lasts its time: at 1:30 and an hour it is 3:30.
    long = look().slots(hours(1, 4, minutes=60, step=30), day)
    assert [slot.end - slot.start for slot in long] == [3600] * 3
    assert look().slots(hours(2, 3, minutes=15), day) == []


def test_in_october_the_hour_that_comes_twice_has_its_slots_twice() -> None:
    day = dt.date(2026, 10, 25)
    found = clock(look().slots(hours(2, 4, minutes=30, step=30), day))
    assert found == ["02:00+0200", "02:30+0200", "02:00+0100", "02:30+0100", "03:00+0100", "03:30+0100"]
    # What takes one 2:30 leaves the other.
    first, second = at(day, 2, 30), at(day, 2, 30, fold=1)
    assert second - first == 3600
    left = look({7: [(first, first + 1800)]}).slots(hours(2, 3, minutes=30, step=30), day)
    assert [slot.start for slot in left] == [at(day, 2), at(day, 2, 0, fold=1), second]


@settings(max_examples=40, deadline=None)
@given(
    day=st.sampled_from([*CHANGES, PLAIN]),
    opens=st.integers(0, 1435),
    length=st.integers(5, 1440),
    step=st.integers(1, 120),
    minutes=st.integers(1, 180),
    lead=st.integers(0, 600),
    buffer=st.integers(0, 30),
    busy=st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 90)), max_size=4),
)
def test_every_slot_keeps_every_rule_and_can_be_booked(  # noqa: PLR0917 - hypothesis gives them by name
    day: dt.date, opens: int, length: int, step: int, minutes: int, lead: int, buffer: int, busy: list[tuple[int, int]]
) -> None:
    start, closes = local_day(ROME, day).start, min(1440, opens + length)
    taken = united((start + begin * 60, start + (begin + lasts) * 60) for begin, lasts in busy)
    blocks = tuple(Block(weekday, opens, closes) for weekday in range(1, 8))
    agenda = Agenda(7, minutes=minutes, step=step, lead=lead, buffer=buffer, horizon_days=9, blocks=blocks)
    seen = Look(
        Clinic(ROME, closures=[Closure(day, day, "", is_open=True)]), Need(11), {7: taken}, start
    )  # Easter is 28 March
    slots = seen.slots(agenda, day)
    for slot in slots:
        shown = dt.datetime.fromtimestamp(slot.start, ROME)
        minute = shown.hour * 60 + shown.minute
        assert opens <= minute < closes
        assert (minute - opens) % step == 0
        assert slot.start >= start + lead * 60
        assert slot.end - slot.start == minutes * 60
        last = dt.datetime.fromtimestamp(slot.end - 60, ROME)
        assert opens <= last.hour * 60 + last.minute < closes
        assert all(slot.end + buffer * 60 <= begin or end <= slot.start for begin, end in taken)
        assert seen.bookable(agenda, slot.start) == slot
    # Whatever could be booked and stands on the grid is among them.
    whole = range(start, local_day(ROME, day).end, 60)
    grid = [
        at
        for at in whole
        if (local := dt.datetime.fromtimestamp(at, ROME)) and (local.hour * 60 + local.minute - opens) % step == 0
    ]
    assert [slot.start for slot in slots] == [at for at in grid if isinstance(seen.bookable(agenda, at), Slot)]
    assert (seen.emptied(agenda, day) is None) == bool(slots)


NOON = at(PLAIN, 12)
EMPTIED = {
    "inactive": (look(), hours(9, 13)._replace(active=False)),
    "no_hours": (look(), Agenda(7, blocks=[Block(1, 540, 780)])),
    "too_short": (look(), hours(9, 10, minutes=61)),
    "treatment_not_in_hours": (look(), Agenda(7, blocks=[Block(2, 540, 780, treatments=frozenset({12}))])),
    "break": (look(), Agenda(7, blocks=[Block(2, 540, 780), Block(2, 500, 800, is_break=True)])),
    "exception": (look(), hours(9, 13)._replace(exceptions=[Exceptional(PLAIN, PLAIN, 0, 1440, is_open=False)])),
    "past": (look(now=at(PLAIN, 13)), hours(9, 13)),
    "lead": (look(now=NOON), hours(9, 14, lead=120)),
    "horizon": (look(now=at(PLAIN, 8) - 86_400 * 30), hours(9, 13)._replace(horizon_days=29)),
    "daily_cap": (look({7: [(at(PLAIN, 9), at(PLAIN, 10))]}), hours(9, 13, daily_cap=1)),
    "booked": (look({7: [(at(PLAIN, 9), at(PLAIN, 12, 45))]}), hours(9, 13)),
    "no_room": (look({21: [(at(PLAIN, 0), at(PLAIN, 23))]}, rooms=[Agenda(21, "room")]), hours(9, 13)),
    "no_machine": (look(machines=[Agenda(31, "machine", active=False)]), hours(9, 13)),
}  # fmt: skip


@pytest.mark.parametrize("rule", EMPTIED)
def test_the_rule_that_emptied_a_day_is_named(rule: str) -> None:
    seen, agenda = EMPTIED[rule]
    assert seen.slots(agenda, PLAIN) == []
    assert seen.emptied(agenda, PLAIN) == Emptied(rule)
    refused = seen.bookable(agenda, at(PLAIN, 9, 30))
    assert isinstance(refused, Emptied)


def test_holidays_the_patron_saint_and_closures_empty_a_day_unless_the_clinic_says_that_it_works() -> None:
    monday, patron = dt.date(2027, 3, 29), dt.date(2027, 12, 7)
    agenda = hours(9, 13)
    assert look().emptied(agenda, monday) == Emptied("holiday", "Easter Monday")
    assert look().emptied(agenda, patron) == Emptied("holiday", "Patron saint")
    own = Clinic(
        ROME, "12-07", [Closure(monday, monday, "", is_open=True), Closure(PLAIN, PLAIN, "Works", is_open=False)]
    )
    seen = Look(own, Need(11), {}, LONG_AGO)
    assert seen.emptied(agenda, monday) is None
    assert seen.emptied(agenda, PLAIN) == Emptied("closure", "Works")
    assert seen.emptied(agenda, patron) == Emptied("holiday", "Patron saint")


def test_validity_exceptions_and_breaks_shape_a_day() -> None:
    blocks = [
        Block(2, 540, 600, valid_to=PLAIN - dt.timedelta(days=1)),
        Block(2, 600, 720, valid_from=PLAIN, valid_to=PLAIN),
        Block(2, 660, 690, is_break=True),
    ]
    agenda = Agenda(7, minutes=30, step=30, horizon_days=9999, blocks=blocks)
    assert clock(look().slots(agenda, PLAIN)) == ["10:00+0200", "10:30+0200", "11:30+0200"]
    assert clock(look().slots(agenda, PLAIN - dt.timedelta(days=7))) == ["09:00+0200", "09:30+0200"]
    more = agenda._replace(exceptions=[Exceptional(PLAIN, PLAIN, 900, 930, is_open=True)])
    assert clock(look().slots(more, PLAIN))[-1] == "15:00+0200"


def test_the_first_free_room_and_machine_are_taken_and_their_own_hours_count() -> None:
    afternoon = Agenda(21, "room", blocks=[Block(weekday, 600, 1440) for weekday in range(1, 8)])
    rooms = [afternoon, Agenda(22, "room")]
    seen = look({22: [(at(PLAIN, 9), at(PLAIN, 9, 30))]}, rooms=rooms, machines=[Agenda(31, "machine")])
    slots = seen.slots(hours(9, 11, minutes=30, step=30), PLAIN)
    assert [(slot.room, slot.machine) for slot in slots] == [(22, 31), (21, 31), (21, 31)]
    assert isinstance(seen.bookable(hours(9, 11), at(PLAIN, 10), 22), Slot)
    assert seen.bookable(hours(9, 11), at(PLAIN, 9), 22) == Emptied("no_room")
    assert seen.bookable(hours(9, 11), at(PLAIN, 9), 99) == Emptied("no_room")


def test_spans_are_united_and_taken_away() -> None:
    assert united([(5, 7), (1, 3), (3, 4), (6, 9), (2, 2)]) == [(1, 4), (5, 9)]
    assert without([(0, 10), (20, 30)], [(2, 3), (5, 22), (28, 40)]) == [(0, 2), (3, 5), (22, 28)]
