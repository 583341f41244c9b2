"""What comes by itself, at its date, once."""

import datetime as dt

import pytest

from tests.conftest import FrozenClock
from tests.support import integrators, people
from tests.support.integrators import active, fresh, given
from tests.support.races import race
from varco import clock
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.integrators import dates, schedule, services
from varco.integrators.models import IntegratorAccess
from varco.mail.models import Message
from varco.tenants.models import Membership

DAY = 86400


@pytest.fixture(autouse=True)
def _standing(frozen: FrozenClock) -> None:
    """All of this is about days."""


def at(frozen: FrozenClock, moment: int) -> None:
    frozen.milliseconds = moment * 1000
    schedule.run()


def warned(to: str = integrators.EMAIL) -> list[str]:
    found = Message.objects.filter(to=to, subject__contains="ends").order_by("pk")
    return [
        subject.removeprefix("Access to Clinic Aurora ends ") for subject in found.values_list("subject", flat=True)
    ]


def busy(user: User, frozen: FrozenClock, until: int) -> None:
    """They do something every week, so that nothing here is about idling."""
    while frozen.seconds < until:
        frozen.advance(6 * DAY)
        record(Tag.ACCOUNT_SIGNED_IN, Origin(user), user=user)


def test_both_sides_are_warned_14_3_and_0_days_before_in_the_morning(db: None, frozen: FrozenClock) -> None:
    access, user = active(days=40)
    for days in (14, 3, 0):
        morning = dates.morning_of(access.last_day - dt.timedelta(days=days), integrators.ZONE)
        busy(user, frozen, morning - 7 * DAY)
        at(frozen, morning - 1)
        before = len(warned())
        at(frozen, morning)
        schedule.run()
        assert len(warned()) == before + 1
    told = ["in 14 days", "in 3 days", "today"]
    assert warned() == warned("marta@aurora.example") == told
    at(frozen, access.ends_at - 1)
    assert fresh(access).state == "active"
    at(frozen, access.ends_at)
    assert (fresh(access).state, fresh(access).end_reason) == ("ended", "expired")


def test_a_short_one_is_not_warned_of_what_lies_behind_it_and_a_longer_one_is_warned_anew(
    db: None, frozen: FrozenClock
) -> None:
    access, _user = active(days=5)
    schedule.run()
    assert warned() == []
    at(frozen, dates.morning_of(access.last_day - dt.timedelta(days=3), integrators.ZONE))
    assert warned() == ["in 3 days"]
    support = User.objects.get(platform_role="support")
    services.extend(access, Origin(support), last_day=access.last_day + dt.timedelta(days=20))
    at(frozen, dates.morning_of(fresh(access).last_day - dt.timedelta(days=14), integrators.ZONE))
    assert warned() == ["in 3 days", "in 14 days"]


def test_after_a_long_stop_one_warning_is_sent_and_not_three(db: None, frozen: FrozenClock) -> None:
    access, user = active(days=40)
    frozen.advance(37 * DAY)
    record(Tag.ACCOUNT_SIGNED_IN, Origin(user), user=user)
    schedule.run()
    assert warned() == ["in 3 days"]
    assert fresh(access).warned_days == 3


def test_whoever_does_nothing_for_30_days_is_warned_and_a_week_later_it_ends(db: None, frozen: FrozenClock) -> None:
    access, user = active(days=200)
    begun = clock.now()
    at(frozen, begun + 20 * DAY)
    record(Tag.PATIENT_READ, Origin(user), user=user, tenant=access.tenant)  # used: it counts from here
    at(frozen, begun + 50 * DAY - 1)
    assert not Message.objects.filter(subject__contains="not used").exists()
    at(frozen, begun + 50 * DAY)
    assert set(Message.objects.filter(subject__contains="not used").values_list("to", flat=True)) == {
        integrators.EMAIL, "marta@aurora.example",
    }  # fmt: skip
    at(frozen, begun + 57 * DAY - 1)
    assert fresh(access).state == "active"
    at(frozen, begun + 57 * DAY)
    assert fresh(access).end_reason == "idle"


def test_use_after_the_warning_keeps_it(db: None, frozen: FrozenClock) -> None:
    access, user = active(days=200)
    begun = clock.now()
    at(frozen, begun + 30 * DAY)
    at(frozen, begun + 33 * DAY)
    record(Tag.ACCOUNT_SIGNED_IN, Origin(user), user=user)
    at(frozen, begun + 37 * DAY)
    assert (fresh(access).state, fresh(access).last_used_at) == ("active", begun + 33 * DAY)
    at(frozen, begun + 63 * DAY)
    assert Message.objects.filter(to=integrators.EMAIL, subject__contains="not used").count() == 2


def test_every_90_days_the_manager_confirms_it_or_it_ends(db: None, frozen: FrozenClock) -> None:
    access, user = active(days=300)
    begun = clock.now()
    busy(user, frozen, begun + 70 * DAY)
    at(frozen, begun + 76 * DAY)
    (mail,) = Message.objects.filter(subject__startswith="Still needed?")
    assert mail.to == "marta@aurora.example"
    services.confirm(access, Origin(access.asked_by))
    again = clock.now()
    busy(user, frozen, again + 84 * DAY)
    at(frozen, again + 89 * DAY)
    assert Message.objects.filter(subject__startswith="Still needed?").count() == 2
    assert fresh(access).state == "active"
    at(frozen, again + 90 * DAY)
    assert fresh(access).end_reason == "unconfirmed"


def test_an_invitation_that_nobody_accepted_ends_on_its_last_day(db: None, frozen: FrozenClock) -> None:
    access = given(days=3)
    at(frozen, access.ends_at)
    assert (fresh(access).state, fresh(access).report["calls"]) == ("ended", 0)


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_the_end_is_at_local_midnight_on_the_days_the_clocks_change(db: None, frozen: FrozenClock, day: str) -> None:
    wanted = dt.date.fromisoformat(day)
    frozen.milliseconds = dates.beginning_of(wanted - dt.timedelta(days=2), integrators.ZONE) * 1000
    access, user = active(days=2)
    assert access.last_day == wanted
    at(frozen, dates.beginning_of(wanted + dt.timedelta(days=1), integrators.ZONE) - 2)
    assert Membership.objects.get(user=user).active
    at(frozen, dates.beginning_of(wanted + dt.timedelta(days=1), integrators.ZONE) - 1)
    assert fresh(access).state == "ended"


def test_what_is_due_is_done_once_however_many_workers_there_are(transactional_db: None, frozen: FrozenClock) -> None:
    accesses = [given(days=20, email=f"i{number}@integra.example") for number in range(6)]
    frozen.milliseconds = dates.morning_of(accesses[0].last_day - dt.timedelta(days=14), integrators.ZONE) * 1000
    race(lambda _number: schedule.run(), 6)
    for access in accesses:
        assert warned(access.email) == ["in 14 days"]
    frozen.milliseconds = accesses[0].ends_at * 1000
    race(lambda _number: schedule.run(), 6)
    assert Event.objects.filter(tag="integrator.ended").count() == 6
    assert IntegratorAccess.objects.filter(due_at__isnull=False).count() == 0


def test_one_that_fails_keeps_no_other_from_its_turn(
    transactional_db: None, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = given(days=3, email="a@integra.example"), given(days=3, email="b@integra.example")
    frozen.milliseconds = first.ends_at * 1000
    whole = schedule.perform
    done: list[int] = []

    def act(claimed: IntegratorAccess) -> None:
        if claimed.pk == first.pk and not done:
            done.append(claimed.pk)
            raise RuntimeError("a bug")
        whole(claimed)

    monkeypatch.setattr(schedule, "perform", act)
    schedule.run()
    assert (fresh(first).state, fresh(second).state) == ("granted", "ended")
    frozen.advance(600)
    schedule.run()
    assert fresh(first).state == "ended"
    assert people.tenant("Aurora").pk == first.tenant_id
