"""Being one of the demo's people with one tap, and somebody else with two."""

import pytest
from django.test import Client

from tests.support import authorization_pages, people
from tests.support.authorization_pages import Consent
from tests.support.client_response import ClientResponse
from tests.support.html import Element, parse
from varco.accounts.models import User
from varco.mail.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
SIGN_IN = "/demo/sign-in/"


@pytest.fixture
def dario() -> User:
    return people.dario()


def parsed(response: ClientResponse) -> Element:
    return parse(response.content)


def tap(browser: Client, page: Element, name: str) -> ClientResponse:
    """Press the button of somebody, with all that its form holds."""
    form = page.select_one(f'form[action="{SIGN_IN}"]')
    assert form is not None
    button = next(button for button in form.select("button[name=person]") if name in button.get_text())
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    return browser.post(SIGN_IN, fields | {"person": button["value"]})


def who(browser: Client) -> str:
    menu = parsed(browser.get("/account/")).select_one(".menu__who strong")
    return menu.get_text() if menu else ""


def test_one_tap_signs_in_and_the_page_says_that_this_is_a_demo(dario: User) -> None:
    people.olga()
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    page = parsed(browser.get("/account/login/"))
    assert "Only in the demo" in page.get_text()
    assert "Operator: decides about applications" in page.get_text()
    assert "Doctor, Clinic Aurora" in page.get_text()
    assert tap(browser, page, dario.name).status_code == 303
    assert who(browser) == dario.name


def test_one_tap_goes_on_with_the_request_of_an_application(dario: User) -> None:
    application = people.application(people.davide())
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    sign_in = authorization_pages.ask(browser, application)["Location"]
    answer = tap(browser, parsed(browser.get(sign_in)), dario.name)
    answered = Consent(browser, answer["Location"]).accept()
    assert "code" in authorization_pages.answer_of(answered)


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example/"])
def test_one_tap_leads_nowhere_else(dario: User, after: str) -> None:
    answer = Client().post(SIGN_IN, {"person": dario.pk, "next": after})
    assert answer["Location"] == "/"


def test_somebody_signed_in_becomes_somebody_else(dario: User) -> None:
    lia = people.lia()
    browser = authorization_pages.signed_in(dario)
    before = browser.session.session_key
    menu = parsed(browser.get("/account/")).select_one('.menu__links a[href="/demo/people/"]')
    assert menu is not None
    page = parsed(browser.get("/demo/people/"))
    assert page.one("button[aria-current]").get_text().strip().startswith(dario.name)
    assert "private window" in page.get_text()
    tap(browser, page, lia.name)
    assert who(browser) == lia.name
    assert not Client().session.exists(before or "")


def test_a_second_step_is_asked_for_all_the_same(dario: User) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=dario, type="totp", data={"secret": ""})
    browser = Client()
    answer = browser.post(SIGN_IN, {"person": dario.pk})
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert browser.get("/account/")["Location"].startswith("/account/login/")


@pytest.mark.parametrize("person", ["", "0", "x", "-1"])
def test_nobody_else_can_be_chosen(dario: User, person: str) -> None:
    browser = Client()
    assert browser.post(SIGN_IN, {"person": person})["Location"] == "/account/login/"
    assert browser.get("/account/").status_code == 302


def test_somebody_whose_account_is_off_is_not_offered(dario: User) -> None:
    dario.is_active = False
    dario.save()
    assert dario.name not in parsed(Client().get("/account/login/")).get_text()
    assert Client().post(SIGN_IN, {"person": dario.pk})["Location"] == "/account/login/"


def test_a_mail_is_shown_with_its_addresses_as_links_and_loses_no_sign() -> None:
    """Of "(address)," Django's own links leave the comma out."""
    text = "Open it (http://localhost:8000/a/?b=1&c=2), or <b>http://localhost:8000/d</b>."
    mail = Message.objects.create(to="ada@x.example", subject="Hello", sealed_text="")
    mail.text = text
    mail.save()
    shown = parse(Client().get(f"/demo/mailbox/{mail.pk}/").content).one(".mail")
    assert shown.get_text() == text
    assert [link["href"] for link in shown.select("a")] == [
        "http://localhost:8000/a/?b=1&c=2",
        "http://localhost:8000/d",
    ]
