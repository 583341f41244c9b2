"""Who has to sign in, when, and whether a page may be shown (OpenID Connect Core §3.1.2.1)."""

import time
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import Consent, answer_of, ask, consent_page, parameters, signed_in
from tests.support.client_response import ClientResponse
from varco import clock, sealing
from varco.accounts.models import User
from varco.grants.models import Grant
from varco.keys import queries, services
from varco.keys.models import SigningKey
from varco.protocol.jose.jwk import load_private
from varco.protocol.jose.own_jwt import Signer

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

LOGIN = "/account/login/"


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def dario(application: people.Registered) -> User:
    return people.dario()


@pytest.fixture
def browser(dario: User, frozen: FrozenClock) -> Client:
    """Dario's, who signed in an hour ago."""
    browser = signed_in(dario)
    frozen.advance(3600)
    return browser


def accepted(browser: Client, application: people.Registered) -> None:
    answer_of(consent_page(browser, application).accept())
    Grant.objects.all().delete()


def sign_in(
    browser: Client, response: ClientResponse, email: str = "dario@aurora.example"
) -> tuple[ClientResponse, str]:
    """Through the sign-in form; the answer of the address it leads back to, and the address."""
    assert response["Location"].startswith(LOGIN)
    answer = browser.post(response["Location"], {"login": email, "password": people.PASSWORD})
    assert answer["Location"].startswith("/oauth2/authorize/"), answer.content.decode()
    return browser.get(answer["Location"]), answer["Location"]


# --- Signing in -----------------------------------------------------------------------------------------------------


def test_somebody_signed_out_signs_in_and_comes_back_to_the_same_request(
    application: people.Registered, dario: User, frozen: FrozenClock
) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    page, address = sign_in(browser, ask(browser, application))
    assert b"Agenda Facile asks for access" in page.content
    assert answer_of(Consent(browser, address).accept())["code"]
    grant = Grant.objects.get()
    assert (grant.auth_time, grant.amr, grant.acr) == (frozen.seconds, "pwd", "urn:varco:acr:1")


def test_the_sign_in_page_may_lead_back_to_a_client_only_when_it_came_from_one(
    application: people.Registered, dario: User
) -> None:
    browser = Client()
    assert browser.get(LOGIN)["Content-Security-Policy"].endswith("form-action 'self'")
    page = browser.get(ask(browser, application)["Location"])
    assert "form-action" not in page["Content-Security-Policy"]


def test_login_hint_fills_in_the_address_and_is_escaped(application: people.Registered) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    page = browser.get(ask(browser, application, login_hint='dario"><b>@aurora.example')["Location"]).content.decode()
    assert 'value="dario&quot;&gt;&lt;b&gt;@aurora.example"' in page


def test_ui_locales_choose_the_language_of_somebody_who_has_not_chosen_one(application: people.Registered) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    page = browser.get(ask(browser, application, ui_locales="fr-CA it-IT en")["Location"])
    assert '<html lang="it">' in page.content.decode()
    chosen = Client(HTTP_ACCEPT_LANGUAGE="it")
    chosen.cookies["varco_language"] = "en"
    page = chosen.get(ask(chosen, application, ui_locales="it")["Location"])
    assert '<html lang="en">' in page.content.decode()


@pytest.mark.parametrize("locales", ["fr de", "x", "-", "it_IT", "i" * 400])
def test_locales_we_do_not_speak_are_no_fault(application: people.Registered, locales: str) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert browser.get(ask(browser, application, ui_locales=locales)["Location"]).status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        *({"display": value} for value in ("page", "popup", "touch", "wap", "hologram")),
        {"claims_locales": "it fr-CA"},
        {"acr_values": "urn:elsewhere:gold 2"},
        {"login_hint": "nobody"},
        {"vtr": "P1"},
    ],
    ids=str,
)
def test_what_is_only_a_wish_is_never_a_fault(
    browser: Client, application: people.Registered, wish: dict[str, str]
) -> None:
    """Core §15.1: a server may do nothing about them, but must not fail."""
    accepted(browser, application)
    assert answer_of(ask(browser, application, **wish))["code"]


def test_an_essential_claim_that_nobody_has_is_no_fault(browser: Client, application: people.Registered) -> None:
    """Core §5.5.1: what is not there is left out, however much it was wanted."""
    accepted(browser, application)
    for claims in (
        '{"userinfo": {"phone_number": {"essential": true}}, "id_token": {"birthdate": {"essential": true}}}',
        '{"id_token": {"auth_time": {"essential": true}}, "elsewhere": {"x": 1}}',
        '{"userinfo": null}',
    ):
        assert answer_of(ask(browser, application, claims=claims))["code"]


def test_staying_connected_is_a_switch_of_its_own(browser: Client, application: people.Registered) -> None:
    """Core §11: refresh tokens have consent of their own."""
    page = consent_page(browser, application, scope="openid offline_access")
    assert "disabled" not in page.switches()["offline_access"]
    answer_of(page.accept(scopes=[]))
    assert Grant.objects.get().scopes == "openid"


# --- prompt=none ----------------------------------------------------------------------------------------------------


def test_none_with_nobody_signed_in_is_login_required(application: people.Registered) -> None:
    answer = answer_of(ask(Client(), application, prompt="none"))
    assert (answer["error"], answer["state"]) == ("login_required", "a state")


def test_none_before_consent_is_consent_required(browser: Client, application: people.Registered) -> None:
    assert answer_of(ask(browser, application, prompt="none"))["error"] == "consent_required"


def test_none_after_consent_is_a_code_without_a_page(browser: Client, application: people.Registered) -> None:
    accepted(browser, application)
    assert answer_of(ask(browser, application, prompt="none"))["code"]


def test_none_asking_for_more_is_consent_required(browser: Client, application: people.Registered) -> None:
    accepted(browser, application)
    answer = answer_of(ask(browser, application, prompt="none", scope="openid offline_access"))
    assert answer["error"] == "consent_required"


def test_none_of_somebody_barred_is_access_denied(browser: Client, application: people.Registered, dario: User) -> None:
    accepted(browser, application)
    dario.membership.active = False
    dario.membership.save()
    assert answer_of(ask(browser, application, prompt="none"))["error"] == "access_denied"


def test_none_with_a_sign_in_too_old_is_login_required(browser: Client, application: people.Registered) -> None:
    accepted(browser, application)
    assert answer_of(ask(browser, application, prompt="none", max_age="3599"))["error"] == "login_required"
    assert answer_of(ask(browser, application, prompt="none", max_age="3600"))["code"]


def test_none_by_form_post_goes_the_same_way(browser: Client, application: people.Registered) -> None:
    accepted(browser, application)
    body = urlencode(parameters(application, prompt="none"))
    posted = browser.post("/oauth2/authorize", body, content_type="application/x-www-form-urlencoded")
    assert answer_of(browser.get(posted["Location"]))["code"]


# --- A fresh sign-in ------------------------------------------------------------------------------------------------


def test_a_young_enough_sign_in_is_not_asked_for_again(browser: Client, application: people.Registered) -> None:
    accepted(browser, application)
    assert answer_of(ask(browser, application, max_age="86400"))["code"]


def test_auth_time_is_that_of_the_sign_in_and_not_of_the_request(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    accepted(browser, application)
    answer_of(ask(browser, application))
    assert Grant.objects.get().auth_time == frozen.seconds - 3600


def test_signing_in_for_a_request_satisfies_prompt_login(
    application: people.Registered, dario: User, frozen: FrozenClock
) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    response = ask(browser, application, prompt="login")
    frozen.advance(5)
    page, _ = sign_in(browser, response)
    assert b"Agenda Facile asks for access" in page.content


# --- Which account --------------------------------------------------------------------------------------------------


def test_select_account_asks_and_goes_on_as_the_person_signed_in(
    browser: Client, application: people.Registered
) -> None:
    accepted(browser, application)
    page = consent_page(browser, application, prompt="select_account")
    assert "Continue as Dario Aurora" in page.text
    response = browser.post(f"{page.address}account/", {"choice": "continue"})
    assert answer_of(browser.get(response["Location"]))["code"]


def test_select_account_lets_another_sign_in(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    people.silvia()
    page = consent_page(browser, application, prompt="select_account")
    response = browser.post(f"{page.address}account/", {"choice": "switch"})
    frozen.advance(5)
    consent, _ = sign_in(browser, browser.get(response["Location"]), "silvia@aurora.example")
    assert b"Silvia Aurora" in consent.content


def test_a_choice_is_only_the_choosers_own(browser: Client, application: people.Registered) -> None:
    page = consent_page(browser, application, prompt="select_account")
    browser.post(f"{page.address}account/", {"choice": "continue"})
    luca = people.luca()
    browser.force_login(luca)
    # The clock stands: this sign-in does not count as made for the request.
    assert "Continue as Luca Levante" in Consent(browser, page.address).text


def test_another_browser_cannot_choose(browser: Client, application: people.Registered) -> None:
    page = consent_page(browser, application, prompt="select_account")
    other = signed_in(people.luca())
    assert other.post(f"{page.address}account/", {"choice": "continue"}).status_code == 403
    assert other.post(f"{page.address}account/", {"choice": "switch"}).status_code == 403
    assert other.get("/account/").status_code == 200, "and is not signed out by trying"


def test_the_sub_that_claims_ask_for_must_be_the_one_signed_in(
    browser: Client, application: people.Registered, dario: User
) -> None:
    accepted(browser, application)
    wanted = '{"id_token": {"sub": {"value": "%s"}}}'
    assert answer_of(ask(browser, application, claims=wanted % dario.public_id))["code"]
    page = consent_page(browser, application, claims=wanted % "user-somebody-else")
    assert page.response.status_code == 403
    assert "Another account is expected" in page.text
    several = '{"id_token": {"sub": {"essential": true, "values": ["user-somebody-else", "user-anybody-else"]}}}'
    for nobody_here in (wanted % "user-somebody-else", several):
        silent = ask(browser, application, prompt="none", claims=nobody_here)
        assert answer_of(silent)["error"] == "login_required"
    assert answer_of(page.refuse())["error"] == "login_required"


def id_token(application: people.Registered, sub: str, **changes: Any) -> str:
    services.ensure(algorithms=["ES256"])
    key = queries.current("ES256", clock.now())
    assert key is not None
    der = sealing.open_sealed(settings.MASTER_KEYS, queries.PURPOSE, bytes(key.sealed_private), key.kid.encode())
    claims = {"iss": "http://localhost:8000", "sub": sub, "aud": application.client_id, "exp": 1} | changes
    return Signer(key.kid, "ES256", load_private(der), changes.pop("typ", "JWT")).sign(msgspec.json.encode(claims))


def test_an_id_token_hint_says_who_is_meant_even_expired(
    browser: Client, application: people.Registered, dario: User
) -> None:
    accepted(browser, application)
    mine, anothers = id_token(application, dario.public_id), id_token(application, "user-somebody-else")
    assert answer_of(ask(browser, application, prompt="none", id_token_hint=mine))["code"]
    assert answer_of(ask(browser, application, prompt="none", id_token_hint=anothers))["error"] == "login_required"
    assert consent_page(browser, application, id_token_hint=anothers).response.status_code == 403


def test_a_hint_that_was_not_made_here_says_nothing(
    browser: Client, application: people.Registered, dario: User
) -> None:
    accepted(browser, application)
    mine = id_token(application, dario.public_id)
    foreign = [
        id_token(application, dario.public_id, iss="https://evil.example"),
        id_token(application, dario.public_id, typ="at+jwt"),
        mine[:-4] + "AAAA",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.e30.",
    ]
    for hint in foreign:
        assert answer_of(ask(browser, application, prompt="none", id_token_hint=hint))["error"] == "login_required", (
            hint
        )
        assert answer_of(ask(browser, application, id_token_hint=hint))["code"]
    SigningKey.objects.all().delete()
    assert answer_of(ask(browser, application, prompt="none", id_token_hint=mine))["error"] == "login_required"


def test_anothers_hint_is_for_another(browser: Client, application: people.Registered, dario: User) -> None:
    other = people.application(people.olga(), name="Other")
    accepted(browser, application)
    hint = id_token(other, dario.public_id)
    assert answer_of(ask(browser, application, prompt="none", id_token_hint=hint))["error"] == "login_required"


# --- How well -------------------------------------------------------------------------------------------------------


def test_an_essential_acr_that_the_sign_in_lacks_is_told(browser: Client, application: people.Registered) -> None:
    accepted(browser, application)
    claims = '{"id_token": {"acr": {"essential": true, "values": ["urn:varco:acr:2"]}}}'
    single = '{"id_token": {"acr": {"essential": true, "value": "urn:varco:acr:2"}}}'
    for asked in ({"claims": claims}, {"claims": single}, {"claims": claims, "prompt": "none"}):
        assert answer_of(ask(browser, application, **asked))["error"] == "unmet_authentication_requirements"
    wish = '{"id_token": {"acr": {"values": ["urn:varco:acr:2"]}}}'
    assert answer_of(ask(browser, application, claims=wish))["code"]
    assert answer_of(ask(browser, application, acr_values="urn:varco:acr:2"))["code"]
    one = '{"id_token": {"acr": {"essential": true, "values": ["urn:varco:acr:1"]}}}'
    assert answer_of(ask(browser, application, claims=one))["code"]


def test_a_second_factor_shows_in_acr_and_amr(application: people.Registered, dario: User) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(dario, secret)
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    claims = '{"id_token": {"acr": {"essential": true, "values": ["urn:varco:acr:2"]}}}'
    login = ask(browser, application, claims=claims)["Location"]
    second = browser.post(login, {"login": dario.email, "password": people.PASSWORD})["Location"]
    assert "form-action" not in browser.get(second)["Content-Security-Policy"]
    code = totp.hotp_value(secret, int(time.time()) // 30)
    back = browser.post(second, {"code": totp.format_hotp_value(code)})
    assert back["Location"].startswith("/oauth2/authorize/"), back.content.decode()
    answer_of(Consent(browser, back["Location"]).accept())
    grant = Grant.objects.get()
    assert (grant.acr, grant.amr) == ("urn:varco:acr:2", "mfa otp pwd")
