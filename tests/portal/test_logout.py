"""Signing out at the request of an application (OpenID Connect RP-Initiated Logout 1.0)."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.html import parse
from tests.support.people import Registered
from varco import sealing
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.keys import services as keys
from varco.keys.models import SigningKey
from varco.keys.queries import PURPOSE
from varco.protocol.id_token import ID_TYP
from varco.protocol.jose import jwk as protocol_keys
from varco.protocol.jose.own_jwt import Signer
from varco.registry.models import Application

pytestmark = pytest.mark.django_db

LOGOUT, BYE = "/oauth2/logout", "https://agenda.example/bye"
ISSUER = "http://localhost:8000"


@pytest.fixture
def dario(db: None) -> User:
    return people.dario()


@pytest.fixture
def application(frozen: FrozenClock) -> Registered:
    keys.ensure(algorithms=["RS256"])
    return people.application(people.davide(), post_logout_redirect_uris=[BYE, f"{BYE}?from=varco"])


@pytest.fixture
def browser(dario: User) -> Client:
    """A browser of Dario's, signed in."""
    return browser_of(dario)


def browser_of(user: User) -> Client:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en", enforce_csrf_checks=True)
    browser.force_login(user)
    return browser


def sid_of(browser: Client) -> str:
    return str(browser.session["varco_sid"])


def id_token(application: Registered, user: User, frozen: FrozenClock, *, typ: str = ID_TYP, **changes: Any) -> str:
    """An ID token as this server signs them, long expired."""
    from django.conf import settings

    key = SigningKey.objects.filter(alg="RS256").order_by("active_at")[0]
    der = sealing.open_sealed(settings.MASTER_KEYS, PURPOSE, bytes(key.sealed_private), key.kid.encode())
    claims = {
        "iss": ISSUER,
        "sub": user.public_id,
        "aud": application.client_id,
        "iat": frozen.seconds - 90_000,
        "exp": frozen.seconds - 86_400,
    }
    signer = Signer(key.kid, "RS256", protocol_keys.load_private(der), typ)
    return signer.sign(json.dumps(claims | changes).encode())


def signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def words(response: Any) -> str:
    return " ".join(parse(response.content).get_text().split())


def press(browser: Client, page: Any, decision: str) -> Any:
    """Send the page's form with one of its buttons."""
    form = parse(page.content).select_one("main form")
    assert form is not None, page.content.decode()
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    return browser.post(str(form["action"]), fields | {"decision": decision})


def redirected(response: Any, location: str) -> None:
    assert (response.status_code, response["Location"]) == (303, location)
    assert response["Cache-Control"] == "no-store"


# --- with an ID token of this very session ----------------------------------------------------------------------------


def test_an_id_token_of_this_session_signs_out_and_leads_back_with_the_state(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock
) -> None:
    hint = id_token(application, dario, frozen, sid=sid_of(browser))
    response = browser.get(
        LOGOUT, {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "a b&c", "client_id": application.client_id}
    )  # fmt: skip
    redirected(response, f"{BYE}?state=a%20b%26c")
    assert not signed_in(browser)
    event = Event.objects.get(tag="account.signed_out")
    assert (event.user, event.request_id) == (dario.public_id, response["X-Request-Id"])


@pytest.mark.either_engine
def test_a_state_that_belongs_to_no_address_changes_nothing(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock
) -> None:
    hint = id_token(application, dario, frozen, sid=sid_of(browser))
    redirected(browser.get(LOGOUT, {"id_token_hint": hint, "state": "s"}), "/oauth2/logout/done")
    assert not signed_in(browser)


@pytest.mark.either_engine
def test_a_registered_query_is_kept(browser: Client, application: Registered, dario: User, frozen: FrozenClock) -> None:
    hint = id_token(application, dario, frozen, sid=sid_of(browser))
    there = {"id_token_hint": hint, "post_logout_redirect_uri": f"{BYE}?from=varco", "state": "x"}
    redirected(browser.get(LOGOUT, there), f"{BYE}?from=varco&state=x")


@pytest.mark.either_engine
def test_without_an_address_to_go_to_it_ends_at_a_page_of_ours(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock
) -> None:
    response = browser.get(LOGOUT, {"id_token_hint": id_token(application, dario, frozen), "ui_locales": "it"})
    redirected(response, "/oauth2/logout/done")
    assert not signed_in(browser)
    assert "Uscita effettuata" in words(browser.get(response["Location"]))
    assert "You are signed out" in words(Client(HTTP_ACCEPT_LANGUAGE="en").get("/oauth2/logout/done"))


@pytest.mark.either_engine
def test_the_last_page_is_for_those_who_are_signed_out(browser: Client) -> None:
    redirected(browser.get("/oauth2/logout/done"), "/")


@pytest.mark.either_engine
def test_a_form_of_another_site_comes_without_cookies_and_is_answered_by_the_next_request(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock
) -> None:
    hint = id_token(application, dario, frozen, sid=sid_of(browser))
    form = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "s"}
    sent = urlencode(form), "application/x-www-form-urlencoded"
    response = Client(enforce_csrf_checks=True).post(LOGOUT, *sent, headers={"origin": "https://agenda.example"})
    assert response.status_code == 303
    assert signed_in(browser)
    assert hint not in response["Location"]
    redirected(browser.get(response["Location"]), f"{BYE}?state=s")
    assert not signed_in(browser)


# --- the person is asked ----------------------------------------------------------------------------------------------


@pytest.mark.either_engine
@pytest.mark.parametrize("who", ["nobody", "another person", "another session"])
def test_without_an_id_token_of_this_session_the_person_is_asked(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock, who: str
) -> None:
    ask = {"client_id": application.client_id, "post_logout_redirect_uri": BYE, "state": "s"}
    if who == "another person":
        ask["id_token_hint"] = id_token(application, people.silvia(), frozen)
    if who == "another session":
        ask["id_token_hint"] = id_token(application, dario, frozen, sid="of another browser")
    page = browser.get(LOGOUT, ask)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert "form-action" not in page["Content-Security-Policy"]
    assert "Agenda Facile asks to sign you out here too." in words(page)
    assert ("knows you under another account" in words(page)) is (who == "another person")
    assert signed_in(browser)
    redirected(press(browser, page, "leave"), f"{BYE}?state=s")
    assert not signed_in(browser)


@pytest.mark.either_engine
def test_a_bare_request_asks_and_ends_at_our_page(browser: Client) -> None:
    page = browser.get(LOGOUT)
    assert "An application asks to sign you out here too." in words(page)
    redirected(press(browser, page, "leave"), "/oauth2/logout/done")
    assert not signed_in(browser)


@pytest.mark.either_engine
def test_who_says_no_stays_signed_in(browser: Client, application: Registered) -> None:
    page = browser.get(LOGOUT, {"client_id": application.client_id, "post_logout_redirect_uri": BYE})
    redirected(press(browser, page, "stay"), "/")
    assert signed_in(browser)
    assert not Event.objects.filter(tag="account.signed_out").exists()


@pytest.mark.either_engine
def test_no_other_site_can_press_the_button(browser: Client) -> None:
    page = browser.get(LOGOUT)
    field = parse(page.content).select_one("input[name=request]")
    assert field is not None
    answer = browser.post("/oauth2/logout/confirm", {"request": str(field["value"]), "decision": "leave"})
    assert answer.status_code == 403
    assert signed_in(browser)


@pytest.mark.either_engine
def test_the_page_speaks_italian(browser: Client, application: Registered, dario: User) -> None:
    User.objects.filter(pk=dario.pk).update(language="it")
    page = browser.get(LOGOUT, {"client_id": application.client_id})
    assert "Agenda Facile chiede di farti uscire anche da qui." in words(page)


@pytest.mark.either_engine
def test_the_name_of_an_application_is_escaped(browser: Client, application: Registered) -> None:
    Application.objects.update(name="<b>Agenda</b>")
    assert b"<b>Agenda</b>" not in browser.get(LOGOUT, {"client_id": application.client_id}).content


def test_somebody_signed_out_already_is_sent_on(application: Registered) -> None:
    ask = {"client_id": application.client_id, "post_logout_redirect_uri": BYE, "state": "s"}
    redirected(Client().get(LOGOUT, ask), f"{BYE}?state=s")
    redirected(Client().get(LOGOUT), "/oauth2/logout/done")


@pytest.mark.either_engine
@pytest.mark.parametrize("sealed", ["", "x", "a:b:c"])
def test_a_request_that_is_not_sealed_by_us_is_a_page(browser: Client, sealed: str) -> None:
    answer = browser.get("/oauth2/logout/confirm", {"request": sealed})
    assert answer.status_code == 400
    assert "This took too long" in words(answer)
    assert signed_in(browser)


# --- faults are a page, never a redirect ------------------------------------------------------------------------------


@pytest.mark.either_engine
@pytest.mark.parametrize(
    "uri", [f"{BYE}/", f"{BYE}?", "https://AGENDA.example/bye", "https://evil.example/", "javascript:alert(1)"]
)
def test_an_address_that_is_not_registered_is_a_fault(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock, uri: str
) -> None:
    hint = id_token(application, dario, frozen, sid=sid_of(browser))
    answer = browser.get(LOGOUT, {"id_token_hint": hint, "post_logout_redirect_uri": uri, "state": "s"})
    faulty(answer, browser, "RP-Initiated Logout §2 post_logout_redirect_uri", application)


def test_a_suspended_application_gets_nobody_back(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock
) -> None:
    Application.objects.filter(pk=application.application.pk).update(state="suspended")
    hint = id_token(application, dario, frozen, sid=sid_of(browser))
    answer = browser.get(LOGOUT, {"id_token_hint": hint, "post_logout_redirect_uri": BYE})
    faulty(answer, browser, "RP-Initiated Logout §2 post_logout_redirect_uri", application)


@pytest.mark.parametrize("since", ["suspended", "without the address"])
def test_an_application_that_changed_before_the_answer_gets_nobody_back(
    browser: Client, application: Registered, since: str
) -> None:
    there = {"client_id": application.client_id, "post_logout_redirect_uri": BYE}
    page = browser.get(LOGOUT, there)
    if since == "suspended":
        Application.objects.update(state="suspended")
    else:
        type(application.revision).objects.update(post_logout_redirect_uris=[])
    redirected(press(browser, page, "leave"), f"{LOGOUT}/done")
    assert not signed_in(browser)


def test_an_address_of_nobody_is_a_fault(browser: Client) -> None:
    for ask in ({}, {"client_id": "varco-unknown"}, {"client_id": "\0"}):
        answer = browser.get(LOGOUT, {"post_logout_redirect_uri": BYE, **ask})
        assert answer.status_code == 400
        assert signed_in(browser)


@pytest.mark.either_engine
def test_a_hint_that_is_no_id_token_of_ours_is_a_fault(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock
) -> None:
    whole = id_token(application, dario, frozen, sid=sid_of(browser))
    for hint in (
        "garbage",
        whole[:-4] + "AAAA",
        id_token(application, dario, frozen, iss="https://other.example"),
        id_token(application, dario, frozen, typ="at+jwt"),
        id_token(application, dario, frozen, typ="logout+jwt"),
    ):
        ask = {"id_token_hint": hint, "client_id": application.client_id, "post_logout_redirect_uri": BYE}
        faulty(browser.get(LOGOUT, ask), browser, "RP-Initiated Logout §2 id_token_hint", application)
    assert not RefusedRequest.objects.filter(received__contains=whole[:20]).exists()


@pytest.mark.either_engine
def test_a_client_id_that_contradicts_the_hint_is_a_fault(
    browser: Client, application: Registered, dario: User, frozen: FrozenClock
) -> None:
    other = people.application(application.application.owner, name="Other", post_logout_redirect_uris=[BYE])
    hint = id_token(application, dario, frozen, sid=sid_of(browser))
    ask = {"id_token_hint": hint, "client_id": other.client_id, "post_logout_redirect_uri": BYE}
    faulty(browser.get(LOGOUT, ask), browser, "RP-Initiated Logout §2 client_id", other)


@pytest.mark.either_engine
def test_a_repeated_parameter_is_a_fault(browser: Client, application: Registered) -> None:
    query = urlencode([("client_id", application.client_id), ("state", "a"), ("state", "b")])
    answer = browser.get(LOGOUT, QUERY_STRING=query)
    assert answer.status_code == 400
    assert RefusedRequest.objects.get().application_id == application.application.pk


@pytest.mark.either_engine
def test_a_form_of_another_kind_is_a_fault(browser: Client) -> None:
    answer = browser.post(LOGOUT, b"{}", content_type="application/json")
    assert answer.status_code in {400, 415}
    assert RefusedRequest.objects.get().endpoint == LOGOUT


@pytest.mark.either_engine
def test_the_page_of_a_fault_lets_one_sign_out_all_the_same(browser: Client) -> None:
    page = browser.get(LOGOUT, {"post_logout_redirect_uri": BYE})
    assert "you are still signed in here" in words(page)
    press(browser, page, "")
    assert not signed_in(browser)
    assert "You are not signed in here anyway" in words(browser.get(LOGOUT, {"post_logout_redirect_uri": BYE}))


def faulty(answer: Any, browser: Client, rule: str, application: Registered) -> None:
    """A page with the reference of a line in the application's trace; nobody was signed out and nothing redirected."""
    assert answer.status_code == 400, answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert "Location" not in answer
    assert signed_in(browser)
    row = RefusedRequest.objects.get(request_id=answer["X-Request-Id"])
    assert (row.endpoint, row.application_id) == (LOGOUT, application.application.pk)
    assert row.rule.endswith(rule)
    assert row.request_id in words(answer)


@pytest.mark.either_engine
def test_only_get_and_post_are_answered(browser: Client) -> None:
    assert browser.put(LOGOUT).status_code == 405
    assert browser.get(f"{LOGOUT}/").status_code == 404


@pytest.mark.either_engine
def test_a_long_state_comes_back_whole(browser: Client, application: Registered) -> None:
    state = "ü" * 500
    ask = {"client_id": application.client_id, "post_logout_redirect_uri": BYE, "state": state}
    answer = press(browser, browser.get(LOGOUT, ask), "leave")
    assert parse_qs(urlsplit(answer["Location"]).query) == {"state": [state]}
