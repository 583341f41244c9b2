"""No code and no device come of an answer whose browser session was ended while it was under way."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import device_pages, people
from tests.support.authorization_pages import Consent, ask, consent_page
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.grants.models import Consent as Remembered
from varco.grants.models import DeviceRequest, Grant, Interaction
from varco.mail.models import Message
from varco.portal.common import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "a longer and unexpected phrase"
Tab = Callable[[Client], None]


def signed_in(user: User) -> Client:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert browser.post("/account/login/", {"login": user.email, "password": people.PASSWORD}).status_code == 303
    return browser


def tab_of(browser: Client) -> Client:
    """Another tab of the same browser."""
    tab = Client(HTTP_ACCEPT_LANGUAGE="en")
    tab.cookies.update(browser.cookies)
    return tab


def sign_out(tab: Client, _link: str) -> None:
    tab.post("/account/logout/")


def sign_out_everywhere(tab: Client, _link: str) -> None:
    tab.post("/account/sessions/end/")


def reset_password(_tab: Client, link: str) -> None:
    """In another browser, by the link of a mail."""
    elsewhere = Client()
    form = elsewhere.get(link)["Location"]
    elsewhere.post(form, {"password1": NEW, "password2": NEW})


ENDS = [sign_out, sign_out_everywhere, reset_password]


@pytest.fixture
def application(frozen: FrozenClock) -> Registered:
    return people.application(people.davide())


@pytest.fixture
def dario(frozen: FrozenClock) -> User:
    return people.dario()


@pytest.fixture(autouse=True)
def _outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "varco.mail.backend.OutboxBackend")


def link_for(user: User) -> str:
    """The link of a mail that sets a new password; a later sign-in makes it void."""
    Client().post("/account/password/reset/", {"email": user.email})
    found = re.search(r"http://localhost:8000(/account/password/reset/key/\S+)", Message.objects.get().text)
    assert found
    return found[1]


def ending_in_between(monkeypatch: pytest.MonkeyPatch, end: Callable[[], None]) -> None:
    """Have the session end after the answer was read and before anything is given for it."""
    facts = sign_in.facts

    def then(*arguments: Any) -> Any:
        found = facts(*arguments)
        end()
        return found

    monkeypatch.setattr(sign_in, "facts", then)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("remembered", [False, True])
def test_a_session_that_ends_meanwhile_gives_no_code(
    application: Registered,
    dario: User,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[Client, str], None],
    remembered: bool,
) -> None:
    browser = signed_in(dario)
    page = consent_page(browser, application)
    if remembered:
        page.accept()
        Grant.objects.all().delete()
    link = link_for(dario)
    ending_in_between(monkeypatch, lambda: end(tab_of(browser), link))
    answer = ask(browser, application) if remembered else page.accept()
    assert answer.status_code == 303
    assert answer["Location"].startswith("/oauth2/authorize/")
    assert not Grant.objects.exists()
    assert Remembered.objects.exists() is remembered
    assert Interaction.objects.filter(finished_at=None).exists()
    assert browser.get(answer["Location"])["Location"].startswith("/account/login/")


@pytest.mark.parametrize("end", ENDS)
def test_a_session_that_ends_meanwhile_approves_no_device(
    frozen: FrozenClock, dario: User, monkeypatch: pytest.MonkeyPatch, end: Callable[[Client, str], None]
) -> None:
    box = people.application(
        people.davide(), type="device", grant_types=[device_pages.DEVICE, "refresh_token"], redirect_uris=[]
    )
    device_pages.request_of(box, frozen)
    browser = signed_in(dario)
    page = device_pages.confirmed(browser)
    link = link_for(dario)
    ending_in_between(monkeypatch, lambda: end(tab_of(browser), link))
    assert page.accept()["Location"].startswith("/device?request=")
    assert (DeviceRequest.objects.get().state, Grant.objects.exists()) == ("pending", False)
    assert browser.get(page.address)["Location"].startswith("/account/login/")


@pytest.mark.parametrize("end", ENDS)
def test_of_answers_and_an_end_at_one_moment_nothing_lives_afterwards(
    application: Registered, dario: User, end: Callable[[Client, str], None]
) -> None:
    browser = signed_in(dario)
    addresses = [consent_page(browser, application).address for _ in range(3)]
    pages = [Consent(tab_of(browser), address) for address in addresses]
    link = link_for(dario)

    def act(number: int) -> int:
        if number == 3:
            end(tab_of(browser), link)
            return 0
        return pages[number].accept().status_code

    statuses = race(act, 4)
    assert set(statuses[:3]) <= {303}
    assert not Grant.objects.exclude(state="ended").exists()
