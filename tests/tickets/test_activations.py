"""The Developer role as clinics ask for it: given, begun by an invitation, refused, taken away; who introduced whom (S7)."""

import re

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people, tickets
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import accounts
from varco.registry.errors import Conflict, Denied, Invalid
from varco.tenants.models import Tenant
from varco.tickets import activations, addresses, queries, services
from varco.tickets.errors import TicketConflict
from varco.tickets.models import Activation, Entry, Ticket

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough first password"


@pytest.fixture
def marta() -> User:
    return people.marta()


@pytest.fixture
def sara(frozen: FrozenClock) -> User:
    return people.sara()


def mails() -> dict[str, list[str]]:
    """Subjects by reader since the last call, the first line of each."""
    found: dict[str, list[str]] = {}
    for message in Message.objects.order_by("pk"):
        found.setdefault(message.to, []).append(message.subject)
    Message.objects.all().delete()
    return found


def test_an_account_becomes_a_developer_at_once_and_both_sides_are_told(marta: User, sara: User) -> None:
    dario = people.dario()
    browser = Client()
    browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    assert browser.get("/developer/applications/").status_code == 404
    ticket = tickets.opened(marta, "developer_activation", email=dario.email.upper())
    mails()
    assert services.approve(ticket, Origin(sara), text="Welcome.")
    assert browser.get("/developer/applications/").status_code == 200
    assert "/developer/applications/" in browser.get("/").content.decode()
    told = mails()
    assert set(told) == {dario.email, marta.email}
    assert activations.introduced_by(dario) == "Clinic Aurora"
    event = Event.objects.get(tag="developer.activated")
    assert (event.user, event.tenant, event.detail["number"]) == (dario.public_id, "tenant-aurora", ticket.number)


def test_somebody_unknown_is_invited_and_becomes_a_developer_by_accepting(marta: User, sara: User) -> None:
    ticket = tickets.opened(marta, "developer_activation")
    mails()
    services.approve(ticket, Origin(sara))
    (invitation,) = Message.objects.filter(to="nina@nuova.example")
    assert "Clinic Aurora" in invitation.text
    assert "Nuova Srl" in invitation.text
    link = re.search(r"http\S+/account/invitation/\S+", invitation.text)
    assert link
    nina = User.objects.get(email="nina@nuova.example")
    assert (nina.is_developer, activations.introduced_by(nina)) == (False, "")
    mails()
    browser = Client()
    given = {"given_name": "Nina", "family_name": "Neri", "password1": PASSWORD, "password2": PASSWORD}
    assert browser.post(link.group().removeprefix("http://localhost:8000"), given).status_code == 303
    nina.refresh_from_db()
    assert (nina.is_developer, activations.introduced_by(nina)) == (True, "Clinic Aurora")
    assert browser.get("/developer/applications/").status_code == 200
    assert browser.get("/tickets/developer/").content.decode().count("Clinic Aurora") >= 1
    assert set(mails()) >= {nina.email, marta.email}
    assert Entry.objects.filter(ticket=ticket, act="developer_activated").exists()
    # Used twice, by whoever it was forwarded to: it opens nothing, and begins nothing.
    assert Client().post(link.group().removeprefix("http://localhost:8000"), given).status_code == 410


def test_a_first_password_by_another_way_begins_what_the_invitation_was_for(marta: User, sara: User) -> None:
    ticket = tickets.opened(marta, "developer_activation")
    services.approve(ticket, Origin(sara))
    nina = User.objects.get(email="nina@nuova.example")
    nina.emailaddress_set.update(verified=True)  # type: ignore[attr-defined] # allauth's
    nina.set_password(PASSWORD)
    nina.save()
    answer = Client().post("/account/login/", {"login": nina.email, "password": PASSWORD})
    assert answer.status_code == 303
    nina.refresh_from_db()
    assert nina.is_developer


def test_an_invitation_is_sent_again_by_another_link(marta: User, sara: User, frozen: FrozenClock) -> None:
    ticket = tickets.opened(marta, "developer_activation")
    services.approve(ticket, Origin(sara))
    frozen.advance(8 * 86400)
    waiting = Activation.objects.get()
    Message.objects.all().delete()
    activations.invite_again(waiting, Origin(sara))
    assert Message.objects.filter(to="nina@nuova.example").count() == 1
    with pytest.raises(Denied):
        activations.invite_again(waiting, Origin(marta))
    waiting.user.set_password(PASSWORD)
    waiting.user.save()
    with pytest.raises(Conflict):
        activations.invite_again(waiting, Origin(sara))


def test_a_refusal_tells_the_reason_to_both_and_mails_no_stranger(marta: User, sara: User) -> None:
    dario = people.dario()
    known = tickets.opened(marta, "developer_activation", email=dario.email)
    unknown = tickets.opened(marta, "developer_activation")
    for ticket, readers in ((known, {marta.email, dario.email}), (unknown, {marta.email})):
        mails()
        services.refuse(ticket, Origin(sara), text="We do not know this company.")
        assert set(mails()) == readers
    assert not User.objects.filter(email="nina@nuova.example").exists()
    assert not Activation.objects.exists()


def test_a_deactivated_account_is_no_developer_by_a_ticket(marta: User, sara: User) -> None:
    dario = people.dario()
    User.objects.filter(pk=dario.pk).update(is_active=False)
    ticket = tickets.opened(marta, "developer_activation", email=dario.email)
    with pytest.raises(Conflict) as refused:
        services.approve(ticket, Origin(sara))
    assert (refused.value.fault.code, refused.value.fault.parameters) == (
        TicketConflict.ACT_REFUSED,
        {"why": "inactive"},
    )
    assert (tickets.fresh(ticket).outcome, Activation.objects.count()) == ("", 0)


def test_a_developer_is_introduced_a_second_time_and_the_newest_counts(marta: User, sara: User) -> None:
    davide, luca = people.davide(), people.luca()
    since = davide.developer_since
    for manager in (marta, luca):
        services.approve(tickets.opened(manager, "developer_activation", email=davide.email), Origin(sara))
    davide.refresh_from_db()
    assert (davide.developer_since, activations.introduced_by(davide)) == (since, "Clinic Levante")
    assert [item.user for item in activations.developers("levante")] == [davide]
    assert not activations.developers("aurora")


def test_the_role_is_taken_with_a_reason_and_applications_go_on(marta: User, sara: User) -> None:
    davide = people.davide()
    application = people.application(davide).application
    services.approve(tickets.opened(marta, "developer_activation", email=davide.email), Origin(sara))
    mails()
    with pytest.raises(Invalid):
        activations.deactivate(davide, Origin(sara), reason=" ")
    activations.deactivate(davide, Origin(sara), reason="The contract has ended.")
    davide.refresh_from_db()
    application.refresh_from_db()
    assert (davide.is_developer, application.state, activations.introduced_by(davide)) == (False, "active", "")
    told = mails()
    assert set(told) == {davide.email, marta.email}
    ended = Activation.objects.get()
    assert (ended.state, ended.end_reason, ended.ended_by_name) == ("ended", "The contract has ended.", "Sara Support")
    with pytest.raises(Conflict):
        activations.deactivate(davide, Origin(sara), reason="Again.")


def test_what_waits_for_an_acceptance_ends_too(marta: User, sara: User) -> None:
    services.approve(tickets.opened(marta, "developer_activation"), Origin(sara))
    nina = User.objects.get(email="nina@nuova.example")
    link = re.search(r"token=(\S+)", Message.objects.get(to=nina.email).text)
    assert link
    activations.deactivate(nina, Origin(sara), reason="A mistake.")
    assert Client().get(f"/account/invitation/?token={link[1]}").status_code == 410


def test_nobody_but_the_desk_and_nobody_for_themselves_takes_a_role(marta: User, sara: User) -> None:
    davide = people.davide()
    User.objects.filter(pk=sara.pk).update(developer_since=1)
    for who, about in ((marta, davide), (davide, davide), (sara, sara)):
        with pytest.raises(Denied):
            activations.deactivate(about, Origin(who), reason="x")


def test_one_of_the_desk_does_not_decide_about_themselves(marta: User, sara: User) -> None:
    olga = people.olga()
    ticket = tickets.opened(marta, "developer_activation", email=sara.email)
    with pytest.raises(Denied):
        services.approve(ticket, Origin(sara))
    assert services.approve(ticket, Origin(olga))


def test_a_clinic_that_was_suspended_meanwhile_introduces_nobody(marta: User, sara: User) -> None:
    davide = people.person("Dora", "Developer")
    ticket = tickets.opened(marta, "developer_activation", email=davide.email)
    Tenant.objects.update(state=Tenant.State.SUSPENDED)
    with pytest.raises(Conflict):
        services.approve(ticket, Origin(sara))
    davide.refresh_from_db()
    assert not davide.is_developer


def test_whose_role_an_operator_took_is_introduced_by_nobody(marta: User, sara: User) -> None:
    dora = people.person("Dora", "Developer")
    services.approve(tickets.opened(marta, "developer_activation", email=dora.email), Origin(sara))
    assert activations.introduced_by(dora) == "Clinic Aurora"
    accounts.set_role(dora, "developer", Origin(people.olga()), held=False)
    assert activations.introduced_by(dora) == ""


ALIKE = (
    "nina@nuova.example",
    "Nina@NUOVA.example",
    "nina+varco@nuova.example",
    "n.i.n.a@nuova.example",
    "nlna@nuova.example",
    "nina@nu0va.example",
    "nina@nuоva.example",
    "nina@xn--nuva-65d.example",
)


def test_earlier_decisions_are_found_by_every_spelling_and_look_alike(marta: User, sara: User) -> None:
    made = [tickets.opened(marta, "developer_activation", email=email) for email in ALIKE]
    other = tickets.opened(marta, "developer_activation", email="nino@nuova.example")
    assert set(queries.decided_before(made[0])) == set(made[1:])
    assert not queries.decided_before(other)
    assert {ticket.about_email for ticket in made[:2]} == {"nina@nuova.example"}
    assert made[6].about_email == made[7].about_email == "nina@xn--nuva-65d.example"


@pytest.mark.parametrize(
    "email",
    [
        "nina", "nina@", "@nuova.example", "nina@nuova", "nìna@nuova.example", "nina@nuova.example,x@y.example", "nina@nuova.example\nBcc: x@y.example",
        "Nina <nina@nuova.example>", '"nina"@nuova.example', "nina@[127.0.0.1]", "nina@-a.example", "nina..a@nuova.example", "a" * 65 + "@nuova.example",
        "nina@" + "a." * 130 + "example", "nina@nuova.example\0", "nina@nuova.example\u200b", "nina@nuova.1",
    ],
)  # fmt: skip
def test_what_is_not_one_plain_address_is_refused(marta: User, email: str) -> None:
    with pytest.raises(Invalid) as refused:
        tickets.opened(marta, "developer_activation", email=email)
    assert list(refused.value.faults) == ["email"]
    assert not Ticket.objects.exists()


def test_what_is_odd_about_an_address_is_told() -> None:
    assert addresses.oddities("nina+x@xn--nuva-65d.example") == [addresses.Oddity.PUNYCODE, addresses.Oddity.PLUS]
    assert addresses.in_letters("nina@xn--nuva-65d.example") == "nina@nuоva.example"
    assert addresses.without_suffix("nina+x@nuova.example") == "nina@nuova.example"
    assert addresses.in_letters("nina@xn--\u00fc.example") == "nina@xn--\u00fc.example"


def test_reviewer_and_consent_are_told_who_introduced_the_developer(marta: User, sara: User) -> None:
    from tests.support import registrations
    from tests.support.authorization_pages import consent_page, signed_in

    davide, olga = people.davide(), people.olga()
    registered = people.application(davide)
    dario = signed_in(people.dario())
    assert "introduced by" not in str(consent_page(dario, registered).text)
    services.approve(tickets.opened(marta, "developer_activation", email=davide.email), Origin(sara))
    assert "Developer introduced by Clinic Aurora" in str(consent_page(dario, registered).text)
    waiting = registrations.submitted(davide)
    review = signed_in(olga).get(f"/staff/applications/review/{waiting.pk}/").content.decode()
    assert "Clinic Aurora" in review
