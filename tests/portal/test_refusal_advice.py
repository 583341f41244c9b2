"""A refused request says what to do about it, in the reader's language, and leads to what its code means."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.support.registration_pages import BASE, page, signed_in
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.documentation import errors
from varco.portal.common.refusal_words import ADVICE, advice
from varco.registry.models import Application

pytestmark = pytest.mark.either_engine


def refused(application: Application, code: str, request_id: str = "abc") -> None:
    RefusedRequest.objects.create(
        request_id=request_id, application_id=application.pk, endpoint="/oauth2/token", error=code, rule="x"
    )


@pytest.fixture
def browser(davide: User) -> Client:
    return signed_in(davide)


def test_every_documented_code_has_advice_in_both_languages_and_no_other() -> None:
    assert set(ADVICE) == set(errors.meanings())
    for code, text in ADVICE.items():
        with translation.override("it"):
            italian = str(text)
        with translation.override("en"):
            assert str(text) != italian, code


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "refusals/", "refusals/abc/"])
def test_each_code_is_advised_once_and_leads_to_its_page(browser: Client, application: Application, path: str) -> None:
    for code in ("invalid_grant", "invalid_grant", "slow_down"):
        refused(application, code)
    shown = page(browser.get(f"{BASE}{application.pk}/{path}"))
    links = [link["href"] for link in shown.select("dt a")]
    assert links == ["/docs/errors/slow_down/", "/docs/errors/invalid_grant/"]
    assert [browser.get(link).status_code for link in links] == [200, 200]
    assert "Start a new sign-in." in shown.get_text()


@pytest.mark.django_db
def test_whoever_finds_a_request_by_its_id_reads_what_to_do(browser: Client, application: Application) -> None:
    refused(application, "invalid_scope")
    shown = page(browser.get(reverse("find_request"), {"request_id": "abc"}))
    assert "Ask only for what is in force." in shown.get_text()


@pytest.mark.django_db
def test_a_code_that_nobody_knows_has_no_advice(browser: Client, application: Application) -> None:
    refused(application, "no_such_code")
    assert not page(browser.get(f"{BASE}{application.pk}/refusals/")).select("dt a")
    assert advice(["no_such_code"]) == []
