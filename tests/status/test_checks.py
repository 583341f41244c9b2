"""What checks find is counted by day, whoever of many workers finds it, also while nothing can be written."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connections

from tests.conftest import FrozenClock
from tests.support.races import race
from tests.support.readable_only import readable_only
from varco.keys import services as keys
from varco.keys.models import SigningKey
from varco.mail.models import Message
from varco.ops import maintenance
from varco.ops.status_checks import check
from varco.status import queries, services
from varco.status.models import CheckedDay, Part, Standing, State
from varco.status.services import Recorder

DAY, HOUR = 86400, 3600
GOOD, DEGRADED, DOWN = State
TODAY = dt.date(2027, 1, 15)  # of the standing clock: 09:00 in Rome


@contextmanager
def away(alias: str, tmp_path: Path) -> Iterator[None]:
    """Meanwhile the database does not answer."""
    connection = connections[alias]
    connection.close()
    before = dict(connection.settings_dict)
    gone = {"NAME": str(tmp_path / "gone")} if connection.vendor == "sqlite" else {"PORT": "1"}
    connection.settings_dict.update(gone)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@pytest.fixture
def _keys(frozen: FrozenClock, db: None) -> None:
    keys.ensure()


@pytest.mark.usefixtures("_keys")
def test_everything_that_works_is_good() -> None:
    assert check(settings.VARCO) == {Part.SIGN_IN: GOOD, Part.CLINICS: GOOD, Part.SANDBOXES: GOOD}


@pytest.mark.usefixtures("_keys")
def test_what_is_read_and_not_written_is_half_good() -> None:
    with readable_only("clinic"):
        found = check(settings.VARCO)
    assert (found[Part.SIGN_IN], found[Part.CLINICS], found[Part.SANDBOXES]) == (GOOD, DEGRADED, GOOD)


@pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])
def test_what_does_not_answer_is_down(transactional_db: None, frozen: FrozenClock, tmp_path: Path) -> None:
    keys.ensure()
    with away("sandbox", tmp_path):
        assert check(settings.VARCO) == {Part.SIGN_IN: GOOD, Part.CLINICS: GOOD, Part.SANDBOXES: DOWN}
    with away("default", tmp_path):
        assert check(settings.VARCO) == {Part.SIGN_IN: DOWN, Part.CLINICS: GOOD, Part.SANDBOXES: GOOD}


@pytest.mark.usefixtures("_keys")
def test_without_a_key_nobody_signs_in() -> None:
    SigningKey.objects.all().delete()
    assert check(settings.VARCO)[Part.SIGN_IN] == DOWN


@pytest.mark.usefixtures("_keys")
def test_a_database_that_goes_away_while_it_is_looked_at_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_now: int) -> list[str]:
        raise DatabaseError

    monkeypatch.setattr("varco.keys.queries.unsigned", gone)
    assert check(settings.VARCO) == {Part.SIGN_IN: DOWN, Part.CLINICS: GOOD, Part.SANDBOXES: GOOD}


@pytest.mark.usefixtures("_keys")
def test_mail_that_waits_too_long_is_half_good_where_there_is_a_server_for_it(frozen: FrozenClock) -> None:
    mailing = replace(settings.VARCO, smtp_url="smtp://mail.example", demo=False)
    assert check(mailing)[Part.MAIL] == GOOD
    Message.objects.create(to="a@b.example", subject="x", sealed_text="", next_try_at=frozen.seconds - 901)
    assert check(mailing)[Part.MAIL] == DEGRADED
    assert Part.MAIL not in check(replace(mailing, demo=True))


def days(part: Part = Part.CLINICS) -> dict[dt.date, queries.Day]:
    (found,) = [each for each in queries.history() if each.part is part]
    return {day.date: day for day in found.days}


def test_a_day_has_its_worst_state_and_the_share_of_good_checks(db: None, frozen: FrozenClock) -> None:
    recorder = Recorder()
    for state in (GOOD, DEGRADED, GOOD, GOOD):
        recorder.record({Part.CLINICS: state})
    day = days()[TODAY]
    assert (day.state, day.share) == (DEGRADED, 75)
    recorder.record({Part.CLINICS: DOWN})
    assert (days()[TODAY].state, days()[TODAY].share) == (DOWN, 60)
    (part,) = queries.history()
    assert (part.state, part.share, len(part.days)) == (DOWN, 60, 90)
    assert part.days[-1].date == TODAY
    assert {day.state for day in part.days[:-1]} == {None}


def test_since_when_it_stands_so(db: None, frozen: FrozenClock) -> None:
    recorder, begun = Recorder(), frozen.seconds
    for state, since in ((GOOD, 0), (GOOD, 0), (DOWN, 120), (DOWN, 120), (GOOD, 240)):
        recorder.record({Part.MAIL: state})
        standing = Standing.objects.get()
        assert (standing.state, standing.since - begun, standing.checked_at) == (state, since, frozen.seconds)
        frozen.advance(60)
    assert queries.history()[0].state == GOOD
    frozen.advance(queries.STALE)
    assert queries.history()[0].state is None, "nobody has looked for five minutes"


def test_a_day_is_one_of_rome(db: None, frozen: FrozenClock) -> None:
    recorder = Recorder()
    frozen.advance(14 * HOUR + 3599)  # 22:59:59 UTC
    recorder.record({Part.CLINICS: GOOD})
    frozen.advance(1)
    recorder.record({Part.CLINICS: GOOD})
    assert set(CheckedDay.objects.values_list("day", flat=True)) == {TODAY, TODAY + dt.timedelta(days=1)}


def test_hours_in_which_nobody_checked_are_told_from_the_first_check_on(db: None, frozen: FrozenClock) -> None:
    recorder = Recorder()
    recorder.record({Part.CLINICS: GOOD})  # between 9 and 10
    frozen.advance(5 * HOUR)
    assert days()[TODAY].unchecked == 4  # from 10 to 14
    recorder.record({Part.CLINICS: GOOD})
    frozen.advance(DAY)
    found = days()
    assert found[TODAY].unchecked == 4 + 9  # and from 15 on
    assert found[TODAY - dt.timedelta(days=1)].unchecked == 0
    tomorrow = found[TODAY + dt.timedelta(days=1)]
    assert (tomorrow.state, tomorrow.unchecked) == (None, 14)


def test_what_was_found_while_nothing_could_be_written_is_written_afterwards(
    transactional_db: None, frozen: FrozenClock, tmp_path: Path
) -> None:
    recorder = Recorder()
    for _minute in range(3):
        with away("default", tmp_path), pytest.raises(DatabaseError):
            recorder.record({Part.SIGN_IN: DOWN})
        frozen.advance(60)
    assert not CheckedDay.objects.exists()
    recorder.record({Part.SIGN_IN: GOOD})
    recorder.record({Part.SIGN_IN: GOOD})
    row = CheckedDay.objects.get()
    assert (row.down, row.good) == (3, 2)


def test_it_waits_in_bounded_memory(transactional_db: None, frozen: FrozenClock, tmp_path: Path) -> None:
    recorder = Recorder()
    with away("default", tmp_path):
        for _day in range(services.MOST_WAITING + 5):
            with pytest.raises(DatabaseError):
                recorder.record({Part.SIGN_IN: DOWN})
            frozen.advance(DAY)
    recorder.record({Part.SIGN_IN: GOOD})
    assert CheckedDay.objects.count() == services.MOST_WAITING


def test_workers_that_check_at_one_moment_all_count(transactional_db: None, frozen: FrozenClock) -> None:
    def found(number: int) -> dict[Part, State]:
        parts = list(Part) if number % 2 else list(reversed(Part))
        return dict.fromkeys(parts, GOOD if number % 3 else DOWN)

    race(lambda number: Recorder().record(found(number)), 12)
    assert list(CheckedDay.objects.values_list("good", "down").distinct()) == [(8, 4)]
    assert CheckedDay.objects.count() == Standing.objects.count() == len(Part)


def test_ninety_days_are_kept(db: None, frozen: FrozenClock) -> None:
    for back in (0, 89, 90, 200):
        CheckedDay.objects.create(part=Part.MAIL.value, day=TODAY - dt.timedelta(days=back), good=1)
    assert maintenance.sweep()["days of the status page"] == 2
    assert CheckedDay.objects.count() == 2


def test_the_upkeep_checks_and_leaves_no_run_for_it(transactional_db: None, frozen: FrozenClock) -> None:
    keys.ensure()
    step = maintenance.StatusChecks(settings.VARCO)
    assert step.check() is None  # type: ignore[func-returns-value] # what did nothing leaves no run
    assert {each.part: each.state for each in queries.history()} == dict.fromkeys(
        [Part.SIGN_IN, Part.CLINICS, Part.SANDBOXES], GOOD
    )
