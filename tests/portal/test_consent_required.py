"""Consent where the application cannot work without something: it is locked, sent, and never granted unsaid (S18)."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import answer_of, consent_page, signed_in
from tests.support.people import Registered
from varco.audit.models import RefusedRequest
from varco.grants.models import Grant

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

ASKED = "openid giponext.agenda giponext.patients"


@pytest.fixture
def demanding(frozen: FrozenClock) -> Registered:
    """An application that cannot work without the agenda."""
    return people.application(
        people.olga(),
        scopes=[
            people.scope("openid"),
            people.scope("giponext.agenda", required=True),
            people.scope("giponext.patients"),
        ],
    )


@pytest.fixture
def browser(demanding: Registered) -> Client:
    return signed_in(people.dario())


def test_a_required_scope_is_locked_and_says_why(browser: Client, demanding: Registered) -> None:
    page = consent_page(browser, demanding, scope=ASKED)
    assert "disabled" in page.switches()["giponext.agenda"]
    assert "cannot work without it" in page.text


def test_openid_comes_with_every_acceptance_and_the_page_sends_what_is_required(
    browser: Client, demanding: Registered
) -> None:
    page = consent_page(browser, demanding, scope=ASKED)
    assert page.on() == ["giponext.agenda"]
    answer_of(page.accept(scopes=["giponext.agenda"]))
    assert Grant.objects.get().scopes == "openid giponext.agenda"


@pytest.mark.parametrize("scopes", [[], ["openid"], ["openid", "giponext.patients"]])
def test_an_acceptance_without_what_is_required_is_a_refusal(
    browser: Client, demanding: Registered, scopes: list[str]
) -> None:
    answer = answer_of(consent_page(browser, demanding, scope=ASKED).accept(scopes=scopes))
    assert answer["error"] == "access_denied"
    assert not Grant.objects.exists()
    assert RefusedRequest.objects.get().expected == "giponext.agenda openid"
