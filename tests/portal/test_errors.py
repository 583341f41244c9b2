"""Error pages: a page, a reference, one sentence for the person, one for the developer."""

from typing import Any

import pytest
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.html import Element, parse

pytestmark = [pytest.mark.urls("tests.support.failures"), pytest.mark.either_engine]


@pytest.fixture
def browser(db: None) -> Client:
    """One that gets the error page, as browsers do, instead of the exception."""
    return Client(raise_request_exception=False)


def page(answer: ClientResponse) -> Element:
    return parse(answer.content)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing-here", 404),
        ("/fails/suspicious/", 400),
        ("/fails/denied/", 403),
        ("/fails/bug/", 500),
        ("/fails/database/", 503),
    ],
)
def test_every_error_has_a_title_two_sentences_and_the_request_id(browser: Client, path: str, status: int) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    shown = page(answer)
    assert shown.one("h1")
    assert len(shown.one(".lead").get_text()) > 20
    facts = shown.one(".problem__facts")
    assert facts.one("code").get_text() == answer["X-Request-Id"]
    assert len(facts.one("p").get_text()) > 30
    assert shown.one("main a.button")["href"] == "/"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/language/", "/account/sessions/end/"])
def test_the_address_of_a_form_is_explained_when_opened(path: str, as_user: AsUser) -> None:
    answer = as_user(people.dario()).get(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "GET is not allowed here; allowed: POST" in page(answer).get_text()


def test_a_form_with_thousands_of_fields_is_a_bad_request(browser: Client) -> None:
    answer = browser.post("/account/login/", {f"field-{number}": "x" for number in range(1_500)})
    assert answer.status_code == 400
    assert page(answer).one("h1")


def test_two_requests_have_two_references(browser: Client) -> None:
    assert browser.get("/nothing-here")["X-Request-Id"] != browser.get("/nothing-here")["X-Request-Id"]


def test_a_bug_is_not_explained_to_the_world(browser: Client) -> None:
    assert "a secret detail" not in browser.get("/fails/bug/").content.decode()


def test_a_database_that_is_away_asks_for_patience(browser: Client) -> None:
    assert browser.get("/fails/database/")["Retry-After"] == "5"


def test_the_page_of_a_failure_asks_no_database(browser: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        browser.get("/fails/database/")


def test_a_refusal_can_say_who_may(browser: Client) -> None:
    assert "Only the manager may do this." in page(browser.get("/fails/explained/")).get_text()


def test_what_was_received_is_shown_and_never_run(browser: Client) -> None:
    answer = browser.get("/shows/", {"received": "<script>alert(1)</script>"})
    assert b"<script>alert" not in answer.content
    assert "<script>alert(1)</script>" in page(answer).get_text()


def test_a_form_of_another_site_is_refused_with_a_page() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/language/", {"language": "it"}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert page(answer).one("h1").get_text() == "This form has expired"
    assert page(answer).one(".problem__facts code").get_text() == answer["X-Request-Id"]


@pytest.mark.django_db
def test_our_own_form_is_taken() -> None:
    strict = Client(enforce_csrf_checks=True)
    token = page(strict.get("/account/login/")).select_one("input[name=csrfmiddlewaretoken]")
    sent = {"language": "it", "csrfmiddlewaretoken": token["value"]}  # type: ignore[index]
    assert strict.post("/language/", sent, headers={"origin": "http://localhost:8000"}).status_code == 303


def test_error_pages_speak_italian_too(browser: Client) -> None:
    answer = browser.get("/fails/bug/", headers={"accept-language": "it"})
    assert page(answer).one("h1").get_text() == "Qualcosa è andato storto da parte nostra"
