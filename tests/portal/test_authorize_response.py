"""The authorization response: what comes back to the client, in which mode, with which headers."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import (
    AUTHORIZE,
    ISSUER,
    Consent,
    answer_of,
    ask,
    consent_page,
    parameters,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def browser() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def test_state_comes_back_to_the_letter(application: people.Registered) -> None:
    state = "a+b c%20&=#?/é ü 日本 \"'<>" + "x" * 10_000
    browser = signed_in(people.dario())
    answer = answer_of(consent_page(browser, application, state=state).accept())
    assert answer["state"] == state
    assert answer["iss"] == ISSUER


def test_no_state_in_no_state_out(application: people.Registered) -> None:
    assert "state" not in answer_of(consent_page(signed_in(people.dario()), application, state=None).accept())


def test_form_post_is_a_page_whose_form_goes_to_the_client(application: people.Registered) -> None:
    browser = signed_in(people.dario())
    response = consent_page(browser, application, response_mode="form_post", state='"><b>').accept()
    page = response.content.decode()
    assert response.status_code == 200
    assert f'action="{people.CALLBACK}"' in page
    assert 'name="code" value="vac.' in page
    assert f'name="iss" value="{ISSUER}"' in page
    assert "&quot;&gt;&lt;b&gt;" in page
    assert "form-action" not in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert "<script>" not in page


def test_errors_go_by_form_post_too_when_it_was_asked_for(browser: Client, application: people.Registered) -> None:
    page = ask(browser, application, response_mode="form_post", scope=None).content.decode()
    assert 'name="error" value="invalid_scope"' in page
    assert f'name="iss" value="{ISSUER}"' in page
    assert 'name="state" value="a state"' in page


def test_answers_and_pages_are_not_cached_not_framed_and_leak_no_referrer(application: people.Registered) -> None:
    browser = signed_in(people.dario())
    page = consent_page(browser, application)
    for response in (page.response, page.accept(), ask(Client(), application, scope=None)):
        assert "no-store" in response["Cache-Control"]
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert response["Referrer-Policy"] in {"no-referrer", "same-origin"}
        assert response["X-Content-Type-Options"] == "nosniff"
    assert "form-action" not in page.response["Content-Security-Policy"]


@pytest.mark.parametrize("uri", ["com.example.agenda:/cb", "http://127.0.0.1:51234/cb", "http://[::1]:51234/cb"])
def test_the_consent_form_may_lead_to_where_native_applications_listen(uri: str) -> None:
    native = people.application(people.davide(), type="native", redirect_uris=[uri])
    page = consent_page(signed_in(people.dario()), native, redirect_uri=uri)
    assert "form-action" not in page.response["Content-Security-Policy"]
    assert answer_of(page.accept(), uri)["code"]


def test_scripts_of_other_sites_cannot_read_what_it_answers() -> None:
    """FAPI 2.0 §5.2.3, RFC 9700 §2.6: browsers come here by themselves; a script of no origin may."""
    spa = people.application(people.davide(), type="spa", redirect_uris=["https://spa.example/cb"])
    browser = signed_in(people.dario())
    sent = parameters(spa, redirect_uri="https://spa.example/cb")
    answers = [
        getattr(browser, method)(AUTHORIZE, sent, HTTP_ORIGIN="https://spa.example") for method in ("get", "options")
    ]
    assert answers[0].status_code == 303
    for answer in answers:
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_forwarded_hosts_reach_neither_the_issuer_nor_a_link(application: people.Registered) -> None:
    evil = {"X-Forwarded-Host": "evil.example", "Host": "evil.example", "Forwarded": "host=evil.example"}
    browser = Client(HTTP_ACCEPT_LANGUAGE="en", headers=evil)
    browser.force_login(people.dario())
    response = browser.get(AUTHORIZE, parameters(application))
    page = Consent(browser, response["Location"])
    assert b"evil.example" not in page.response.content
    answer = answer_of(page.accept())
    assert answer["iss"] == ISSUER
    refused = browser.get(AUTHORIZE, parameters(application, scope=None))
    assert "evil.example" not in refused["Location"]
