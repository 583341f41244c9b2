"""Two at the same moment: one decision, one acceptance, one first approval."""

import pytest

from tests.conftest import FrozenClock
from tests.support import people, tickets
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry.errors import Conflict
from varco.tickets import services
from varco.tickets.models import Activation, Entry

pytestmark = pytest.mark.django_db(transaction=True)
RUNNERS = 8


def test_of_many_who_decide_at_once_one_does(frozen: FrozenClock) -> None:
    desk = [people.person("Sara", f"Support{number}", platform_role="support") for number in range(RUNNERS)]
    marta, dario = people.marta(), people.dario()
    ticket = tickets.opened(marta, "developer_activation", email=dario.email)
    Message.objects.all().delete()

    def decide(number: int) -> str:
        act = services.approve if number % 2 else services.refuse
        try:
            act(ticket, Origin(desk[number]), text=f"words of {number}", version=ticket.version)
        except Conflict as lost:
            return str(lost.fault.code)
        return "won"

    results = race(decide, RUNNERS)
    assert results.count("won") == 1
    assert set(results) <= {"won", "ticket_decided", "ticket_changed"}
    outcome = tickets.fresh(ticket).outcome
    assert Entry.objects.filter(ticket=ticket, act__in=["approved", "refused"]).count() == 1
    assert Event.objects.filter(tag__in=["ticket.approved", "ticket.refused"]).count() == 1
    assert Activation.objects.count() == (outcome == "approved")
    assert User.objects.get(pk=dario.pk).is_developer == (outcome == "approved")
    assert Message.objects.filter(to=marta.email).count() == 1


def test_two_who_approve_at_once_are_two_and_not_twice_the_first(frozen: FrozenClock) -> None:
    from allauth.mfa.models import Authenticator

    davide = people.davide()
    Authenticator.objects.create(user=davide, type="webauthn", data={})
    desk = [people.person("Sara", f"Support{number}", platform_role="support") for number in range(3)]
    ticket = tickets.opened(davide, "lost_factor", half=True)

    def decide(number: int) -> str:
        try:
            return "done" if services.approve(ticket, Origin(desk[number])) else "first"
        except Conflict as lost:
            return str(lost.fault.code)

    assert sorted(race(decide, 3)) == ["done", "first", "ticket_decided"]
    assert Event.objects.filter(tag="account.factors_reset").count() == 1
