"""Applications that change hands: offered by one team, accepted by the other, and nothing else moves them (S45)."""

import pytest

from tests.conftest import FrozenClock
from tests.registry.conftest import code_of
from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import access, queries, services, teams
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.models import Transfer


def test_an_application_changes_hands_when_the_other_team_accepts(davide: User, dora: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    theirs = services.create_team("Rivale", Origin(dora))
    before = queries.by_id(application.pk)
    assert before
    offered = services.offer_transfer(application, theirs.public_id, Origin(davide))
    assert "wants to hand" in Message.objects.filter(to=dora.email).latest("pk").text
    assert access.role_of(dora, before) is None
    with pytest.raises(Denied):
        services.accept_transfer(theirs, offered.pk, Origin(davide))
    services.accept_transfer(theirs, offered.pk, Origin(dora))
    after = queries.by_id(application.pk)
    assert after
    assert (after.team, access.developer_of(after)) == (theirs, dora)
    assert (after.client_id, after.live_revision_id) == (before.client_id, before.live_revision_id)
    assert after.version > before.version, "a gate that holds the client reads it again"
    assert not access.visible_to(davide).exists()
    assert {"to": davide.email} in Message.objects.filter(subject__contains="belongs to").values("to")
    with pytest.raises(Conflict) as raised:
        services.accept_transfer(theirs, offered.pk, Origin(dora))
    assert code_of(raised) == ConflictFault.TRANSFER_OVER


def test_an_offer_is_declined_taken_back_and_grows_old(davide: User, dora: User, frozen: FrozenClock) -> None:
    application = registrations.draft(davide)
    theirs = services.create_team("Rivale", Origin(dora))
    services.decline_transfer(
        theirs, services.offer_transfer(application, theirs.public_id, Origin(davide)).pk, Origin(dora)
    )
    assert "declined" in Message.objects.filter(to=davide.email).latest("pk").text
    with pytest.raises(Conflict) as raised:
        services.offer_transfer(application, theirs.public_id, Origin(davide))
    assert code_of(raised) == ConflictFault.TRANSFER_JUST_NOW
    frozen.advance(601)
    offered = services.offer_transfer(application, theirs.public_id, Origin(davide))
    services.withdraw_transfer(application, Origin(davide))
    for act in (services.accept_transfer, services.decline_transfer):
        with pytest.raises(Conflict):
            act(theirs, offered.pk, Origin(dora))
    with pytest.raises(Conflict):
        services.withdraw_transfer(application, Origin(davide))
    frozen.advance(601)
    offered = services.offer_transfer(application, theirs.public_id, Origin(davide))
    frozen.advance(15 * 86400)
    with pytest.raises(Conflict):
        services.accept_transfer(theirs, offered.pk, Origin(dora))
    assert teams.offer_of(application) is None
    assert services.sweep()["offers of applications"] == 1


@pytest.mark.parametrize("other", ["", "team-nobody", "team-è", "x" * 300, "own", "deserted"])
def test_it_is_offered_to_no_team_that_could_not_take_it(davide: User, dora: User, other: str) -> None:
    application = registrations.draft(davide)
    deserted = services.create_team("Rivale", Origin(dora))
    User.objects.filter(pk=dora.pk).update(is_active=False)
    named = {"own": people.team_of(davide).public_id, "deserted": deserted.public_id}.get(other, other)
    with pytest.raises(Invalid) as raised:
        services.offer_transfer(application, named, Origin(davide))
    wanted = RegistrationFault.TEAM_OWN if other == "own" else RegistrationFault.TEAM_UNKNOWN
    assert raised.value.faults["team"][0].code == wanted
    assert not Transfer.objects.exists()


def test_a_retired_application_is_offered_to_nobody_and_accepted_by_nobody(davide: User, dora: User) -> None:
    application = registrations.draft(davide)
    theirs = services.create_team("Rivale", Origin(dora))
    offered = services.offer_transfer(application, theirs.public_id, Origin(davide))
    services.retire(application, Origin(davide))
    for act in (
        lambda: services.accept_transfer(theirs, offered.pk, Origin(dora)),
        lambda: services.offer_transfer(application, theirs.public_id, Origin(davide)),
    ):
        with pytest.raises(Conflict) as raised:
            act()
        assert code_of(raised) == ConflictFault.APPLICATION_STATE
