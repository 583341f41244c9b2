"""A signed-in person proves anew who they are, or says which account they mean (OpenID Connect Core §3.1.2.1, §3.1.2.6)."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import Consent, answer_of, ask, consent_page, signed_in
from tests.support.client_response import ClientResponse
from tests.support.portal_world import made_passkey
from varco.accounts.models import User
from varco.grants.models import Grant
from varco.portal.account.forms import ReauthenticateWebAuthnForm

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HINT = "silvia@aurora.example"


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def dario(application: people.Registered) -> User:
    return people.dario()


@pytest.fixture
def browser(dario: User, application: people.Registered, frozen: FrozenClock) -> Client:
    """Dario's, who signed in an hour ago and had accepted everything."""
    browser = signed_in(dario)
    answer_of(consent_page(browser, application).accept())
    Grant.objects.all().delete()
    frozen.advance(3600)
    return browser


def confirm(browser: Client, page: Consent, **proof: str) -> ClientResponse:
    return browser.post(f"{page.address}confirm/", proof)


def code() -> str:
    return str(totp.format_hotp_value(totp.hotp_value(KEY, int(time.time()) // 30)))


WISHES = [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "600"}, {"prompt": "login consent"}]


@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_the_page_says_who_is_asked_by_which_application_and_leads_on(
    browser: Client, application: people.Registered, frozen: FrozenClock, wish: dict[str, str]
) -> None:
    page = consent_page(browser, application, **wish)
    for words in ("Agenda Facile asks that you sign in anew", "Dario Aurora (dario@aurora.example)"):
        assert words in page.text
    assert "form-action" not in page.response["Content-Security-Policy"]
    frozen.advance(5)
    back = confirm(browser, page, password=people.PASSWORD)
    assert back["Location"] == page.address, back.content.decode()
    if "consent" in wish.get("prompt", ""):
        answer = answer_of(Consent(browser, page.address).accept())
    else:
        answer = answer_of(browser.get(page.address))
    assert answer["code"]
    assert Grant.objects.get().auth_time == frozen.seconds


def test_the_wrong_password_proves_nothing_and_loses_nothing(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    page = consent_page(browser, application, prompt="login")
    frozen.advance(5)
    again = confirm(browser, page, password="not it")
    assert again.status_code == 200
    for words in (b"This is not your password", b"Agenda Facile asks that you sign in anew", b"Use another account"):
        assert words in again.content
    assert browser.get(f"{page.address}confirm/")["Location"] == page.address, "as after choosing a language there"
    assert "Confirm it is you" in Consent(browser, page.address).text
    assert not Grant.objects.exists()
    confirm(browser, page, password=people.PASSWORD)
    assert answer_of(browser.get(page.address))["code"]


def test_it_keeps_the_limits_of_attempts(browser: Client, application: people.Registered, frozen: FrozenClock) -> None:
    page = consent_page(browser, application, prompt="login")
    frozen.advance(5)
    for _ in range(5):
        confirm(browser, page, password="not it")
    assert b"Too many failed attempts" in confirm(browser, page, password=people.PASSWORD).content


def test_going_back_tells_the_application_that_nobody_signed_in_anew(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application, prompt="login")
    assert "Go back to Agenda Facile" in page.text
    answer = answer_of(page.refuse())
    assert (answer["error"], answer["state"]) == ("login_required", "a state")
    assert browser.get("/account/").status_code == 200, "the session stays"


def test_another_account_signs_in_for_the_same_request(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    people.silvia()
    page = consent_page(browser, application, prompt="login", login_hint=HINT)
    assert f"Agenda Facile expects the account {HINT}" in page.text
    switched = browser.post(f"{page.address}account/", {"choice": "switch"})
    login = browser.get(switched["Location"])["Location"]
    assert f'value="{HINT}"' in browser.get(login).content.decode()
    frozen.advance(5)
    back = browser.post(login, {"login": HINT, "password": people.PASSWORD})
    assert back["Location"] == page.address
    assert "Silvia Aurora" in Consent(browser, page.address).text


@pytest.mark.parametrize("first", ["password", "code"])
def test_with_two_step_sign_in_the_password_alone_is_no_sign_in(
    browser: Client, dario: User, application: people.Registered, frozen: FrozenClock, first: str
) -> None:
    totp.TOTP.activate(dario, KEY)
    page = consent_page(browser, application, prompt="login")
    frozen.advance(5)
    if first == "code":  # proven on a page of the account: half of it too, whatever the order
        browser.post("/account/2fa/reauthenticate/", {"code": code(), "next": "/account/"})
        assert "Password" in Consent(browser, page.address).text
        confirm(browser, page, password=people.PASSWORD)
    else:
        confirm(browser, page, password=people.PASSWORD)
        second = Consent(browser, page.address)
        assert "The six digits your app shows" in second.text
        assert not Grant.objects.exists()
        assert b"This code is not right" in confirm(browser, page, code="000000").content
        assert confirm(browser, page, code=code()).status_code == 303
    assert answer_of(browser.get(page.address))["code"]
    assert Grant.objects.get().auth_time == frozen.seconds


def test_half_a_sign_in_is_forgotten_after_some_minutes(
    browser: Client, dario: User, application: people.Registered, frozen: FrozenClock
) -> None:
    totp.TOTP.activate(dario, KEY)
    page = consent_page(browser, application, prompt="login")
    frozen.advance(5)
    confirm(browser, page, password=people.PASSWORD)
    frozen.advance(300)
    assert "The six digits" not in Consent(browser, page.address).text


def test_one_factor_proven_for_the_account_does_not_make_auth_time_younger(
    browser: Client, dario: User, application: people.Registered, frozen: FrozenClock
) -> None:
    totp.TOTP.activate(dario, KEY)
    browser.post("/account/reauthenticate/", {"password": people.PASSWORD, "next": "/account/"})
    answer_of(ask(browser, application))
    assert Grant.objects.get().auth_time == frozen.seconds - 3600


def test_only_the_one_who_was_asked_can_confirm(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    page = consent_page(browser, application, prompt="login")
    frozen.advance(5)
    assert signed_in(people.luca()).post(f"{page.address}confirm/", {"password": people.PASSWORD}).status_code == 403
    browser.force_login(people.silvia())
    assert confirm(browser, page, password=people.PASSWORD)["Location"] == page.address
    assert not Grant.objects.exists()


def test_signed_out_meanwhile_one_signs_in_and_is_asked_nothing_twice(
    browser: Client, dario: User, application: people.Registered, frozen: FrozenClock
) -> None:
    page = consent_page(browser, application, prompt="login")
    browser.post("/account/logout/")
    frozen.advance(5)
    login = browser.get(confirm(browser, page, password=people.PASSWORD)["Location"])["Location"]
    back = browser.post(login, {"login": dario.email, "password": people.PASSWORD})
    assert answer_of(browser.get(back["Location"]))["code"]


# --- login_hint -----------------------------------------------------------------------------------------------------


def test_a_hint_at_somebody_else_asks_which_account_and_takes_either(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application, login_hint=HINT)
    for words in (f"Agenda Facile expects the account {HINT}", "Continue as Dario Aurora", "Use another account"):
        assert words in page.text
    browser.post(f"{page.address}account/", {"choice": "continue"})
    assert answer_of(browser.get(page.address))["code"]


@pytest.mark.parametrize(
    "wish", [{"login_hint": " Dario@Aurora.example"}, {"login_hint": "dario"}, {"login_hint": HINT, "prompt": "none"}]
)
def test_a_hint_that_names_nobody_else_or_may_show_nothing_is_no_step(
    browser: Client, application: people.Registered, wish: dict[str, str]
) -> None:
    assert answer_of(ask(browser, application, **wish))["code"]


def test_a_passkey_is_a_second_step_and_leads_back_to_the_request(
    browser: Client,
    dario: User,
    application: people.Registered,
    frozen: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passkey = Authenticator.objects.create(
        user=dario, type="webauthn", data={"name": "Laptop", "credential": made_passkey()}
    )
    page = consent_page(browser, application, prompt="login")
    assert page.soup.select_one("a[href*='webauthn']") is None, "the password comes first"
    frozen.advance(5)
    confirm(browser, page, password=people.PASSWORD)
    link = Consent(browser, page.address).soup.select_one("a[href*='webauthn']")
    assert link
    asked = browser.get(str(link["href"]))
    assert b"Agenda Facile asks that you sign in anew" in asked.content
    assert f'href="{page.address}"' in asked.content.decode(), "and another way than a passkey"
    assert "form-action" not in asked["Content-Security-Policy"]
    # What a signature proves is tested with a browser; here it is taken for right.
    monkeypatch.setattr(ReauthenticateWebAuthnForm, "clean_credential", lambda _form: passkey)
    back = browser.post(str(link["href"]), {"credential": '{"a": 1}', "next": page.address})
    assert back["Location"] == page.address
    assert answer_of(browser.get(page.address))["code"]
    assert Grant.objects.get().auth_time == frozen.seconds
