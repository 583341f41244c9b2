"""What takes two operators: one proposes, another one confirms, nobody about themselves (S1, S38)."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import signed_in
from tests.support.client_response import ClientResponse
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import accounts, two_operators
from varco.people.errors import PeopleFault, Refused
from varco.people.models import Proposal
from varco.registry.errors import Denied

pytestmark = pytest.mark.django_db

REASON = "Joins the platform team in December."
LIST = "/staff/proposals/"


@pytest.fixture
def olga(frozen: FrozenClock) -> User:
    return people.olga()


@pytest.fixture
def omar() -> User:
    return people.person("Omar", "Operator", platform_role="operator")


def propose(browser: Client, user: User, act: str = "roles/operator/give/") -> ClientResponse:
    return browser.post(f"/staff/users/{user.public_id}/{act}", {"text": REASON})


def confirm(browser: Client) -> ClientResponse:
    return browser.post(f"{LIST}{Proposal.objects.get().pk}/")


def test_an_operator_is_made_by_two(olga: User, omar: User) -> None:
    sara = people.sara()
    first, second = signed_in(olga), signed_in(omar)
    assert propose(first, sara).status_code == 303
    told = Message.objects.get(subject__startswith="To confirm")
    assert (told.to, REASON in told.text) == (omar.email, True)
    assert confirm(first).status_code == 422, "not the one who proposed it"
    assert "Confirm and do it" not in first.get(f"{LIST}{Proposal.objects.get().pk}/").content.decode()
    assert "Make Sara Support an operator" in second.get(LIST).content.decode()
    assert confirm(second).status_code == 303
    sara.refresh_from_db()
    assert sara.is_operator
    assert {mail.to for mail in Message.objects.filter(subject="New operator: Sara Support")} == {
        olga.email, omar.email, sara.email,
    }  # fmt: skip
    events = Event.objects.filter(tag__in=["proposal.made", "account.role_changed", "proposal.confirmed"])
    assert [(event.tag, event.actor) for event in events.order_by("pk")] == [
        ("proposal.made", olga.public_id),
        ("account.role_changed", omar.public_id),
        ("proposal.confirmed", omar.public_id),
    ]
    assert confirm(second).status_code == 422, "it is over"


def test_nobody_approves_their_own_promotion(olga: User, omar: User) -> None:
    dario = people.dario()
    two_operators.propose(Proposal.Kind.MAKE_OPERATOR, dario, Origin(olga), reason=REASON)
    accounts.set_role(dario, "operator", Origin())  # by the command on the server, meanwhile
    assert confirm(signed_in(dario)).status_code == 422
    accounts.set_role(dario, "operator", Origin(), held=False)
    for who in (dario, people.sara()):
        assert confirm(signed_in(who)).status_code == 404
    assert Proposal.objects.get().state == "open"
    with pytest.raises(Refused, match=PeopleFault.OWN_ACCOUNT):
        two_operators.propose(Proposal.Kind.RESET_FACTORS, olga, Origin(olga), reason=REASON)


def test_second_factors_are_reset_by_two(olga: User, omar: User) -> None:
    dario = people.dario()
    Authenticator.objects.create(user=dario, type="totp", data={})
    first, second = signed_in(olga), signed_in(omar)
    assert propose(first, dario, "factors/").status_code == 303
    assert Authenticator.objects.filter(user=dario).exists()
    assert propose(first, dario, "factors/").status_code == 422, "once is enough"
    assert confirm(second).status_code == 303
    assert not Authenticator.objects.filter(user=dario).exists()
    assert Event.objects.get(tag="account.factors_reset").detail["text"] == REASON
    assert Message.objects.filter(to=dario.email, subject="Your two-step sign-in was removed").exists()


def test_the_role_is_taken_away_by_two_others(olga: User, omar: User) -> None:
    pia = people.person("Pia", "Operator", platform_role="operator")
    first, second, third = (signed_in(who) for who in (olga, omar, pia))
    take = "roles/operator/take/"
    assert "Propose to take the role away" in first.get(f"/staff/users/{pia.public_id}/").content.decode()
    assert propose(first, pia, take).status_code == 303
    assert "Propose to take the role away" not in first.get(f"/staff/users/{pia.public_id}/").content.decode()
    assert {mail.to for mail in Message.objects.filter(subject__startswith="To confirm: Pia")} == {omar.email}
    for nobody in (first, third):
        assert confirm(nobody).status_code == 422, "neither who proposed it nor who it is about"
    pia.refresh_from_db()
    assert pia.is_operator
    assert "Take the operator role from Pia Operator" in second.get(LIST).content.decode()
    assert confirm(second).status_code == 303
    assert not User.objects.get(pk=pia.pk).is_operator
    assert third.get(LIST).status_code == 404
    told = Message.objects.filter(subject="No operator any more: Pia Operator")
    assert {mail.to for mail in told} == {olga.email, omar.email, pia.email}
    assert Event.objects.get(tag="account.role_changed").detail["held"] is False
    with pytest.raises(Refused, match=PeopleFault.ROLE_NOT_HELD):
        two_operators.propose(Proposal.Kind.END_OPERATOR, User.objects.get(pk=pia.pk), Origin(olga), reason=REASON)


def test_of_whoever_is_locked_the_role_goes_too_and_the_server_asks_nobody(olga: User, omar: User) -> None:
    pia = people.person("Pia", "Operator", platform_role="operator")
    accounts.deactivate(pia, Origin())
    made = two_operators.propose(Proposal.Kind.END_OPERATOR, pia, Origin(olga), reason=REASON)
    two_operators.confirm(made, Origin(omar))
    accounts.set_role(omar, "operator", Origin(), held=False)  # the command on the server
    assert [user.is_operator for user in User.objects.filter(pk__in=[pia.pk, omar.pk])] == [False, False]


def test_it_comes_to_nothing_in_time(olga: User, omar: User, frozen: FrozenClock) -> None:
    sara = people.sara()
    two_operators.propose(Proposal.Kind.MAKE_OPERATOR, sara, Origin(olga), reason=REASON)
    frozen.advance(two_operators.HOURS * 3600)
    second = signed_in(omar)
    assert confirm(second).status_code == 422
    assert "Expired" in second.get(LIST).content.decode()
    two_operators.propose(Proposal.Kind.MAKE_OPERATOR, sara, Origin(olga), reason=REASON)
    assert sorted(Proposal.objects.values_list("state", flat=True)) == ["expired", "open"]


def test_a_proposal_of_somebody_who_is_no_operator_any_more_is_not_confirmed(olga: User, omar: User) -> None:
    two_operators.propose(Proposal.Kind.MAKE_OPERATOR, people.sara(), Origin(olga), reason=REASON)
    accounts.deactivate(olga, Origin())
    answer = confirm(signed_in(omar))
    assert (answer.status_code, "no operator any more" in answer.content.decode()) == (422, True)


def test_a_sign_in_of_hours_ago_confirms_nothing(olga: User, omar: User, frozen: FrozenClock) -> None:
    sara, second = people.sara(), signed_in(omar)
    two_operators.propose(Proposal.Kind.MAKE_OPERATOR, sara, Origin(olga), reason=REASON)
    frozen.advance(4 * 3600)
    assert confirm(second)["Location"].startswith("/account/")
    assert propose(second, people.davide())["Location"].startswith("/account/")
    assert [item.state for item in Proposal.objects.all()] == ["open"]


def test_it_is_refused_or_taken_back_with_a_reason(olga: User, omar: User) -> None:
    sara, second = people.sara(), signed_in(omar)
    for who in (second, signed_in(olga)):
        two_operators.propose(Proposal.Kind.MAKE_OPERATOR, sara, Origin(olga), reason=REASON)
        there = f"{LIST}{Proposal.objects.get(state='open').pk}/refuse/"
        assert who.post(there, {"text": ""}).status_code == 422
        assert who.post(there, {"text": "Not agreed."}).status_code == 303
        assert who.post(there, {"text": "Not agreed."}).status_code == 422
    sara.refresh_from_db()
    assert not sara.is_operator
    assert Event.objects.filter(tag="proposal.refused").count() == 2


def test_only_operators_propose(olga: User) -> None:
    for who in (people.sara(), people.davide(), people.dario()):
        with pytest.raises(Denied):
            two_operators.propose(Proposal.Kind.MAKE_OPERATOR, who, Origin(who), reason=REASON)
        assert propose(signed_in(who), who).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_many_who_confirm_at_once_one_does() -> None:
    olga, sara = people.olga(), people.sara()
    others = [people.person(f"Omar{number}", "Operator", platform_role="operator") for number in range(8)]
    made = two_operators.propose(Proposal.Kind.MAKE_OPERATOR, sara, Origin(olga), reason=REASON)

    def run(number: int) -> str:
        try:
            two_operators.confirm(made, Origin(others[number]))
        except Refused as refusal:
            return str(refusal.fault.code)
        return "done"

    assert sorted(race(run, 8)) == ["done", *["proposal_over"] * 7]
    assert Event.objects.filter(tag="account.role_changed").count() == 1
    assert Message.objects.filter(subject="New operator: Sara Support").count() == 10


@pytest.mark.django_db(transaction=True)
def test_of_many_who_propose_the_same_at_once_one_does() -> None:
    sara = people.sara()
    operators = [people.person(f"Omar{number}", "Operator", platform_role="operator") for number in range(8)]

    def run(number: int) -> str:
        try:
            two_operators.propose(Proposal.Kind.MAKE_OPERATOR, sara, Origin(operators[number]), reason=REASON)
        except Refused as refusal:
            return str(refusal.fault.code)
        return "done"

    assert sorted(race(run, 8)) == ["done", *["proposed_already"] * 7]
    assert Proposal.objects.count() == 1


def test_nobody_is_made_an_operator_who_was_locked_meanwhile(olga: User, omar: User) -> None:
    sara = people.sara()
    proposal = two_operators.propose(Proposal.Kind.MAKE_OPERATOR, sara, Origin(olga), reason=REASON)
    accounts.deactivate(sara, Origin(olga))
    with pytest.raises(Refused) as refused:
        two_operators.confirm(proposal, Origin(omar))
    assert refused.value.fault.code == PeopleFault.INACTIVE
    sara.refresh_from_db()
    assert not sara.is_operator
