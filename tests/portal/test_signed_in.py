"""Forms that come too late: after the session ended, or with a proof from before another sign-in. Nothing typed is lost (S37)."""

from typing import Any

import pytest
from django.test import Client

from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.registration_pages import BASE, DETAILS, REGISTRATION, page, signed_in
from varco.accounts.models import User
from varco.registry.models import Application, Revision

pytestmark = pytest.mark.django_db

NEW = f"{BASE}new/one-page/"
TYPED: dict[str, Any] = DETAILS | REGISTRATION | {"description": 'Two\r\nlines, "quoted" <b>too</b>', "save": "draft"}
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


def fields(answer: ClientResponse) -> dict[str, list[str]]:
    """What the form of the page would send."""
    found: dict[str, list[str]] = {}
    for field in page(answer).select("main form input"):
        found.setdefault(str(field["name"]), []).append(str(field["value"]))
    return found


def test_what_was_typed_before_the_session_ended_is_sent_after_signing_in_again(davide: User) -> None:
    browser = signed_in(davide)
    browser.logout()
    answer = browser.post(NEW, TYPED)
    assert answer.status_code == 403
    assert "no longer signed in" in answer.content.decode()
    assert not Application.objects.exists()
    browser.force_login(davide)
    assert browser.post(NEW, fields(answer)).status_code == 303
    made = Application.objects.get()
    assert made.description.splitlines() == TYPED["description"].splitlines()
    assert made.revisions.get().redirect_uris == REGISTRATION["redirect_uris"].split()


def test_a_form_from_before_another_sign_in_is_handed_back_and_says_as_whom_it_would_be_sent(davide: User) -> None:
    browser = signed_in(davide, enforce_csrf_checks=True)
    answer = browser.post(NEW, TYPED | {"csrfmiddlewaretoken": "x" * 64}, headers=FROM_HERE)
    assert answer.status_code == 403
    assert davide.email in answer.content.decode()
    assert not Application.objects.exists()
    again = browser.post(NEW, fields(answer), headers=FROM_HERE)
    assert again.status_code == 303
    assert Revision.objects.get().redirect_uris == REGISTRATION["redirect_uris"].split()


@pytest.mark.either_engine
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_what_another_page_filled_in_is_not_offered_for_sending(davide: User, site: str) -> None:
    browser = signed_in(davide, enforce_csrf_checks=True)
    answer = browser.post(NEW, TYPED, headers={"Sec-Fetch-Site": site} if site else {})
    assert answer.status_code == 403
    assert DETAILS["description"] not in answer.content.decode()
    assert "Facile Srl" not in answer.content.decode()


@pytest.mark.either_engine
def test_consent_is_never_handed_back() -> None:
    browser = signed_in(people.dario(), enforce_csrf_checks=True)
    answer = browser.post("/oauth2/authorize/anything/", {"decision": "accept"}, headers=FROM_HERE)
    assert answer.status_code == 403
    assert "accept" not in fields(answer).get("decision", [])


@pytest.mark.either_engine
def test_a_password_is_never_handed_back(browser: Client) -> None:
    answer = browser.post("/account/profile/", {"given_name": "Dario", "password": "secret"})
    assert (answer.status_code, answer["Location"]) == (303, "/account/login/?next=/account/profile/")


def test_what_an_operator_wrote_survives_a_decision_taken_meanwhile(davide: User) -> None:
    olga = signed_in(people.olga())
    made = people.application(davide)
    answer = olga.post(
        f"/staff/applications/review/{made.revision.pk}/", {"decision": "reject", "text": "A long <reason>"}
    )
    assert answer.status_code == 409
    assert "A long &lt;reason&gt;" in answer.content.decode()
