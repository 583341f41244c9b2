"""Who may use an application at all (membership, clinic, allow-list, block, account), as the consent page tells it."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import answer_of, consent_page, next_page, signed_in
from varco.accounts.models import User
from varco.grants.models import Grant
from varco.registry.models import AllowedTenant, BlockedApplication

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


def barred(user: User, application: people.Registered, words: str) -> None:
    """A page that explains, from which the person can go back to the application or change the account."""
    browser = signed_in(user)
    page = consent_page(browser, application)
    assert page.response.status_code == 403
    assert words in page.text, page.text
    assert page.accept()["Location"] == page.address
    assert not Grant.objects.exists()
    answer = answer_of(browser.post(page.address, {"decision": "refuse"}))
    assert answer["error"] == "access_denied"
    assert answer["state"] == "a state"


@pytest.mark.either_engine
def test_a_developer_without_a_clinic_is_told_why(application: people.Registered) -> None:
    barred(application.application.owner, application, "belongs to no medical centre")


def test_a_membership_switched_off_bars(application: people.Registered, dario: User) -> None:
    dario.membership.active = False
    dario.membership.save()
    barred(dario, application, "switched off")


def test_a_membership_past_its_date_bars(application: people.Registered, dario: User, frozen: FrozenClock) -> None:
    dario.membership.expires_at = frozen.seconds
    dario.membership.save()
    barred(dario, application, "has ended")


@pytest.mark.parametrize(("state", "words"), [("suspended", "is suspended"), ("closed", "is closed")])
def test_a_clinic_that_is_not_active_bars(application: people.Registered, dario: User, state: str, words: str) -> None:
    dario.membership.tenant.state = state
    dario.membership.tenant.save()
    barred(dario, application, words)


def test_an_application_limited_to_other_clinics_is_not_for_this_one(
    application: people.Registered, dario: User
) -> None:
    levante = people.luca().membership.tenant
    AllowedTenant.objects.create(application=application.application, tenant=levante)
    barred(dario, application, "is not meant for Clinic Aurora")
    assert consent_page(signed_in(people.lia()), application).response.status_code == 200


def test_an_application_limited_to_this_clinic_is_for_its_people(
    browser: Client, application: people.Registered, dario: User
) -> None:
    AllowedTenant.objects.create(application=application.application, tenant=dario.membership.tenant)
    assert answer_of(consent_page(browser, application).accept())["code"]


def test_an_application_blocked_by_the_clinic_is_blocked_there_and_nowhere_else(
    application: people.Registered, dario: User
) -> None:
    marta = people.marta()
    BlockedApplication.objects.create(
        application=application.application, tenant=marta.membership.tenant, blocked_by=marta
    )
    barred(dario, application, "Clinic Aurora does not allow Agenda Facile")
    assert consent_page(signed_in(people.lia()), application).response.status_code == 200


def test_a_block_between_page_and_answer_holds(browser: Client, application: people.Registered, dario: User) -> None:
    page = consent_page(browser, application)
    BlockedApplication.objects.create(
        application=application.application, tenant=dario.membership.tenant, blocked_by=dario
    )
    assert page.accept()["Location"] == page.address
    assert not Grant.objects.exists()


def test_somebody_barred_is_barred_although_they_accepted_before(
    browser: Client, application: people.Registered, dario: User
) -> None:
    answer_of(consent_page(browser, application).accept())
    Grant.objects.all().delete()
    dario.membership.active = False
    dario.membership.save()
    barred(dario, application, "switched off")


def test_an_account_switched_off_is_signed_out_at_once(
    browser: Client, application: people.Registered, dario: User
) -> None:
    page = consent_page(browser, application)
    dario.is_active = False
    dario.save()
    assert page.accept()["Location"] == page.address
    assert next_page(browser, page.accept())["Location"].startswith("/account/login/")
    assert not Grant.objects.exists()
