"""Connected applications: confirmed again, or blocked for the clinic until the manager says otherwise."""

import pytest

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.races import race
from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants.models import Consent
from varco.integrators import confirmations, schedule
from varco.integrators.models import ConnectedApplication
from varco.mail.models import Message
from varco.registry import services as registry
from varco.registry.errors import Denied
from varco.registry.models import BlockedApplication

DAY = 86400


@pytest.fixture
def marta(frozen: FrozenClock) -> User:
    return people.marta()


@pytest.fixture
def made(marta: User) -> people.Registered:
    """An application that Dario has connected, and that is counted since now."""
    registered, dario = people.application(people.davide()), people.dario()
    Consent.objects.create(
        user=dario, application=registered.application, tenant=dario.membership.tenant, scopes="openid"
    )
    confirmations.notice_new()
    return registered


def at(frozen: FrozenClock, moment: int) -> None:
    frozen.milliseconds = moment * 1000
    schedule.run()


def test_unconfirmed_it_is_blocked_after_90_days_and_the_managers_are_asked_before(
    db: None, frozen: FrozenClock, made: people.Registered
) -> None:
    begun = clock.now()
    at(frozen, begun + 76 * DAY - 1)
    assert not Message.objects.filter(subject__startswith="Still needed?").exists()
    at(frozen, begun + 76 * DAY)
    schedule.run()
    assert Message.objects.filter(subject__startswith="Still needed?").count() == 1
    at(frozen, begun + 90 * DAY - 1)
    assert not BlockedApplication.objects.exists()
    at(frozen, begun + 90 * DAY)
    block = BlockedApplication.objects.get()
    assert (block.application, block.blocked_by, block.reason) == (made.application, None, "")
    assert Message.objects.filter(subject__startswith="Blocked").count() == 1


def test_once_the_block_is_lifted_it_counts_anew(
    db: None, frozen: FrozenClock, made: people.Registered, marta: User
) -> None:
    at(frozen, clock.now() + 76 * DAY)
    at(frozen, clock.now() + 14 * DAY)
    assert not ConnectedApplication.objects.exists()
    registry.unblock(made.application, Origin(marta))
    confirmations.notice_new()
    assert ConnectedApplication.objects.get().confirmed_at == clock.now()


def test_confirmed_it_stays(db: None, frozen: FrozenClock, made: people.Registered, marta: User) -> None:
    for _round in range(3):
        at(frozen, clock.now() + 80 * DAY)
        confirmations.confirm(made.application, Origin(marta))
        at(frozen, clock.now() + 13 * DAY)
    assert not BlockedApplication.objects.exists()
    assert ConnectedApplication.objects.get().confirmed_by == marta


def test_a_manager_confirms_for_their_own_clinic(db: None, made: people.Registered) -> None:
    for person in (people.silvia(), people.olga()):
        with pytest.raises(Denied):
            confirmations.confirm(made.application, Origin(person))
    confirmations.confirm(made.application, Origin(people.luca()))
    row = ConnectedApplication.objects.get(tenant=people.tenant("Aurora"))
    assert row.confirmed_by is None


def test_what_nobody_uses_any_more_is_forgotten(db: None, frozen: FrozenClock, made: people.Registered) -> None:
    Consent.objects.update(withdrawn_at=clock.now())
    at(frozen, clock.now() + 76 * DAY)
    assert not ConnectedApplication.objects.exists()
    assert not Message.objects.filter(subject__startswith="Still").exists()


def test_a_worker_that_stood_still_asks_before_it_blocks(
    db: None, frozen: FrozenClock, made: people.Registered
) -> None:
    at(frozen, clock.now() + 200 * DAY)
    schedule.run()
    assert not BlockedApplication.objects.exists()
    at(frozen, clock.now() + 7 * DAY)
    assert BlockedApplication.objects.exists()


def test_many_workers_begin_to_count_once(transactional_db: None, frozen: FrozenClock) -> None:
    registered, dario = people.application(people.davide()), people.dario()
    Consent.objects.create(
        user=dario, application=registered.application, tenant=dario.membership.tenant, scopes="openid"
    )
    race(lambda _number: confirmations.notice_new(), 6)
    assert ConnectedApplication.objects.count() == 1
