"""Signing in with a passkey, by Django's client: what the browser is asked, and what becomes of an answer that does not fit."""

import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.authorization_pages import Consent, answer_of, ask
from tests.support.html import parse
from tests.support.portal_world import made_passkey
from varco.accounts.models import FailedAttempt
from varco.grants.models import Grant
from varco.portal.account.forms import LoginWebAuthnForm

pytestmark = pytest.mark.either_engine

LOGIN, PASSKEY, AGAIN = "/account/login/", "/account/2fa/webauthn/login/", "/account/2fa/webauthn/reauthenticate/"
AFTER = "/oauth2/authorize/x/"


def words(browser: Client, address: str) -> str:
    return " ".join(parse(browser.get(address).content).get_text(" ").split())


def test_the_browser_is_asked_for_any_passkey_that_verifies_its_owner(browser: Client) -> None:
    options = browser.get(PASSKEY, headers={"accept": "application/json"}).json()["request_options"]["publicKey"]
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert not options.get("allowCredentials")
    assert browser.get(PASSKEY)["Location"] == LOGIN


def test_without_scripts_the_page_has_no_button_that_does_nothing(browser: Client) -> None:
    page = parse(browser.get(LOGIN).content)
    for button in page.select("[data-passkey], [data-show-password]"):
        assert button.has_attr("hidden")
        assert button["type"] == "button"


@pytest.mark.parametrize(
    "answer", ["", "{}", "null", '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}']
)
def test_a_passkey_that_does_not_fit_says_so_and_keeps_where_one_was_going(browser: Client, answer: str) -> None:
    browser.get(PASSKEY, headers={"accept": "application/json"})
    refused = browser.post(PASSKEY, {"credential": answer, "next": AFTER})
    assert refused["Location"] == f"{LOGIN}?next={quote(AFTER, safe='')}"
    assert f'name="next" value="{AFTER}"' in browser.get(refused["Location"]).content.decode()
    assert browser.post(PASSKEY, {"credential": answer, "next": "https://evil.example/"})["Location"] == LOGIN


def test_wrong_passkeys_of_one_place_are_limited_and_no_account_suffers(browser: Client) -> None:
    dario = people.dario()
    answer = json.dumps({"response": {"userHandle": "AA"}})
    for _ in range(10):
        browser.post(PASSKEY, {"credential": answer})
    assert FailedAttempt.objects.count() == 10
    refused = browser.post(PASSKEY, {"credential": answer})
    assert "Too many failed attempts" in words(browser, refused["Location"])
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert elsewhere.post(LOGIN, {"login": dario.email, "password": people.PASSWORD}).status_code == 303


def test_the_right_passkey_is_both_steps(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a signature proves is tested with a browser; here it is taken for right."""
    dario, application = people.dario(), people.application(people.davide())
    passkey = Authenticator.objects.create(user=dario, type="webauthn", data={"name": "Laptop", "credential": {}})
    monkeypatch.setattr(LoginWebAuthnForm, "clean_credential", lambda _form: passkey)
    after = parse_qs(urlsplit(ask(browser, application)["Location"]).query)["next"][0]
    assert browser.post(PASSKEY, {"credential": '{"a": 1}', "next": after})["Location"] == after
    answer_of(Consent(browser, after).accept())
    grant = Grant.objects.get()
    assert (grant.acr, grant.amr) == ("urn:varco:acr:2", "mfa pop")


def test_a_passkey_that_does_not_confirm_asks_again_for_the_same_end(
    as_user: AsUser,
) -> None:
    dario = people.dario()
    browser = as_user(dario)
    Authenticator.objects.create(user=dario, type="webauthn", data={"name": "Laptop", "credential": made_passkey()})
    refused = browser.post(AGAIN, {"credential": '{"a": 1}', "next": AFTER})
    assert refused.status_code == 200
    assert "This passkey does not fit this account" in refused.content.decode()
    assert f'name="next" value="{AFTER}"' in refused.content.decode()
