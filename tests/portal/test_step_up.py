"""What is sensitive asks for a fresh second factor; who has none gives the password. Nothing that was typed is lost."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.portal.test_account_second_step import both_steps, code, protected, words
from tests.support import people, registrations
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from varco.accounts.models import User
from varco.audit.models import Event
from varco.portal.common.page import Page
from varco.portal.common.sign_in import _SECOND
from varco.registry.models import Revision, Secret

pytestmark = pytest.mark.django_db
ASKED = "/account/step-up/"


def secret_page(davide: User) -> str:
    application = people.application(davide).application
    Secret.objects.all().delete()
    return f"/developer/applications/{application.pk}/secrets/new/"


def made(browser: Client, address: str) -> ClientResponse:
    return browser.post(address, {"label": "Server ‹1›", "lifetime": "0", "after": "0"})


def older(browser: Client, seconds: int = 901) -> Client:
    """The same browser, with all that was proven in it so much longer ago."""
    session = browser.session
    session["varco_signed_in_ms"] -= seconds * 1000
    if _SECOND in session:
        session[_SECOND] = [session[_SECOND][0], session[_SECOND][1] - seconds * 1000]
    session.save()
    return browser


def app_key(browser: Client) -> str:
    """The key of a new app, as its page shows it."""
    (key,) = re.findall(
        r"otpauth:[^\"]*secret=([A-Z2-7]+)", browser.get("/account/2fa/totp/activate/").content.decode()
    )
    return str(key)


def hidden(answer: ClientResponse) -> dict[str, str]:
    page = parse(answer.content)
    return {str(field["name"]): str(field["value"]) for field in page.select("main form input[type=hidden]")}


def declared() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}

    def walk(resolver: Any, namespace: str = "") -> None:
        for item in resolver.url_patterns:
            if hasattr(item, "url_patterns"):
                walk(item, f"{namespace}{item.namespace}:" if item.namespace else namespace)
            elif isinstance(item.callback, Page) and item.callback.stepped_up:
                found[namespace + item.name] = item.callback.stepped_up

    walk(get_resolver())
    return found


@pytest.mark.either_engine
def test_these_pages_are_the_sensitive_ones() -> None:
    assert (
        declared().items()
        >= {
            "account:data": ("POST",),
            "account:close": ("POST",),
            "developer:new_secret": ("GET", "POST", "HEAD"),
            "records:answer_csv": ("GET", "HEAD"),
            "administration:rotate_key": ("POST",),
            "staff:review": ("POST",),
            "staff:restore": ("POST",),
            "staff:pkce": ("POST",),
        }.items()
    )


def test_within_some_minutes_of_signing_in_nothing_is_asked(as_user: AsUser, davide: User) -> None:
    assert "Server ‹1›" in words(made(as_user(davide), secret_page(davide)))


def test_without_a_second_factor_the_password_is_asked(as_user: AsUser, davide: User) -> None:
    address, browser = secret_page(davide), older(as_user(davide))
    asked = browser.get(address)["Location"]
    assert asked.startswith(f"{ASKED}?next=")
    assert "not your password" in words(browser.post(asked, {"password": "not it at all, sorry"}))
    assert browser.post(asked, {"password": people.PASSWORD})["Location"] == address
    assert browser.get(address).status_code == 200
    event = Event.objects.get(tag="account.stepped_up")
    assert (event.actor, event.detail) == (davide.public_id, {"proof": "password", "page": "developer:new_secret"})


def test_with_one_a_fresh_password_is_not_enough(davide: User) -> None:
    address, browser = secret_page(davide), older(both_steps(protected(davide)))
    asked = browser.get(address)["Location"]
    browser.post("/account/reauthenticate/", {"password": people.PASSWORD, "next": "/"})
    assert browser.get(address)["Location"] == asked
    page = words(browser.get(asked))
    assert "your second step is asked once more" in page
    assert "Password" not in page
    assert "code is not right" in words(browser.post(asked, {"code": "000000"}))
    assert browser.post(asked, {"code": code(1)})["Location"] == address
    assert browser.get(address).status_code == 200
    assert Event.objects.get(tag="account.stepped_up").detail["proof"] == "second"


def test_a_code_that_was_used_before_steps_nobody_up(davide: User) -> None:
    address, browser = secret_page(davide), older(both_steps(protected(davide)))
    asked = browser.get(address)["Location"]
    assert "code is not right" in words(browser.post(asked, {"code": code(-1)}))


def test_setting_the_factor_up_counts_as_giving_it(as_user: AsUser, davide: User) -> None:
    address, browser = secret_page(davide), as_user(davide)
    key = app_key(browser)
    browser.post("/account/2fa/totp/activate/", {"code": code(key=key)})
    assert browser.get(address).status_code == 200
    assert older(browser).get(address).status_code == 302


def test_a_form_that_comes_too_late_does_nothing_and_is_kept(as_user: AsUser, davide: User) -> None:
    address, browser = secret_page(davide), older(as_user(davide))
    asked = made(browser, address)
    assert asked.status_code == 303
    assert not Secret.objects.exists()
    assert "What you have entered is kept" in words(browser.get(asked["Location"]))
    back = browser.post(asked["Location"], {"password": people.PASSWORD})
    assert not Secret.objects.exists()  # nothing happens that its sender does not see
    sent = hidden(back)
    assert (sent.pop("csrfmiddlewaretoken") != "", sent) == (
        True,
        {"label": "Server ‹1›", "lifetime": "0", "after": "0"},
    )
    assert hidden(browser.get(asked["Location"]))["label"] == "Server ‹1›"  # also when the page is loaded again
    assert "Server ‹1›" in words(browser.post(address, sent))
    assert browser.get(asked["Location"])["Location"] == address  # and once it was sent, it is forgotten


def test_a_decision_of_the_review_desk_is_kept_with_all_its_boxes(as_user: AsUser, davide: User) -> None:
    revision = registrations.submitted(davide)
    olga = people.olga()
    browser = older(as_user(olga))
    address = f"/staff/applications/review/{revision.pk}/"
    sent = {"decision": "request_changes", "codes": ["scope_reason", "privacy"], "text": "Perché <l'e-mail>?\r\nGrazie"}
    asked = browser.post(address, sent)
    assert asked["Location"].startswith(ASKED)
    back = browser.post(asked["Location"], {"password": people.PASSWORD}).content.decode()
    found = re.findall(r'type="hidden" name="(codes|text|decision)" value="([^"]*)"', back)
    assert [(name, html.unescape(value)) for name, value in found] == [
        ("decision", "request_changes"),
        ("codes", "scope_reason"),
        ("codes", "privacy"),
        ("text", "Perché <l'e-mail>?\r\nGrazie"),
    ]
    assert Revision.objects.get(pk=revision.pk).state == Revision.State.SUBMITTED


def test_how_long_it_counts_is_a_setting(as_user: AsUser, davide: User, settings: Any, frozen: FrozenClock) -> None:
    address, browser = secret_page(davide), as_user(davide)
    settings.VARCO = replace(settings.VARCO, step_up=60)
    frozen.advance(59)
    assert browser.get(address).status_code == 200
    frozen.advance(1)
    assert browser.get(address).status_code == 302


@pytest.mark.either_engine
def test_to_whom_a_page_does_not_exist_nothing_is_asked(as_user: AsUser, davide: User) -> None:
    address = secret_page(davide)
    assert older(as_user(people.dario())).get(address).status_code == 404
    assert Client().get(address)["Location"].startswith("/account/login/")


@pytest.mark.either_engine
@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_it_leads_nowhere_else(as_user: AsUser, davide: User, after: str) -> None:
    browser = older(as_user(davide))
    answer = browser.post(f"{ASKED}?next={after}", {"password": people.PASSWORD})
    assert answer["Location"] == "/"


def test_another_person_s_second_step_is_none_of_mine(davide: User) -> None:
    address, browser = secret_page(davide), both_steps(protected(davide))
    session = browser.session
    session[_SECOND] = ["user-somebody-else", session[_SECOND][1]]
    session.save()
    assert browser.get(address).status_code == 302
