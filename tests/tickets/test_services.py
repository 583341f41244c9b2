"""What happens to a ticket: whose turn it is, answers, notes, the end and the way back, proof of a person, and who decides first."""

from collections.abc import Callable

import pytest

from tests.conftest import FrozenClock
from tests.support import people, tickets
from varco import catalog
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import clinics
from varco.registry.errors import Conflict, Denied, Invalid
from varco.tenants.models import Membership
from varco.tickets import access, queries, services
from varco.tickets.access import Side
from varco.tickets.errors import TicketConflict, TicketFault
from varco.tickets.models import Entry, Ticket
from varco.tickets.services.opening import MOST_OPEN
from varco.tickets.services.thread import MOST_A_DAY

pytestmark = pytest.mark.django_db
DAY = 86400


def readers() -> set[str]:
    """Who was mailed since the last call."""
    found = set(Message.objects.values_list("to", flat=True))
    Message.objects.all().delete()
    return found


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Conflict, Invalid)) as fault:
        act()
    raised: Exception = fault.value
    if isinstance(raised, Invalid):
        return str(next(iter(raised.faults.values()))[0].code)
    assert isinstance(raised, Conflict)
    return str(raised.fault.code)


@pytest.fixture
def sara(frozen: FrozenClock) -> User:
    return people.sara()


def test_an_answer_makes_it_the_others_turn_and_tells_them(sara: User, frozen: FrozenClock) -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question")
    assert (ticket.state, readers()) == (Ticket.State.OPEN, {silvia.email, sara.email})
    frozen.advance(3600)
    services.reply(ticket, Origin(sara), text="Which one?", version=ticket.version)
    ticket = tickets.fresh(ticket)
    assert (ticket.state, ticket.turn_at, readers()) == (Ticket.State.WAITING, frozen.seconds, {silvia.email})
    frozen.advance(3600)
    services.reply(ticket, Origin(silvia), text="Agenda Facile.")
    ticket = tickets.fresh(ticket)
    assert (ticket.state, ticket.turn_at, readers()) == (Ticket.State.OPEN, frozen.seconds, {sara.email})


def test_who_works_it_is_told_alone_and_operators_are_where_there_is_no_support(sara: User) -> None:
    olga, silvia = people.olga(), people.silvia()
    ticket = tickets.opened(silvia, "question")
    readers()
    services.assign(ticket, Origin(sara), to=olga, version=ticket.version)
    services.reply(ticket, Origin(silvia), text="And?")
    assert readers() == {olga.email}
    User.objects.filter(pk=sara.pk).update(is_active=False)
    tickets.opened(people.davide(), "question")
    assert olga.email in readers()


def test_notes_are_read_and_found_by_the_desk_alone(sara: User) -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question")
    readers()
    services.note(ticket, Origin(sara), text="Called the zebrafish hotline.")
    services.reply(ticket, Origin(sara), text="We look into the armadillo.")
    assert readers() == {silvia.email}
    seen = {side: {entry.text for entry in queries.thread(ticket, side)} for side in Side}
    assert "Called the zebrafish hotline." in seen[Side.STAFF]
    assert "Called the zebrafish hotline." not in seen[Side.ASKER] | seen[Side.CLINIC]
    assert list(queries.own(silvia, None, "armad")) == [ticket]
    assert not queries.own(silvia, None, "zebrafish")
    assert not queries.inbox("zebrafish")


def test_a_closed_ticket_is_opened_again_by_an_answer_for_a_while(sara: User, frozen: FrozenClock) -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question")
    services.close(ticket, Origin(silvia))
    assert tickets.fresh(ticket).outcome == Ticket.Outcome.SETTLED
    frozen.advance(14 * DAY)
    services.reply(ticket, Origin(silvia), text="It is not settled.")
    assert (tickets.fresh(ticket).state, tickets.fresh(ticket).outcome) == (Ticket.State.OPEN, "")
    services.close(ticket, Origin(sara))
    frozen.advance(14 * DAY + 1)
    assert refused(lambda: services.reply(ticket, Origin(silvia), text="Once more.")) == TicketConflict.CLOSED_LONG
    assert tickets.fresh(ticket).state == Ticket.State.CLOSED


def test_what_was_approved_stays_done_however_often_it_is_opened_again(sara: User) -> None:
    davide = people.davide()
    ticket = tickets.opened(davide, "sandbox")
    services.approve(ticket, Origin(sara), version=ticket.version)
    services.reply(ticket, Origin(davide), text="Thank you.")
    again = tickets.fresh(ticket)
    assert (again.state, again.outcome) == (Ticket.State.OPEN, Ticket.Outcome.APPROVED)
    assert refused(lambda: services.approve(ticket, Origin(sara))) == TicketConflict.DECIDED
    assert refused(lambda: services.refuse(ticket, Origin(sara), text="No.")) == TicketConflict.DECIDED
    services.close(ticket, Origin(sara))
    assert tickets.fresh(ticket).outcome == Ticket.Outcome.APPROVED


def test_the_desk_decides_what_is_to_be_decided_and_does_not_just_close_it(sara: User) -> None:
    ticket = tickets.opened(people.davide(), "sandbox")
    assert refused(lambda: services.close(ticket, Origin(sara))) == TicketConflict.NOT_CLOSED_BUT_DECIDED
    assert refused(lambda: services.refuse(ticket, Origin(sara), text=" \r\n")) == TicketFault.REASON_MISSING
    services.refuse(ticket, Origin(sara), text="Use the one you have.")
    refusal = Entry.objects.get(ticket=ticket, act="refused")
    assert (refusal.text, refusal.author_name) == ("Use the one you have.", "Sara Support")


def test_another_version_than_the_one_that_was_read_does_nothing(sara: User) -> None:
    olga, davide = people.olga(), people.davide()
    ticket = tickets.opened(davide, "sandbox")
    services.reply(ticket, Origin(davide), text="I need it by Monday.")
    for act in (
        lambda: services.approve(ticket, Origin(sara), version=1),
        lambda: services.refuse(ticket, Origin(sara), text="No.", version=1),
        lambda: services.reply(ticket, Origin(sara), text="Why?", version=1),
        lambda: services.assign(ticket, Origin(sara), to=olga, version=1),
        lambda: services.close(ticket, Origin(davide), version=1),
    ):
        assert refused(act) == TicketConflict.CHANGED
    assert tickets.fresh(ticket).version == 2


def test_a_manager_confirms_whoever_lost_a_second_step_before_it_is_the_desks_turn(sara: User) -> None:
    dario, marta = people.dario(), people.marta()
    from allauth.mfa.models import Authenticator

    from tests.support.portal_world import made_passkey

    Authenticator.objects.create(user=dario, type="webauthn", data={"name": "x", "credential": made_passkey()})
    ticket = tickets.opened(dario, "lost_factor", half=True)
    assert (ticket.state, readers()) == (Ticket.State.WAITING, {marta.email, dario.email})
    services.reply(ticket, Origin(dario), text="Please hurry.")
    assert tickets.fresh(ticket).state == Ticket.State.WAITING, "words prove nothing"
    assert refused(lambda: services.approve(ticket, Origin(sara))) == TicketConflict.NOT_CONFIRMED
    readers()
    with pytest.raises(Denied):
        services.confirm(ticket, Origin(dario), text="It is me.")
    services.confirm(ticket, Origin(marta), text="He stood before me.")
    assert (tickets.fresh(ticket).state, readers()) == (Ticket.State.OPEN, {sara.email})
    assert refused(lambda: services.confirm(ticket, Origin(marta), text="x")) == TicketConflict.CONFIRMED_ALREADY
    assert services.approve(ticket, Origin(sara))
    assert not Authenticator.objects.filter(user=dario).exists()
    assert Event.objects.filter(tag="account.factors_reset", user=dario.public_id).exists()


def test_a_clinic_that_somebody_has_left_proves_them_no_more(sara: User) -> None:
    """Whoever managed them once would open the account that they have elsewhere by now."""
    dario, marta = people.dario(), people.marta()
    ticket = tickets.opened(marta, "lost_factor", member=dario.email)
    clinics.remove_member(dario, Origin(dario))
    with pytest.raises(Denied):
        services.confirm(ticket, Origin(marta), text="He stood before me.")
    assert not services.approve(ticket, Origin(sara)), "two of the desk, as for everybody whom nobody proves"
    clinics.add_member(dario, people.tenant("Levante"), "doctor", Origin(dario))
    with pytest.raises(Denied):
        services.confirm(ticket, Origin(marta), text="He stood before me.")


def test_no_clinic_proves_one_of_the_vendors_people(sara: User) -> None:
    """Or its manager and one operator would do what takes two operators."""
    olga, marta = people.olga(), people.marta()
    second = people.person("Omar", "Operator", platform_role="operator")
    clinics.add_member(second, marta.membership.tenant, "doctor", Origin(second))
    ticket = tickets.opened(marta, "lost_factor", member=second.email)
    with pytest.raises(Denied):
        services.confirm(ticket, Origin(marta), text="He stood before me.")
    assert not services.approve(ticket, Origin(olga)), "the first of two"


def test_a_manager_who_says_that_it_is_not_them_ends_it(sara: User) -> None:
    dario, marta = people.dario(), people.marta()
    ticket = tickets.opened(dario, "lost_factor")
    readers()
    services.deny(ticket, Origin(marta), text="He is on holiday and knows of nothing.")
    ticket = tickets.fresh(ticket)
    assert (ticket.state, ticket.outcome) == (Ticket.State.CLOSED, Ticket.Outcome.REFUSED)
    assert readers() == {dario.email, sara.email}


def test_two_of_the_desk_approve_where_nobody_can_prove_the_person(sara: User) -> None:
    olga, davide = people.olga(), people.davide()
    ticket = tickets.opened(davide, "lost_factor", half=True)
    assert ticket.state == Ticket.State.OPEN
    assert access.needs_two(ticket)
    assert not services.approve(ticket, Origin(sara), text="His voice on the telephone.")
    assert refused(lambda: services.approve(ticket, Origin(sara))) == TicketConflict.SAME_APPROVER
    assert tickets.fresh(ticket).outcome == ""
    # He has none to lose: the act is refused, and with it the approval.
    with pytest.raises(Conflict) as fault:
        services.approve(ticket, Origin(olga))
    assert fault.value.fault.parameters == {"why": "no_factors"}
    assert tickets.fresh(ticket).outcome == ""


def test_a_first_approval_of_somebody_who_may_not_decide_any_more_counts_for_nothing(sara: User) -> None:
    olga, davide = people.olga(), people.davide()
    ticket = tickets.opened(davide, "lost_factor")
    services.approve(ticket, Origin(sara))
    User.objects.filter(pk=sara.pk).update(platform_role="")
    assert not services.approve(ticket, Origin(olga))
    assert tickets.fresh(ticket).first_approver == olga


def test_a_manager_names_somebody_of_the_own_clinic_and_nobody_else(sara: User) -> None:
    marta, dario, lia = people.marta(), people.dario(), people.lia()
    ticket = tickets.opened(marta, "lost_factor", member=dario.email.upper())
    assert (ticket.person, ticket.subject, access.may_confirm(marta, ticket)) == (dario, dario.name, True)
    for email, code in (
        (lia.email, TicketFault.NOT_A_MEMBER),
        ("nobody@aurora.example", TicketFault.NOT_A_MEMBER),
        (marta.email, TicketFault.MEMBER_IS_SELF),
    ):
        assert refused(lambda: tickets.opened(marta, "lost_factor", member=email)) == code  # noqa: B023
    # A field that is not shown is not read either.
    assert tickets.opened(dario, "lost_factor", member=lia.email).person == dario


def test_a_manager_who_leaves_sees_the_clinics_tickets_no_more(sara: User) -> None:
    marta, mara = people.marta(), people.member("Mara", "Aurora", "manager")
    ticket = tickets.opened(marta, "developer_activation")
    marta.membership.role = "doctor"
    marta.membership.save()
    assert queries.by_number(ticket.number, User.objects.get(pk=marta.pk)) is None
    readers()
    services.reply(ticket, Origin(sara), text="Which telephone?")
    assert readers() == {mara.email}


def test_there_is_a_limit_to_open_tickets_and_to_messages(sara: User) -> None:
    davide = people.davide()
    made = [tickets.opened(davide, "question") for _ in range(MOST_OPEN)]
    assert refused(lambda: tickets.opened(davide, "question")) == TicketFault.TOO_MANY_OPEN
    services.close(made[0], Origin(davide))
    tickets.opened(davide, "question")
    for _ in range(MOST_A_DAY):
        services.reply(made[1], Origin(davide), text="?")
    assert refused(lambda: services.reply(made[2], Origin(davide), text="?")) == TicketFault.TOO_MANY_MESSAGES
    services.reply(made[2], Origin(sara), text="!")


@pytest.mark.parametrize(
    "text", ["two\nlines of a header", "Bcc: x@y.example\r\nto all", "right\u202e to left", "a\0b"]
)
def test_a_line_that_would_be_a_header_is_refused(text: str) -> None:
    davide = people.davide()
    code = refused(lambda: tickets.opened(davide, "question", topic=text))
    assert code == "invisible_characters"
    assert not Ticket.objects.exists()


def test_the_record_says_who_did_what_and_never_what_was_written(sara: User) -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question")
    services.note(ticket, Origin(sara), text="secret words")
    services.reply(ticket, Origin(sara), text="secret words")
    services.close(ticket, Origin(silvia), text="secret words")
    events = Event.objects.filter(tag__startswith="ticket.").order_by("pk")
    assert [event.tag for event in events] == ["ticket.opened", "ticket.noted", "ticket.replied", "ticket.closed"]
    assert {event.detail["number"] for event in events} == {ticket.number}
    assert "secret words" not in str([event.detail for event in events])


def test_the_clock_runs_while_it_is_the_desks_turn(sara: User, frozen: FrozenClock) -> None:
    ticket = tickets.opened(people.silvia(), "question")
    clock = queries.clock_of(ticket)
    assert clock
    assert clock.due_at > frozen.seconds
    frozen.advance(8 * DAY)
    late = queries.clock_of(tickets.fresh(ticket))
    assert late
    assert (late.state, queries.waiting_for_staff()) == ("late", queries.Waiting(1, 1))
    services.reply(ticket, Origin(sara), text="We look.")
    assert queries.clock_of(tickets.fresh(ticket)) is None
    assert queries.waiting_for_staff() == queries.Waiting(0, 0)


def test_a_number_that_a_ticket_has_is_not_given_twice(sara: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are drawn, and among 50,000 tickets a taken one is drawn every day."""
    silvia = people.silvia()
    taken = tickets.opened(silvia, "question").number
    drawn = iter([taken - 10_000_000, taken - 10_000_000, 1])
    monkeypatch.setattr("varco.tickets.models.secrets.randbelow", lambda _below: next(drawn))
    assert tickets.opened(silvia, "question").number == 10_000_001


def test_whoever_gets_a_sandbox_may_do_all_there_as_in_one_that_came_with_the_account(sara: User) -> None:
    davide = people.davide()
    services.approve(tickets.opened(davide, "sandbox"), Origin(sara))
    membership = Membership.objects.get(user=davide)
    everything = {name for role in catalog.current().roles.values() for name in role.permissions}
    assert set(membership.permissions.split()) == everything
    assert membership.tenant.kind == "sandbox"
