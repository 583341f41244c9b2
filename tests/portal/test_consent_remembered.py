"""Consent that is remembered: what is not asked again, and what is."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import Consent, answer_of, ask, consent_page, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants import services
from varco.grants.models import Consent as ConsentRow
from varco.grants.models import Grant, Interaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def dario(application: people.Registered) -> User:
    return people.dario()


@pytest.fixture
def browser(dario: User) -> Client:
    return signed_in(dario)


def test_what_was_accepted_before_is_not_asked_again(browser: Client, application: people.Registered) -> None:
    answer_of(consent_page(browser, application).accept())
    answer = answer_of(ask(browser, application, scope="openid giponext.patients"))
    assert answer["code"]
    assert Grant.objects.count() == 2
    assert Event.objects.filter(tag="code.issued").latest("pk").detail["remembered"] is True
    assert Event.objects.filter(tag="consent.given").count() == 1
    assert Interaction.objects.count() == 1, "no page was shown, so there was nothing to keep"


def test_what_is_withdrawn_while_the_code_is_made_is_asked_for(
    browser: Client, application: people.Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_of(consent_page(browser, application).accept())
    monkeypatch.setattr(services, "covers", lambda *_: True)  # as the row said when the request was read
    ConsentRow.objects.update(withdrawn_at=1)
    address = ask(browser, application)["Location"]
    assert Grant.objects.count() == 1
    assert Interaction.objects.filter(finished_at=None).count() == 1
    monkeypatch.undo()
    page = Consent(browser, address)
    assert answer_of(page.accept())["code"]


def test_more_scopes_or_claims_than_before_are_asked_for_again(browser: Client, application: people.Registered) -> None:
    answer_of(consent_page(browser, application, scope="openid giponext.patients").accept())
    page = consent_page(browser, application, scope="openid giponext.patients giponext.agenda")
    assert page.response.status_code == 200
    answer_of(page.accept())
    assert ConsentRow.objects.get().scopes == "openid giponext.patients giponext.agenda"
    claims = '{"userinfo": {"email": null}}'
    assert consent_page(browser, application, scope="openid", claims=claims).switches("claim")


def test_a_claim_registered_since_is_asked_for_again(browser: Client, application: people.Registered) -> None:
    application.revision.claims = ["profile"]
    application.revision.save()
    answer_of(consent_page(browser, application).accept())
    assert answer_of(ask(browser, application))["code"]
    application.revision.claims = ["profile", "tenant"]
    application.revision.save()
    assert consent_page(browser, application).response.status_code == 200


def test_what_was_refused_is_asked_again_with_its_switch_off(browser: Client, application: people.Registered) -> None:
    answer_of(consent_page(browser, application).accept(scopes=["giponext.patients"]))
    page = consent_page(browser, application)
    assert page.on() == ["giponext.patients"]


def test_what_opens_the_most_is_off_until_the_person_turns_it_on_once(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application)
    assert page.on() == ["giponext.agenda"]
    assert "Off until you turn it on" in page.text
    answer_of(page.accept(scopes=["giponext.patients"]))
    again = consent_page(browser, application, prompt="consent")
    assert again.on() == ["giponext.patients"]
    assert "Off until you turn it on" not in again.text


def test_refusing_now_what_was_accepted_before_takes_it_from_grants_that_live(
    browser: Client, application: people.Registered
) -> None:
    answer_of(consent_page(browser, application).accept())
    old = Grant.objects.get()
    Grant.objects.update(state="active", expires_at=2_000_000_000)
    page = consent_page(browser, application, prompt="consent")
    answer_of(page.accept(scopes=["giponext.agenda"]))
    old.refresh_from_db()
    assert old.scopes == "openid giponext.agenda"
    assert ConsentRow.objects.get().refused == "giponext.patients"


def test_prompt_consent_asks_though_all_was_accepted(browser: Client, application: people.Registered) -> None:
    answer_of(consent_page(browser, application).accept())
    assert consent_page(browser, application, prompt="consent").response.status_code == 200


def test_a_native_application_is_asked_for_every_time(browser: Client) -> None:
    native = people.application(people.olga(), type="native", redirect_uris=[people.CALLBACK])
    answer_of(consent_page(browser, native).accept())
    assert consent_page(browser, native).response.status_code == 200


def test_one_persons_consent_is_nobody_elses(browser: Client, application: people.Registered) -> None:
    answer_of(consent_page(browser, application).accept())
    assert consent_page(signed_in(people.silvia()), application).response.status_code == 200


def test_refusing_in_one_tab_what_another_tab_has_accepted_is_still_a_refusal(
    browser: Client, application: people.Registered
) -> None:
    first, second = consent_page(browser, application), consent_page(browser, application)
    answer_of(first.accept())
    assert answer_of(second.refuse())["error"] == "access_denied"
