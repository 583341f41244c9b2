"""Where an application is used, for its developers: numbers and what is missing, no people; a text for the centre."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.registration_pages import BASE, page, signed_in
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants.models import Consent, Grant
from varco.registry import services
from varco.registry.models import AllowedTenant, Application, BlockedApplication
from varco.registry.registration import ScopeRequest
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db
EVERYTHING = "openid giponext.patients"


@pytest.fixture
def browser(davide: User) -> Client:
    return signed_in(davide)


def accepted(user: User, application: Application, scopes: str = EVERYTHING, refused: str = "") -> Consent:
    return Consent.objects.create(
        user=user, application=application, tenant=user.membership.tenant, scopes=scopes, refused=refused
    )


def listed(browser: Client, application: Application, query: str = "") -> dict[str, str]:
    rows = page(browser.get(f"{BASE}{application.pk}/centres/{query}")).select("main .row")
    return {row.one("a").get_text(): row.get_text(" ", strip=True) for row in rows}


def opened(browser: Client, application: Application, tenant: Tenant) -> str:
    return (
        page(browser.get(f"{BASE}{application.pk}/centres/{tenant.public_id}/")).one("main").get_text(" ", strip=True)
    )


def letters(browser: Client, application: Application, tenant: Tenant) -> list[str]:
    shown = page(browser.get(f"{BASE}{application.pk}/centres/{tenant.public_id}/"))
    return [text.get_text() for text in shown.select("#letter pre")]


def test_numbers_by_role_and_no_names(browser: Client, application: Application, frozen: FrozenClock) -> None:
    dario, silvia, lia = people.dario(), people.silvia(), people.lia()
    for user in (dario, silvia, lia):
        accepted(user, application)
    Grant.objects.create(
        user=dario, application=application, tenant=dario.membership.tenant, last_used_at=frozen.seconds - 7200
    )
    rows = listed(browser, application)
    assert list(rows) == ["Clinic Aurora", "Clinic Levante"]
    assert "2 people" in rows["Clinic Aurora"]
    assert "In use" in rows["Clinic Aurora"]
    text = opened(browser, application, dario.membership.tenant)
    assert "Doctor : 1" in text or "Doctor: 1" in text
    assert "2 hours ago" in text
    for user in (dario, silvia):
        assert user.family_name not in text.replace("Clinic Aurora", "").replace("tenant-aurora", "")
        assert user.given_name not in text
        assert user.email not in text
    assert letters(browser, application, dario.membership.tenant) == []


def test_whoever_left_or_withdrew_or_works_elsewhere_now_is_not_counted(
    browser: Client, application: Application, frozen: FrozenClock
) -> None:
    dario, silvia, marta = people.dario(), people.silvia(), people.marta()
    for user in (dario, silvia, marta):
        accepted(user, application)
    Consent.objects.filter(user=dario).update(withdrawn_at=frozen.seconds)
    Membership.objects.filter(user=silvia).update(active=False)
    assert "1 person" in listed(browser, application)["Clinic Aurora"]
    Membership.objects.filter(user=marta).update(tenant=people.tenant("Levante"))
    assert "nobody at the moment" in listed(browser, application)["Clinic Aurora"]


def test_scopes_that_are_missing_are_counted_and_asked_for_in_both_languages(browser: Client, davide: User) -> None:
    scopes = ("openid", ScopeRequest("giponext.patients", registrations.REASON, required=True), "giponext.agenda")
    made = registrations.approved(davide, people.olga(), scopes=scopes)
    dario, silvia = people.dario(), people.silvia()
    accepted(dario, made, "openid giponext.patients", refused="giponext.agenda")
    accepted(silvia, made, "openid giponext.patients")
    assert "Scopes missing" in listed(browser, made)["Clinic Aurora"]
    shown = page(browser.get(f"{BASE}{made.pk}/centres/tenant-aurora/"))
    assert [row.get_text(" ", strip=True) for row in shown.select("#missing tbody tr")] == ["giponext.agenda 2 1"]
    english, italian = letters(browser, made, dario.membership.tenant)
    assert "(2 people)" in english
    assert "please sign in again through Agenda Facile" in english
    assert "(2 persone)" in italian
    assert "dev@facile.example" in italian
    assert "giponext.agenda" not in english  # a sentence in its place


@pytest.mark.either_engine
def test_a_block_says_since_when_and_who_can_lift_it_but_neither_name_nor_reason(
    browser: Client, application: Application
) -> None:
    marta = people.marta()
    accepted(people.dario(), application)
    services.block(application, Origin(marta), reason="We do not trust them.")
    assert "Blocked there" in listed(browser, application)["Clinic Aurora"]
    text = opened(browser, application, marta.membership.tenant)
    assert "by a manager of the centre" in text
    assert "trust" not in text
    assert "Marta" not in text
    english, italian = letters(browser, application, marta.membership.tenant)
    address = f"/clinic/applications/{application.client_id}/"
    assert address in english
    assert address in italian
    assert "Clinic Aurora" in italian
    BlockedApplication.objects.update(blocked_by=None)
    assert "no manager confirmed in time" in opened(browser, application, marta.membership.tenant)


def test_a_centre_it_is_limited_to_is_invited_before_anybody_came(browser: Client, application: Application) -> None:
    aurora = people.tenant("Aurora")
    AllowedTenant.objects.create(application=application, tenant=aurora)
    assert "nobody at the moment" in listed(browser, application)["Clinic Aurora"]
    assert "has connected Agenda Facile yet" in letters(browser, application, aurora)[0]


def test_centres_that_have_nothing_to_do_with_it_do_not_exist(browser: Client, application: Application) -> None:
    levante = people.tenant("Levante")
    dora = people.person("Dora", "Developer", developer_since=1)
    accepted(people.lia(), registrations.approved(dora, User.objects.get(given_name="Olga"), name="Theirs"))
    assert listed(browser, application) == {}
    for slug in (levante.public_id, "no-such"):
        assert browser.get(f"{BASE}{application.pk}/centres/{slug}/").status_code == 404
    assert signed_in(dora).get(f"{BASE}{application.pk}/centres/").status_code == 404


def test_centres_are_searched_by_name_and_id(browser: Client, application: Application) -> None:
    for user in (people.dario(), people.lia()):
        accepted(user, application)
    assert list(listed(browser, application, "?words=lev")) == ["Clinic Levante"]
    assert list(listed(browser, application, "?words=tenant-aur")) == ["Clinic Aurora"]


def test_many_centres_take_as_many_statements_as_one(browser: Client, application: Application) -> None:
    accepted(people.dario(), application)
    counts = []
    for more in (0, 12):
        for number in range(more):
            accepted(people.member(f"P{number}", f"Clinic{number}", "doctor"), application, "openid")
        with CaptureQueriesContext(connection) as captured:
            listed(browser, application)
        counts.append(len(captured))
    assert counts[0] >= counts[1]
