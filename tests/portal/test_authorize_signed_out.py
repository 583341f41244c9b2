"""Nobody is sent on to a client who has not signed in, not even with an error (RFC 9700 §4.11.2)."""

from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from tests import people
from tests.conftest import FrozenClock
from tests.portal.asking import AUTHORIZE, ISSUER, answer_of, ask, ask_raw, parameters, query_of, signed_in
from varco.audit.models import Refusal
from varco.grants.models import Grant

pytestmark = pytest.mark.django_db

LOGIN = "/account/login/"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def stranger(application: people.Registered) -> Client:
    """A browser that nobody has signed in with; Dario is about to."""
    people.dario()
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def sign_in(browser: Client, response: HttpResponse) -> HttpResponse:
    """Through the sign-in page that the browser is sent to; the answer of the address it leads back to."""
    assert response["Location"].startswith(LOGIN), response["Location"]
    done = browser.post(response["Location"], {"login": "dario@aurora.example", "password": people.PASSWORD})
    assert done.status_code == 303
    return browser.get(done["Location"])


FAULTS = {
    "a scope not approved": ({"scope": "openid giponext.invoices"}, "invalid_scope"),
    "implicit": ({"response_type": "token"}, "unsupported_response_type"),
    "no PKCE": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "a request object": ({"request": "e30.e30."}, "request_not_supported"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_is_told_once_somebody_has_signed_in(stranger, application, fault):
    changes, error = FAULTS[fault]
    asked = ask(stranger, application, **changes)
    assert asked.status_code == 303
    assert "Agenda Facile" in stranger.get(asked["Location"]).content.decode()
    answer = answer_of(sign_in(stranger, asked))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "a state", ISSUER)
    assert answer["error_description"]
    assert not Grant.objects.exists()


def test_its_developer_finds_it_in_the_trace_at_once_and_once(stranger, application):
    asked = ask(stranger, application, scope="openid giponext.invoices")
    refusal = Refusal.objects.get()
    assert (refusal.application_id, refusal.received) == (application.application.pk, "giponext.invoices")
    sign_in(stranger, asked)
    assert Refusal.objects.count() == 1


def test_a_parameter_sent_twice_is_told_so_too(stranger, application):
    answer = answer_of(sign_in(stranger, ask_raw(stranger, query_of(application) + "&state=other")))
    assert answer["error"] == "invalid_request"
    assert "state" not in answer


def test_a_posted_request_is_told_so_too(stranger, application):
    posted = stranger.post(AUTHORIZE, query_of(application, scope=None), content_type=FORM)
    assert posted["Location"].startswith(f"{AUTHORIZE}/")
    assert answer_of(sign_in(stranger, stranger.get(posted["Location"])))["error"] == "invalid_scope"


def test_an_error_by_form_post_waits_as_well(stranger, application):
    page = sign_in(stranger, ask(stranger, application, response_mode="form_post", scope=None))
    assert 'name="error" value="invalid_scope"' in page.content.decode()


def test_an_error_is_told_once_and_in_one_browser(stranger, application):
    asked = ask(stranger, application, scope=None)
    done = stranger.post(asked["Location"], {"login": "dario@aurora.example", "password": people.PASSWORD})
    assert signed_in(people.silvia()).get(done["Location"]).status_code == 403
    answer_of(stranger.get(done["Location"]))
    assert "Location" not in stranger.get(done["Location"])


def test_a_request_that_allows_no_page_is_answered_at_once(stranger, application):
    for changes in ({"scope": None}, {"scope": "openid giponext.invoices"}, {"response_type": "token"}, {}):
        assert answer_of(ask(stranger, application, prompt="none", **changes))["error"]
    posted = stranger.post(AUTHORIZE, urlencode(parameters(application, prompt="none", scope=None)), content_type=FORM)
    assert answer_of(posted)["error"] == "invalid_scope"


def test_what_turned_wrong_while_somebody_was_to_sign_in_is_told_after_it(stranger, application):
    asked = ask(stranger, application)
    application.revision.scopes = [people.scope("openid")]
    application.revision.save()
    assert answer_of(sign_in(stranger, asked))["error"] == "invalid_scope"
