"""The clock of the review desk as mail: at half time and when overdue, once each, and silent while nothing is to be answered."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import FrozenClock
from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import desk, schedule, services
from varco.registry.models import Application, Review, Revision

pytestmark = pytest.mark.django_db


def november(day: int, hour: int) -> int:
    return int(datetime(2026, 11, day, hour, tzinfo=ZoneInfo("Europe/Rome")).timestamp()) * 1000


@pytest.fixture
def waiting(frozen: FrozenClock, davide: User, olga: User) -> Revision:
    """Handed in on Monday at ten; half time is Tuesday, and the end Wednesday, both at 18:00."""
    frozen.milliseconds = november(23, 10)
    revision = registrations.submitted(davide)
    Message.objects.all().delete()
    return revision


def mailed() -> list[str]:
    """Who was told what since the last time."""
    found = [f"{message.to.partition('@')[0]}: {message.subject}" for message in Message.objects.order_by("to")]
    Message.objects.all().delete()
    return found


def test_the_desk_is_told_at_half_time_and_when_overdue_once_each(waiting: Revision, frozen: FrozenClock) -> None:
    people.person("Omar", "Other", platform_role="operator")
    seen = []
    for day, hour in ((24, 17), (24, 18), (24, 19), (25, 17), (25, 18), (26, 9), (30, 9)):
        frozen.milliseconds = november(day, hour)
        schedule.run()
        schedule.run()
        seen.append(mailed())
    half, late = (
        [f"{who}: {words}: Agenda Facile" for who in ("olga", "omar")]
        for words in ("Half of the time is over", "Overdue")
    )
    assert seen == [[], half, [], [], late, [], []]


def test_who_has_taken_it_stands_in_the_mail(waiting: Revision, frozen: FrozenClock, olga: User) -> None:
    services.assign(waiting, Origin(olga), to=olga)
    frozen.milliseconds = november(24, 18)
    schedule.run()
    assert "Olga Operator has taken it." in Message.objects.get(to=olga.email).text


def test_after_a_long_standstill_only_that_it_is_overdue_is_told(waiting: Revision, frozen: FrozenClock) -> None:
    frozen.milliseconds = november(30, 9)
    schedule.run()
    assert mailed() == ["olga: Overdue: Agenda Facile"]


@pytest.mark.parametrize("end", ["approve", "request_changes", "withdraw", "retire"])
def test_nobody_is_reminded_of_what_needs_no_answer(
    waiting: Revision, frozen: FrozenClock, davide: User, olga: User, end: str
) -> None:
    acts: dict[str, Callable[[], object]] = {
        "approve": lambda: services.approve(waiting, Origin(olga)),
        "request_changes": lambda: services.request_changes(waiting, Origin(olga), codes=["other"], text="No."),
        "withdraw": lambda: services.withdraw(waiting.application, Origin(davide)),
        "retire": lambda: services.retire(waiting.application, Origin(davide)),
    }
    acts[end]()
    Message.objects.all().delete()
    frozen.milliseconds = november(30, 9)
    assert schedule.run() == 0
    assert mailed() == []


def test_the_next_submission_begins_the_clock_anew(
    waiting: Revision, frozen: FrozenClock, davide: User, olga: User
) -> None:
    frozen.milliseconds = november(25, 9)
    services.request_changes(waiting, Origin(olga), codes=["other"], text="No.")
    application = Application.objects.get(pk=waiting.application_id)
    services.save_draft(application, registrations.registration(scopes=("openid",)), Origin(davide))
    frozen.milliseconds = november(27, 9)  # Friday
    services.submit(application, Origin(davide))
    Message.objects.all().delete()
    seen = []
    for day in (27, 30):
        frozen.milliseconds = november(day, 18)
        schedule.run()
        seen.append(mailed())
    assert seen == [[], ["olga: Half of the time is over: Agenda Facile"]]


def test_what_came_in_before_there_were_reviews_is_reminded_of_too(waiting: Revision, frozen: FrozenClock) -> None:
    Review.objects.all().delete()
    frozen.milliseconds = november(24, 18)
    schedule.run()
    assert mailed() == ["olga: Half of the time is over: Agenda Facile"]
    review = desk.review_of(waiting)
    assert review
    assert review.reminded == Review.Reminded.HALF
