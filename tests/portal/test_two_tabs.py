"""Two tabs with a sign-in form: what the first one does makes the other's form out of date, and loses nothing of it."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.portal.test_account_second_step import SECOND, code, protected, signed_in
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from varco.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
LOGIN, WANTED = "/account/login/", "/oauth2/authorize?client_id=app-1&state=a%26b"
ISSUER = "http://localhost:8000"
OURS = [{"sec-fetch-site": "same-origin"}, {"origin": ISSUER}, {"sec-fetch-site": "same-origin", "origin": ISSUER}]
NOT_OURS = [{}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "none"}, {"origin": "https://evil.example"}]


def strict() -> Client:
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def form_of(browser: Client, address: str) -> dict[str, str]:
    """What the form in a tab sends besides what a person types."""
    page = parse(browser.get(address).content)
    return {str(field["name"]): str(field["value"]) for field in page.select("main form input[type=hidden]")}


def send(browser: Client, form: dict[str, str], user: User, **headers: str) -> ClientResponse:
    sent = form | {"login": user.email, "password": people.PASSWORD}
    return browser.post(LOGIN, sent, headers=headers)


def tabs(browser: Client, user: User) -> dict[str, str]:
    """The form of a tab that leads on to an application, when another tab has signed in."""
    first = form_of(browser, f"{LOGIN}?{urlencode({'next': WANTED})}")
    send(browser, form_of(browser, LOGIN), user, **OURS[0])
    assert first["next"] == WANTED
    return first


@pytest.mark.parametrize("headers", OURS)
def test_the_other_tab_goes_on_to_the_application(headers: dict[str, str]) -> None:
    browser, dario = strict(), people.dario()
    answer = send(browser, tabs(browser, dario), dario, **headers)
    assert (answer.status_code, answer["Location"]) == (303, WANTED)


def test_the_other_tab_leads_to_no_other_site() -> None:
    browser, dario = strict(), people.dario()
    answer = send(browser, tabs(browser, dario) | {"next": "https://evil.example/"}, dario, **OURS[0])
    assert answer["Location"] == "/"


@pytest.mark.parametrize("headers", NOT_OURS)
def test_a_form_that_is_not_shown_to_be_ours_goes_nowhere(headers: dict[str, str]) -> None:
    browser, dario = strict(), people.dario()
    assert send(browser, tabs(browser, dario), dario, **headers).status_code == 403


def test_without_a_sign_in_trying_again_keeps_the_application() -> None:
    browser, dario = strict(), people.dario()
    form = tabs(browser, dario)
    browser.cookies.clear()
    answer = browser.post(f"{LOGIN}?login_hint=d", form | {"login": "d", "password": "x"}, headers=OURS[0])
    assert answer.status_code == 403
    retry = parse(answer.content).select_one("main a.button--primary")
    assert retry
    again = form_of(browser, str(retry["href"]))
    assert again["next"] == WANTED
    assert "login_hint=d" in str(retry["href"])
    assert send(browser, again, dario)["Location"] == WANTED


def test_a_tab_at_the_second_step_goes_on_too() -> None:
    browser, dario = strict(), protected(people.dario())
    send(browser, form_of(browser, LOGIN), dario)
    waiting = form_of(browser, SECOND)
    browser.post(SECOND, form_of(browser, SECOND) | {"code": code()})
    assert signed_in(browser)
    late = browser.post(SECOND, waiting | {"code": code(1)}, headers=OURS[0])
    assert late.status_code == 303
