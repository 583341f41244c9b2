"""Consent is given for the data of one clinic: somebody who has moved to another is asked anew (S5, S18)."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import answer_of, ask, consent_page, signed_in
from varco.accounts.models import User
from varco.grants.models import Consent, Grant
from varco.tenants.models import Membership

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


def moves_to_levante(user: User) -> None:
    Membership.objects.filter(user=user).update(tenant=people.tenant("Levante"))


def test_what_was_accepted_at_one_clinic_is_asked_again_at_the_other(
    browser: Client, application: people.Registered, dario: User
) -> None:
    answer_of(consent_page(browser, application).accept(scopes=["giponext.patients"]))
    moves_to_levante(dario)
    page = consent_page(browser, application)
    assert page.response.status_code == 200
    assert "Clinic Levante" in page.response.content.decode()
    assert "giponext.agenda" in page.on()  # what was refused for the other clinic is no answer for this one
    answer_of(page.accept(scopes=["giponext.agenda"]))
    consent = Consent.objects.get()
    assert consent.tenant == people.tenant("Levante")
    assert (consent.scopes, consent.refused) == ("openid giponext.agenda", "giponext.patients")
    assert Grant.objects.get(tenant=people.tenant("Levante")).scopes == "openid giponext.agenda"


def test_nothing_is_remembered_silently(browser: Client, application: people.Registered, dario: User) -> None:
    answer_of(consent_page(browser, application).accept())
    assert answer_of(ask(browser, application, prompt="none"))["code"]
    moves_to_levante(dario)
    assert answer_of(ask(browser, application, prompt="none"))["error"] == "consent_required"


def test_the_first_clinic_s_manager_does_not_see_what_is_accepted_elsewhere(
    browser: Client, application: people.Registered, dario: User
) -> None:
    marta = signed_in(people.marta())
    answer_of(consent_page(browser, application).accept())
    assert "Agenda Facile" in marta.get("/clinic/applications/").content.decode()
    moves_to_levante(dario)
    answer_of(consent_page(browser, application).accept())
    assert "Agenda Facile" not in marta.get("/clinic/applications/").content.decode()
    assert "Agenda Facile" in signed_in(people.luca()).get("/clinic/applications/").content.decode()


def test_consents_of_before_are_of_the_clinic_where_they_were_last_used(
    browser: Client, application: people.Registered, dario: User, frozen: FrozenClock
) -> None:
    """As they were kept before they had a clinic: the manager sees them, and the person is not asked again."""
    other = people.application(application.application.owner, name="Never used")
    answer_of(consent_page(browser, application).accept())
    Consent.objects.create(user=dario, application=other.application, given_at=frozen.seconds)
    Consent.objects.update(tenant=None)
    migration = import_module("varco.grants.migrations.0003_consent_tenant")
    migration.given_where_the_last_grant_is(apps, SimpleNamespace(connection=connection))
    assert [consent.tenant for consent in Consent.objects.order_by("pk")] == [people.tenant("Aurora"), None]
    assert answer_of(ask(browser, application, prompt="none"))["code"]
    assert "Agenda Facile" in signed_in(people.marta()).get("/clinic/applications/").content.decode()
