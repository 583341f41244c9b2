"""A worker killed between the act, its mail and the commit: neither twice nor never."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from tests.conftest import FrozenClock
from tests.support import integrators, people
from tests.support.integrators import active, fresh
from varco import scheduled
from varco.audit.models import Event
from varco.grants.models import Grant
from varco.integrators import schedule
from varco.integrators.services import ending
from varco.mail import notifications, services
from varco.mail.models import Message
from varco.tenants.models import Membership


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before_the_act() -> None:
    schedule.ended = _die  # type: ignore[attr-defined]


def _before_the_mail() -> None:
    notifications.enqueue = _die  # type: ignore[assignment, attr-defined]


def _after_the_first_mail() -> None:
    def once(*given: str, **named: Any) -> None:
        services.enqueue(*given, **named)
        _die()

    notifications.enqueue = once  # type: ignore[assignment, attr-defined]


def _before_the_commit() -> None:
    def whole(*given: Any) -> None:
        _notify(*given)
        if Message.objects.filter(subject__contains="has ended").exists():
            _die()

    _notify = notifications.notify
    ending.notify = whole  # type: ignore[assignment, attr-defined]


def _after_the_commit() -> None:
    act = scheduled._perform

    def then(*given: Any) -> None:
        act(*given)
        _die()

    scheduled._perform = then  # type: ignore[assignment]


@pytest.mark.parametrize(
    "moment", [_before_the_act, _before_the_mail, _after_the_first_mail, _before_the_commit, _after_the_commit]
)
def test_an_end_is_done_and_told_once(transactional_db: None, frozen: FrozenClock, moment: Callable[[], None]) -> None:
    access, user = active(days=2)
    made = people.application(people.davide())
    Grant.objects.create(user=user, application=made.application, tenant=access.tenant, state="active", scopes="openid")
    Message.objects.all().delete()
    frozen.milliseconds = access.ends_at * 1000
    connections.close_all()  # a connection is one process's
    child = os.fork()
    if not child:
        moment()
        schedule.run()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    for _turn in range(2):
        schedule.run()
    assert (fresh(access).state, fresh(access).end_reason) == ("ended", "expired")
    assert Grant.objects.get().state == "ended"
    assert not Membership.objects.filter(user=user).exists()
    told = sorted(Message.objects.filter(subject__contains="ended").values_list("to", flat=True))
    assert told == sorted([integrators.EMAIL, "marta@aurora.example"])
    assert Event.objects.filter(tag="integrator.ended").count() == 1
