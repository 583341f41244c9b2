"""Signing in and out: who may, who may not, and what is kept of it."""

import re
from typing import cast

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from varco.accounts.models import FailedAttempt, User
from varco.audit.models import Event
from varco.mail.models import Message
from varco.portal.session_store import SessionStore

LOGIN = "/account/login/"


def sign_in(browser: Client, email: str, password: str = people.PASSWORD, **more: str) -> ClientResponse:
    return browser.post(LOGIN, {"login": email, "password": password, **more})


def signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def fault(answer: ClientResponse) -> str:
    alert = parse(answer.content).select_one("[role=alert]")
    assert alert
    return " ".join(alert.get_text().split())


def test_e_mail_and_password_sign_in(browser: Client) -> None:
    answer = sign_in(browser, people.dario().email)
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert signed_in(browser)


@pytest.mark.either_engine
def test_no_form_with_a_password_is_sent_on_to_where_it_leads(browser: Client) -> None:
    """RFC 9700 §4.12: the answer is 303, from which browsers go on with GET."""
    assert sign_in(browser, people.dario().email).status_code == 303
    again = browser.post("/account/reauthenticate/?next=/account/", {"password": people.PASSWORD})
    assert (again.status_code, again["Location"]) == (303, "/account/")


def test_an_e_mail_address_is_the_same_in_any_case(browser: Client) -> None:
    people.dario()
    sign_in(browser, "Dario@AURORA.example")
    assert signed_in(browser)


def test_signing_in_and_out_is_recorded(browser: Client) -> None:
    dario = people.dario()
    sign_in(browser, dario.email)
    browser.post("/account/logout/")
    events = list(Event.objects.order_by("pk").values_list("tag", "actor", "ip"))
    assert events == [
        ("account.signed_in", dario.public_id, "127.0.0.1"),
        ("account.signed_out", dario.public_id, "127.0.0.1"),
    ]
    assert not signed_in(browser)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(browser: Client) -> None:
    dario = people.dario()
    wrong, unknown = sign_in(browser, dario.email, "not it"), sign_in(browser, "nobody@aurora.example", "not it")
    assert wrong.status_code == unknown.status_code == 200
    assert fault(wrong) == fault(unknown)
    assert not signed_in(browser)
    failed = Event.objects.filter(tag="account.sign_in_failed").order_by("pk")
    assert [event.user for event in failed] == [dario.public_id, ""]
    assert "nobody@aurora.example" not in str(list(failed.values()))


@pytest.mark.either_engine
def test_the_page_keeps_the_address_and_forgets_the_password(browser: Client) -> None:
    text = sign_in(browser, "dario@aurora.example", "a mistyped password").content.decode()
    assert 'value="dario@aurora.example"' in text
    assert "a mistyped password" not in text


def test_five_wrong_passwords_close_the_account_for_a_while_even_to_the_right_one(browser: Client) -> None:
    dario, silvia = people.dario(), people.silvia()
    for _ in range(5):
        sign_in(browser, dario.email, "not it")
    assert "Too many failed attempts" in fault(sign_in(browser, dario.email))
    assert not signed_in(browser)
    sign_in(browser, silvia.email)
    assert signed_in(browser)  # nobody else is shut out


def test_a_new_password_opens_the_account_again(browser: Client) -> None:
    dario = people.dario()
    for _ in range(5):
        sign_in(browser, dario.email, "not it")
    browser.post("/account/password/reset/", {"email": dario.email})
    link = re.search(r"http://localhost:8000(/account/password/reset/key/\S+)", Message.objects.get().text)
    assert link
    form = browser.get(link[1], follow=True).request["PATH_INFO"]
    browser.post(form, {"password1": "another unexpected phrase", "password2": "another unexpected phrase"})
    sign_in(browser, dario.email, "another unexpected phrase")
    assert signed_in(browser)


def test_the_lockout_survives_a_flood_of_other_addresses(browser: Client) -> None:
    dario = people.dario()
    for _ in range(5):
        sign_in(browser, dario.email, "not it")
    for number in range(400):  # more than Django's cache table would keep by default
        cache.set(f"flood-{number}", [1.0], 300)
    assert "Too many failed attempts" in fault(sign_in(browser, dario.email))


def test_one_address_cannot_try_many_accounts(browser: Client) -> None:
    dario = people.dario()
    answers = [sign_in(browser, f"{number}@aurora.example", "not it") for number in range(12)]
    assert "Too many failed attempts" in fault(answers[-1])
    assert "Too many failed attempts" in fault(sign_in(browser, dario.email))
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    sign_in(elsewhere, dario.email)
    assert signed_in(elsewhere)


@pytest.mark.parametrize(
    ("tries_from", "refused", "admitted"),
    [
        ("2001:db8:1:2::{:x}", "2001:db8:1:2:ffff::1", "2001:db8:1:3::1"),  # of IPv6 one place has a /64
        ("::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8"),  # IPv4 through a socket of IPv6 is IPv4
    ],
)
def test_addresses_of_one_place_count_as_one(browser: Client, tries_from: str, refused: str, admitted: str) -> None:
    dario = people.dario()
    for number in range(1, 13):
        sign_in(Client(REMOTE_ADDR=tries_from.format(number)), f"{number}@aurora.example", "not it")
    assert "Too many failed attempts" in fault(sign_in(Client(REMOTE_ADDR=refused), dario.email))
    elsewhere = Client(REMOTE_ADDR=admitted)
    sign_in(elsewhere, dario.email)
    assert signed_in(elsewhere)


def test_a_whole_clinic_can_sign_in_from_one_address_within_a_minute(browser: Client) -> None:
    dario = people.dario()
    for _ in range(40):
        browser.cookies.clear()
        assert sign_in(browser, dario.email)["Location"] == "/"
        UserSession.objects.all().delete()  # each is asked for at the next sign-in of the same person; a clinic has many people
    sign_in(browser, dario.email)
    assert signed_in(browser)


def test_a_flood_of_forms_is_answered_with_a_page(browser: Client) -> None:
    answers = [sign_in(browser, "", "") for _ in range(121)]
    assert answers[-1].status_code == 429
    assert b"Too many attempts" in answers[-1].content
    assert answers[-1]["Retry-After"] == "60"


def test_without_its_memory_of_attempts_nobody_gets_in_nor_is_told_of_too_many(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    dario = people.dario()

    def away(*_: object, **__: object) -> None:
        raise OperationalError("the database is away")

    browser.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(FailedAttempt.objects, "filter", away)
        assert sign_in(browser, dario.email).status_code == 503
    assert not signed_in(browser)


def test_somebody_switched_off_is_told_so_only_with_the_right_password(browser: Client) -> None:
    dario = people.dario()
    User.objects.update(is_active=False)
    assert sign_in(browser, dario.email, "not it").status_code == 200
    answer = sign_in(browser, dario.email)
    assert answer["Location"] == "/account/inactive/"
    assert b"This account is switched off" in browser.get(answer["Location"]).content
    assert not signed_in(browser)


def test_switching_somebody_off_ends_their_session_at_once(as_user: AsUser) -> None:
    browser = as_user(people.dario())
    assert signed_in(browser)
    User.objects.update(is_active=False)
    assert not signed_in(browser)


@pytest.mark.either_engine
@pytest.mark.parametrize("wanted", ["/account/2fa/", "http://localhost:8000/account/"])
def test_sign_in_leads_to_where_one_was_going(browser: Client, wanted: str) -> None:
    assert sign_in(browser, people.dario().email, next=wanted)["Location"] == wanted


@pytest.mark.either_engine
@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "http:///evil.example",
        "http://localhost:8000@evil.example/",
        "http://localhost:9000/",
        "javascript:alert(1)",
        "http://testserver/",
    ],
)
def test_sign_in_leads_nowhere_else(browser: Client, elsewhere: str) -> None:
    assert sign_in(browser, people.dario().email, next=elsewhere)["Location"] == "/"


@pytest.mark.either_engine
def test_a_page_behind_sign_in_asks_for_it_and_comes_back(browser: Client) -> None:
    answer = browser.get("/account/profile/")
    assert answer["Location"] == f"{LOGIN}?next=/account/profile/"
    assert 'name="next" value="/account/profile/"' in browser.get(answer["Location"]).content.decode()


def test_an_unconfirmed_address_gets_a_mail_instead_of_a_session(browser: Client) -> None:
    dario = people.dario()
    EmailAddress.objects.update(verified=False)
    answer = sign_in(browser, dario.email)
    assert answer["Location"] == "/account/confirm-email/"
    assert not signed_in(browser)
    link = re.search(r"http://localhost:8000(/account/confirm-email/\S+)", Message.objects.get(to=dario.email).text)
    assert link
    assert b"Confirm this address" in browser.get(link[1]).content
    browser.post(link[1])
    sign_in(browser, dario.email)
    assert signed_in(browser)


@pytest.mark.either_engine
def test_a_made_up_confirmation_link_is_a_page(browser: Client) -> None:
    assert b"This link no longer works" in browser.get("/account/confirm-email/made-up/").content


@pytest.mark.parametrize("strange", ["dario\0@aurora.example", "x" * 100_000, "💊@aurora.example", "' OR 1=1 --"])
def test_strange_input_is_an_error_of_the_form(browser: Client, strange: str) -> None:
    people.dario()
    assert sign_in(browser, strange, strange).status_code == 200
    assert browser.get(LOGIN, {"next": strange, "login_hint": strange}).status_code == 200


@pytest.mark.parametrize(
    "cookie", ['varco_session="a\\000bcdefghijk"', "varco_session=short", "varco_session=" + "x" * 5000]
)
def test_a_strange_cookie_is_no_session(browser: Client, cookie: str) -> None:
    assert browser.get("/account/", headers={"cookie": cookie}).status_code == 302


@pytest.mark.parametrize(
    "path", ["/demo/mailbox/?to=%00", "/demo/mailbox/?page=%00", "/demo/mailbox/99999999999999999999/"]
)
def test_strange_addresses_are_answered(browser: Client, path: str) -> None:
    assert browser.get(path).status_code in {200, 404}


@pytest.mark.either_engine
def test_password_managers_find_the_page_they_look_for(browser: Client) -> None:
    assert browser.get("/.well-known/change-password")["Location"] == "/account/password/change/"


@pytest.mark.either_engine
def test_the_application_can_say_who_is_coming(browser: Client) -> None:
    page = parse(browser.get(LOGIN, {"login_hint": "dario@aurora.example"}).content)
    assert page.one("[name=login]")["value"] == "dario@aurora.example"
    assert page.one("[autofocus]")["name"] == "password"


@pytest.mark.either_engine
def test_pages_speak_the_language_of_the_account_whatever_the_browser_says(as_user: AsUser) -> None:
    dario = people.dario()
    User.objects.filter(pk=dario.pk).update(language="it")
    answer = as_user(dario).get("/account/", headers={"accept-language": "en"})
    assert "Il tuo account" in answer.content.decode()


def test_the_language_switch_changes_the_account(as_user: AsUser) -> None:
    dario = people.dario()
    browser = as_user(dario)
    browser.post("/language/", {"language": "it", "next": "/account/"})
    assert User.objects.get(pk=dario.pk).language == "it"


@pytest.mark.either_engine
def test_signing_out_takes_a_form_not_a_link(as_user: AsUser) -> None:
    browser = as_user(people.dario())
    assert b"Sign out of this browser?" in browser.get("/account/logout/").content
    assert signed_in(browser)
    browser.post("/account/logout/")
    assert not signed_in(browser)


@pytest.mark.either_engine
@pytest.mark.parametrize(
    ("address", "told"),
    [("/account/logout/", "You are signed out."), ("/account/sessions/end/", "You are signed out everywhere")],
)
def test_signing_out_is_told_on_the_page_after_it(as_user: AsUser, address: str, told: str) -> None:
    browser = as_user(people.davide())
    shown = browser.post(address, follow=True).content.decode()
    assert told in shown
    assert told not in browser.get("/").content.decode()


def test_a_session_starts_anew_for_another_person(browser: Client) -> None:
    dario, silvia = people.dario(), people.silvia()
    sign_in(browser, dario.email)
    first = browser.session.session_key
    browser.post("/account/logout/")
    sign_in(browser, silvia.email)
    assert browser.session.session_key != first
    assert silvia.email in browser.get("/account/").content.decode()


def test_a_session_that_was_there_before_the_sign_in_is_not_the_one_after(browser: Client) -> None:
    """Somebody may have planted it, and would be signed in too (session fixation)."""
    dario = people.dario()
    browser.get(f"/oauth2/authorize?client_id={people.application(people.davide()).client_id}")
    planted = cast("SessionStore", browser.session)
    planted["form_targets"] = []
    planted.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted.cookie
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = planted.cookie
    sign_in(browser, dario.email)
    assert signed_in(browser)
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted.cookie
    assert not signed_in(stranger)


@pytest.mark.either_engine
def test_cookies_are_for_this_server_alone(browser: Client) -> None:
    sign_in(browser, people.dario().email)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["domain"] == ""


def test_passwords_are_kept_with_argon2id() -> None:
    from django.contrib.auth.hashers import make_password

    assert make_password("a password").startswith("argon2$argon2id$")
