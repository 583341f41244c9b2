"""The way to help from the second step: with the right password, and no further."""

import pytest
from allauth.mfa.totp.internal import auth as totp
from bs4 import BeautifulSoup
from django.test import Client

from tests.support import people
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.tickets import services
from varco.tickets.models import Ticket

pytestmark = pytest.mark.django_db
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOST = "/account/2fa/lost/"
GIVEN = {"lost": "phone", "story": "It fell into the sea on Saturday."}


@pytest.fixture
def dario(db: None) -> User:
    user = people.dario()
    totp.TOTP.activate(user, KEY)
    return user


def at_second_step(user: User) -> Client:
    browser = Client()
    answer = browser.post("/account/login/", {"login": user.email, "password": people.PASSWORD})
    assert answer["Location"] == "/account/2fa/authenticate/"
    return browser


def text(browser: Client) -> str:
    return " ".join(BeautifulSoup(browser.get(LOST).content, "html.parser").get_text(" ").split())


def test_nobody_without_the_password_opens_one(dario: User) -> None:
    for browser in (Client(), Client()):
        for answer in (browser.get(LOST), browser.post(LOST, GIVEN)):
            assert answer["Location"] == "/account/login/"
    assert not Ticket.objects.exists()


def test_from_the_second_step_to_a_confirmed_reset(dario: User) -> None:
    marta, sara = people.marta(), people.sara()
    browser = at_second_step(dario)
    assert LOST in browser.get("/account/2fa/authenticate/").content.decode()
    assert browser.post(LOST, {"lost": "phone", "story": "short"}).status_code == 422
    assert browser.post(LOST, GIVEN | {"member": "lia@levante.example"}).status_code == 303
    ticket = Ticket.objects.get()
    assert (ticket.person, ticket.opener, ticket.state) == (dario, dario, "waiting")
    event = Event.objects.get(tag="ticket.opened")
    assert (event.actor, event.detail["half_signed_in"]) == (dario.public_id, True)
    assert str(ticket.number) in text(browser)
    assert "has to confirm that it is you" in text(browser)
    # It opens no page of the account, and no second ticket while the first one is open.
    assert browser.get("/tickets/")["Location"].startswith("/account/login/")
    assert browser.post(LOST, GIVEN).status_code == 200
    assert Ticket.objects.count() == 1
    services.confirm(ticket, Origin(marta), text="He stood before me.")
    services.approve(ticket, Origin(sara))
    again = Client()
    again.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    assert again.get("/account/").status_code == 200


def test_a_sign_in_that_was_ended_meanwhile_opens_nothing(dario: User) -> None:
    browser = at_second_step(dario)
    User.objects.filter(pk=dario.pk).update(session_generation=7)
    assert browser.post(LOST, GIVEN)["Location"] == "/account/login/"
    assert not Ticket.objects.exists()
