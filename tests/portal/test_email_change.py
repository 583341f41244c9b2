"""Changing the e-mail address: whoever asks for a link gets a mail, or reads why there is none."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from tests.portal.conftest import AsUser
from tests.portal.test_account import words
from tests.support import people
from tests.support.client_response import ClientResponse
from varco.accounts.models import User
from varco.mail.models import Message

pytestmark = pytest.mark.django_db
PAGE, NEW, OTHER = "/account/email/", "new@aurora.example", "other@aurora.example"
NOT_SENT = "got one less than three minutes ago"
DEAD = "This link no longer works"


def enter(browser: Client, email: str) -> ClientResponse:
    return browser.post(PAGE, {"email": email, "action_add": ""}, follow=True)


def send_again(browser: Client, email: str) -> ClientResponse:
    return browser.post(PAGE, {"email": email, "action_send": ""}, follow=True)


def links(email: str) -> list[str]:
    """The links that were sent to an address, oldest first."""
    texts = [mail.text for mail in Message.objects.filter(to=email).order_by("pk")]
    found = [re.search(r"http://localhost:8000(/account/confirm-email/\S+)", text) for text in texts]
    return [link[1] for link in found if link]


@pytest.fixture
def dario(db: None) -> User:
    return people.dario()


@pytest.mark.parametrize("again", [enter, send_again])
@pytest.mark.parametrize("spelled", [NEW, NEW.upper()])
def test_within_three_minutes_it_is_told_and_the_first_link_still_works(
    as_user: AsUser, dario: User, again: object, spelled: str
) -> None:
    browser = as_user(dario)
    enter(browser, NEW)
    told = words(again(browser, spelled))  # type: ignore[operator]
    assert NOT_SENT in told
    assert "Not confirmed yet" in told
    (link,) = links(NEW)
    browser.post(link)
    assert User.objects.get(pk=dario.pk).email == NEW


@pytest.mark.parametrize("again", [enter, send_again])
def test_after_three_minutes_there_is_a_mail_again(as_user: AsUser, dario: User, again: object) -> None:
    browser = as_user(dario)
    enter(browser, NEW)
    cache.clear()  # where the three minutes stand
    told = words(again(browser, NEW))  # type: ignore[operator]
    assert NOT_SENT not in told
    assert f"is on its way to {NEW}" in told
    assert len(links(NEW)) == 2


def test_an_address_entered_again_after_another_one_is_told_too(as_user: AsUser, dario: User) -> None:
    browser = as_user(dario)
    for email in (NEW, OTHER):
        assert NOT_SENT not in words(enter(browser, email))
    assert NOT_SENT in words(enter(browser, NEW))
    assert NOT_SENT in words(send_again(browser, NEW))
    cache.clear()
    send_again(browser, NEW)
    dead, alive = links(NEW)
    assert DEAD in words(browser.get(dead))
    browser.post(alive)
    assert User.objects.get(pk=dario.pk).email == NEW


@pytest.mark.either_engine
@pytest.mark.parametrize("email", ["dario@aurora.example", "never-entered@aurora.example", "no address"])
def test_there_is_no_link_for_what_does_not_wait(as_user: AsUser, dario: User, email: str) -> None:
    told = words(send_again(as_user(dario), email))
    assert "this address does not wait to be confirmed" in told
    assert not Message.objects.exists()


@pytest.mark.either_engine
def test_the_page_of_a_dead_link_leads_to_the_account(as_user: AsUser, dario: User) -> None:
    browser = as_user(dario)
    for email in (NEW, OTHER):
        enter(browser, email)
    (dead,) = links(NEW)
    signed_in, signed_out = browser.get(dead), Client().get(dead)
    assert 'href="/account/email/"' in signed_in.content.decode()
    assert 'href="/account/login/?next=/account/email/"' in signed_out.content.decode()
    for page in (signed_in, signed_out):
        assert "another address was entered after it" in words(page)
        assert "if it still has to be confirmed" not in words(page)
