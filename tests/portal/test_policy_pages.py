"""What pages say of the policy beforehand and afterwards, and of whom it concerns that an application stops (S16, S44)."""

import pytest
from django.test import Client
from django.utils import translation

from tests.conftest import FrozenClock
from tests.gate.conftest import grant
from tests.support import people, registrations
from tests.support.authorization_pages import Consent, ask
from tests.support.html import parse
from tests.support.people import Registered
from tests.support.registration_pages import BASE, signed_in
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants.models import Consent as ConsentRow
from varco.grants.stopping import concerned
from varco.mail.models import Message
from varco.portal.common.policy_words import WHY_A_PERSON
from varco.registry import services
from varco.registry.models import Application
from varco.registry.policy import Obstacle
from varco.tenants.models import Membership

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

STAFF = "/staff/applications/"


@pytest.fixture
def davide(frozen: FrozenClock) -> User:
    developer = people.davide()
    Membership.objects.create(user=developer, tenant=people.tenant("Mine", "sandbox"), role="manager")
    return developer


def words(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(parse(response.content).get_text(" ").split())


@pytest.mark.parametrize(
    ("environment", "said", "afterwards"),
    [
        ("development", "Approved at once", "Approved at once: it works in your sandboxes now."),
        ("production", "A person reads it", "Submitted. You get an answer by mail"),
    ],
)
def test_the_form_says_beforehand_who_decides(davide: User, environment: str, said: str, afterwards: str) -> None:
    application = registrations.draft(davide, environment=environment)
    client = signed_in(davide)
    page = client.get(f"{BASE}{application.pk}/submit/")
    assert said in page.content.decode()
    stamp = parse(page.content).select_one("main input[name=stamp]")
    assert stamp is not None
    after = client.post(f"{BASE}{application.pk}/submit/", {"stamp": str(stamp["value"])}, follow=True)
    assert afterwards in after.content.decode()


def test_without_a_sandbox_nobody_is_told_that_it_works_already(davide: User) -> None:
    Membership.objects.all().delete()
    application, client = registrations.draft(davide, environment="development"), signed_in(davide)
    stamp = parse(client.get(f"{BASE}{application.pk}/submit/").content).select("main input[name=stamp]")[0]["value"]
    after = client.post(f"{BASE}{application.pk}/submit/", {"stamp": str(stamp)}, follow=True).content.decode()
    assert "as soon as your team has one" in after
    assert "in your sandboxes now" not in after


def test_the_client_page_says_where_it_works(davide: User) -> None:
    application = registrations.submitted(davide, environment="development").application
    said = words(signed_in(davide), f"{BASE}{application.pk}/")
    for expected in ("It works in your sandboxes alone", "Clinic Mine", "by policy", "varco-"):
        assert expected in said
    assert "The people of every medical centre can use it" not in said
    Membership.objects.all().delete()
    assert "it works nowhere" in words(signed_in(davide), f"{BASE}{application.pk}/")


def test_consent_says_that_it_works_in_sandboxes_alone_and_nobody_s_approval(davide: User) -> None:
    registered = people.application(davide, sandboxes_only=True, environment="development")
    browser = signed_in(people.member("Dora", "Mine", "doctor", kind="sandbox"))
    page = Consent(browser, ask(browser, registered)["Location"])
    assert "It works in the sandboxes of the people who make it, and nowhere else." in page.text
    assert "Approved by" not in page.text


@pytest.fixture
def used(davide: User) -> Registered:
    """An application that two people of a clinic use, and one of another."""
    registered = people.application(davide)
    for user in (people.dario(), people.member("Dina", "Aurora", "doctor"), people.member("Elio", "Levante", "doctor")):
        tenant = Membership.objects.get(user=user).tenant
        ConsentRow.objects.create(user=user, tenant=tenant, application=registered.application, scopes="openid")
        grant(user, registered, state="active")
    bound = people.member("Igor", "Levante", "doctor")
    Membership.objects.filter(user=bound).update(only_application=registered.application)
    return registered


def test_who_is_concerned_is_counted(used: Registered, davide: User) -> None:
    found = concerned(used.application)
    assert [(clinic.tenant.name, clinic.people) for clinic in found.clinics] == [
        ("Clinic Aurora", 2),
        ("Clinic Levante", 1),
    ]
    assert (found.clinic_count, found.people, found.grants, found.secrets, found.bound) == (2, 3, 3, 1, 1)
    assert found.told == [davide]


def test_before_it_stops_or_comes_back_the_page_says_for_whom(used: Registered, davide: User) -> None:
    desk, own, address = signed_in(people.olga()), signed_in(davide), f"{STAFF}{used.application.pk}/"
    for said in (words(desk, f"{address}suspend/"), words(own, f"{BASE}{used.application.pk}/retire/")):
        for expected in ("Clinic Aurora", "People: 2", "Clinic Levante", "davide@developer.example"):
            assert expected in said
    services.suspend(used.application, Origin(people.person("Otto", "Operator", platform_role="operator")), reason="x")
    assert "Clinic Aurora" in words(desk, f"{address}restore/")
    assert desk.post(f"{address}restore/", {"text": ""}).status_code == 422
    assert Application.objects.get().state == "suspended", "without a reason it is not restored"


def test_where_nobody_uses_it_the_page_says_so(davide: User) -> None:
    registered = people.application(davide)
    assert "nobody is concerned" in words(signed_in(davide), f"{BASE}{registered.application.pk}/retire/")


def test_retiring_is_mailed_to_those_whom_the_page_named(used: Registered, davide: User) -> None:
    services.retire(used.application, Origin(davide))
    mail = Message.objects.get()
    assert (mail.to, "Retired: Agenda Facile" in mail.subject) == (davide.email, True)


@pytest.mark.parametrize("obstacle", Obstacle)
def test_why_a_person_reads_it_is_said_in_both_languages(obstacle: Obstacle) -> None:
    said = []
    for language in ("en", "it"):
        with translation.override(language):
            said.append(str(WHY_A_PERSON[obstacle]))
    assert said[0] != said[1]
