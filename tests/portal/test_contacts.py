"""Whether the contacts of an application are reached: codes that go there by mail, and come back through a developer."""

import re

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.client_response import ClientResponse
from tests.support.registration_pages import BASE, page, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import services
from varco.registry.contacts import MAX_TRIES, VALID, ContactState, contacts_of
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.models import Application, ContactCheck, TeamMember
from varco.registry.services.contacts import A_DAY, AGAIN

pytestmark = pytest.mark.django_db
ADDRESS = "dev@facile.example"


@pytest.fixture
def browser(davide: User, frozen: FrozenClock) -> Client:
    return signed_in(davide)


def post(browser: Client, application: Application, **form: str) -> ClientResponse:
    return browser.post(f"{BASE}{application.pk}/contacts/", form)


def mailed(address: str = ADDRESS) -> str:
    """The code of the newest mail to an address."""
    text = Message.objects.filter(to=address).latest("pk").text
    found = re.search(r"^([A-Z]{4}-[A-Z]{4})$", text, re.MULTILINE)
    assert found
    return found[1]


def states(application: Application) -> list[str]:
    application.refresh_from_db()
    return [contact.state for contact in contacts_of(application)]


def test_a_code_goes_to_the_contact_and_confirms_it_when_entered(browser: Client, application: Application) -> None:
    assert states(application) == [ContactState.NEVER_ASKED]
    assert post(browser, application, send=ADDRESS).status_code == 303
    assert states(application) == [ContactState.ASKED]
    code = mailed()
    assert code not in str(ContactCheck.objects.values())
    assert code not in browser.get(f"{BASE}{application.pk}/contacts/").content.decode()
    assert post(browser, application, code=code.lower().replace("-", " ")).status_code == 303
    assert states(application) == [ContactState.CONFIRMED]
    assert [event.detail["label"] for event in Event.objects.filter(tag__startswith="application.contact")] == [
        ADDRESS
    ] * 2
    assert post(browser, application, code=code).status_code == 422  # once


def test_an_address_that_reaches_nobody_is_said_to_be_unreached(browser: Client, application: Application) -> None:
    application.contacts = [nowhere := "dev@facile.invalid"]
    application.save()
    assert post(browser, application, send=nowhere).status_code == 303
    assert states(application) == [ContactState.UNREACHED]


def test_wrong_codes_are_counted_and_end_it(browser: Client, application: Application) -> None:
    post(browser, application, send=ADDRESS)
    code = mailed()
    for _ in range(MAX_TRIES):
        assert post(browser, application, code="BBBB-BBBB").status_code == 422
    assert post(browser, application, code=code).status_code == 422
    assert states(application) == [ContactState.NOT_CONFIRMED]


def test_a_code_ends_after_a_week(browser: Client, application: Application, frozen: FrozenClock) -> None:
    post(browser, application, send=ADDRESS)
    frozen.advance(VALID)
    assert states(application) == [ContactState.NOT_CONFIRMED]
    assert post(browser, application, code=mailed()).status_code == 422


def test_a_contact_is_written_to_once_an_hour_and_so_many_a_day(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    services.check_contact(application, Origin(davide), address=ADDRESS)
    with pytest.raises(Invalid):
        services.check_contact(application, Origin(davide), address=ADDRESS)
    frozen.advance(AGAIN)
    services.check_contact(application, Origin(davide), address=ADDRESS)
    for number in range(A_DAY - 1):
        Application.objects.update(contacts=[f"{number}@facile.example"])
        services.check_contact(application, Origin(davide), address=f"{number}@facile.example")
    Application.objects.update(contacts=["last@facile.example"])
    with pytest.raises(Invalid):
        services.check_contact(application, Origin(davide), address="last@facile.example")
    frozen.advance(86400)
    services.check_contact(application, Origin(davide), address="last@facile.example")
    assert ContactCheck.objects.count() == 1  # what is no contact any more is forgotten


def test_another_code_replaces_the_one_before_and_what_was_confirmed(
    browser: Client, application: Application, frozen: FrozenClock
) -> None:
    post(browser, application, send=ADDRESS)
    first = mailed()
    post(browser, application, code=first)
    frozen.advance(AGAIN)
    post(browser, application, send=ADDRESS)
    assert states(application) == [ContactState.ASKED]
    assert post(browser, application, code=first).status_code == 422
    assert post(browser, application, code=mailed()).status_code == 303


def test_mail_that_does_not_arrive_is_told_here_and_on_the_client_page(
    browser: Client, application: Application
) -> None:
    post(browser, application, send=ADDRESS)
    Message.objects.filter(to=ADDRESS).update(next_try_at=None, tries=8, last_error="550 no such user")
    shown = page(browser.get(f"{BASE}{application.pk}/contacts/")).one("main .row").get_text(" ", strip=True)
    assert "Mail did not arrive" in shown
    assert "550 no such user" in shown
    assert "Mail did not arrive" in page(browser.get(f"{BASE}{application.pk}/")).get_text()


def test_nothing_is_told_of_other_mail_to_the_address(browser: Client, application: Application) -> None:
    Message.objects.create(to=ADDRESS, subject="Your account", sealed_text="", next_try_at=None, last_error="550 no")
    assert states(application) == [ContactState.NEVER_ASKED]


def test_only_contacts_of_an_approved_application_are_written_to_by_its_own_developers(
    browser: Client, davide: User, application: Application
) -> None:
    assert post(browser, application, send="stranger@elsewhere.example").status_code == 409
    waiting = registrations.draft(davide, name="Waiting")
    assert browser.get(f"{BASE}{waiting.pk}/contacts/").status_code == 404
    with pytest.raises(Conflict):
        services.check_contact(waiting, Origin(davide), address=ADDRESS)
    dora = people.person("Dora", "Developer", developer_since=1)
    for act in (
        lambda: services.check_contact(application, Origin(dora), address=ADDRESS),
        lambda: services.confirm_contact(application, Origin(dora), code="BBBBBBBB"),
    ):
        with pytest.raises(Denied):
            act()
    assert post(signed_in(dora), application, send=ADDRESS).status_code == 404
    assert not Message.objects.filter(to__in=[ADDRESS, "stranger@elsewhere.example"]).exists()


@pytest.mark.either_engine
def test_the_mail_speaks_the_developers_language(browser: Client, davide: User, application: Application) -> None:
    User.objects.filter(pk=davide.pk).update(language="it")
    post(browser, application, send=ADDRESS)
    message = Message.objects.get(to=ADDRESS)
    assert message.subject == "Sei un contatto di Agenda Facile"
    assert "/developer/" not in message.text  # whoever reads it has no page here


def test_who_only_looks_on_in_the_team_reads_usage_and_centres_and_writes_to_nobody(application: Application) -> None:
    vera = people.person("Vera", "Viewer", developer_since=1)
    assert application.team
    TeamMember.objects.create(team=application.team, user=vera, role=TeamMember.Role.VIEWER)
    browser = signed_in(vera)
    for path in ("usage/", "centres/", "environments/"):
        assert browser.get(f"{BASE}{application.pk}/{path}").status_code == 200
    assert post(browser, application, send=ADDRESS).status_code == 404
    with pytest.raises(Denied):
        services.check_contact(application, Origin(vera), address=ADDRESS)
