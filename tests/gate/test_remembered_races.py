"""What changes while the gate answers an authorization request is not overlooked; what it cannot answer is the portal's."""

import threading
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connections, transaction

from tests.gate.conftest import MakeGate, core_of
from tests.support import people
from tests.support.people import Registered
from tests.support.remembered_world import DECLINED, Change, World, accepted, blocked
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import Consent, Grant
from varco.registry.models import Application
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@pytest.fixture
def world(make_gate: MakeGate, app: Registered, dario: User) -> World:
    return accepted(make_gate, app, dario)


MEANWHILE: list[tuple[str, Change]] = [
    ("the session ends", lambda _world: Session.objects.all().delete()),
    ("the consent is withdrawn", lambda _world: Consent.objects.update(withdrawn_at=1)),
    ("a scope is taken back", lambda _world: Consent.objects.update(scopes="openid profile giponext.patients")),
    ("a claim is taken back", lambda _world: Consent.objects.update(claims="")),
    ("the consent is given for another clinic", lambda _world: Consent.objects.update(tenant=people.tenant("Altrove"))),
    ("the person is locked", lambda world: User.objects.filter(pk=world.dario.pk).update(is_active=False)),
    ("the membership is switched off", lambda _world: Membership.objects.update(active=False)),
    ("the clinic is suspended", lambda _world: Tenant.objects.update(state="suspended")),
    ("the application is blocked", lambda world: blocked(world).__enter__()),
    ("the application is suspended", lambda _world: Application.objects.update(state="suspended")),
    ("the application changes", lambda _world: Application.objects.update(version=77)),
]


@pytest.mark.parametrize(("what", "change"), MEANWHILE, ids=[what for what, _ in MEANWHILE])
def test_what_changes_between_reading_and_writing_is_not_overlooked(
    world: World, what: str, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = core_of(world.gate).platform
    write = platform.write

    def in_a_thread() -> None:
        try:
            change(world)
        finally:
            connections.close_all()

    async def later(*steps: Any) -> Any:
        changing = threading.Thread(target=in_a_thread)
        changing.start()
        changing.join()
        return await write(*steps)

    monkeypatch.setattr(platform, "write", later)
    before = Grant.objects.count(), Event.objects.count()
    assert world.at_gate().status_code == DECLINED, what
    assert (Grant.objects.count(), Event.objects.count()) == before, what


@pytest.mark.parametrize("ending", [change for _, change in MEANWHILE[:2]], ids=["a session", "a consent"])
def test_what_is_being_ended_is_waited_for(world: World, ending: Change) -> None:
    assert world.code_at_gate(), "the application is known"
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(world.at_gate().status_code))
    before = Grant.objects.count()
    with transaction.atomic():
        ending(world)
        asking.start()
        asking.join(0.2)
        assert not answers, "it does not decide while the end is under way"
    asking.join(10)
    assert answers == [DECLINED]
    assert Grant.objects.count() == before


@pytest.mark.either_engine
def test_a_database_that_is_away_is_the_portals_to_tell(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = core_of(world.gate).platform
    monkeypatch.setattr(platform, "_waiting" if hasattr(platform, "_waiting") else "_connections", None)
    assert world.at_gate().status_code == DECLINED
    monkeypatch.undo()
    assert world.code_at_gate()


@pytest.mark.either_engine
def test_the_gate_alone_has_no_authorization_endpoint(world: World, make_gate: MakeGate) -> None:
    world.gate = make_gate()
    assert world.at_gate().status_code == 404
