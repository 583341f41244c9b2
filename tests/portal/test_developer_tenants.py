"""An application that its owner limits to certain clinics (S19): who may, what it says, what it does."""

import pytest
from django.test import Client

from tests.support import people
from tests.support.authorization_pages import consent_page
from tests.support.authorization_pages import signed_in as asking
from tests.support.registration_pages import BASE, STAFF, fields, page, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.registry import services
from varco.registry.errors import Conflict
from varco.registry.models import AllowedTenant, Application

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(davide: User, application: Application) -> Client:
    return signed_in(davide)


def own(application: Application, rest: str = "") -> str:
    return f"{BASE}{application.pk}/{rest}"


def add(browser: Client, application: Application, tenant_id: str) -> int:
    address = own(application, "centres/new/")
    return browser.post(address, fields(browser.get(address)) | {"tenant_id": tenant_id}).status_code


def section(browser: Client, application: Application) -> str:
    return page(browser.get(own(application))).one("#centres").get_text(" ", strip=True)


@pytest.mark.either_engine
def test_without_a_list_the_page_says_that_everybody_may_use_it(browser: Client, application: Application) -> None:
    assert "The people of every medical centre can use it" in section(browser, application)
    text = page(browser.get(own(application, "centres/new/"))).get_text()
    assert "With the first centre, the application is closed to all others" in text


def test_a_clinic_is_added_by_its_id_audited_and_told_in_the_timeline(
    browser: Client, application: Application, davide: User
) -> None:
    aurora = people.tenant("Aurora")
    assert add(browser, application, f" {aurora.public_id} ") == 303
    assert AllowedTenant.objects.get().tenant == aurora
    shown = section(browser, application)
    assert "Clinic Aurora" in shown
    assert "tenant-aurora" in shown
    event = Event.objects.get(tag="application.tenant_added")
    assert (event.actor, event.tenant, event.application_id) == (davide.public_id, "tenant-aurora", application.pk)
    assert "Medical centre “Clinic Aurora” added to the list" in page(browser.get(own(application))).get_text()
    before = application.version
    application.refresh_from_db()
    assert application.version > before
    assert (
        "Clinic Aurora"
        in signed_in(User.objects.get(given_name="Olga")).get(f"{STAFF}{application.pk}/").content.decode()
    )


def test_whoever_is_not_on_the_list_is_barred_and_let_in_again_when_it_is_empty(davide: User) -> None:
    registered = people.application(davide)
    browser, lia, dario = signed_in(davide), asking(people.lia()), asking(people.dario())
    add(browser, registered.application, "tenant-aurora")
    assert consent_page(dario, registered).response.status_code == 200
    assert "is not meant for Clinic Levante" in consent_page(lia, registered).response.content.decode()
    address = own(registered.application, "centres/tenant-aurora/remove/")
    assert browser.post(address, fields(browser.get(address))).status_code == 303
    assert consent_page(lia, registered).response.status_code == 200


@pytest.mark.parametrize(
    "tenant_id", ["", "tenant-nowhere", "Clinic Aurora", "tenant-aurora\0", "x" * 500, "tenant-shut"]
)
def test_a_clinic_that_is_not_there_is_a_fault_beside_the_field(
    browser: Client, application: Application, tenant_id: str
) -> None:
    people.tenant("Aurora")
    shut = people.tenant("Shut")
    shut.state = "closed"
    shut.save()
    address = own(application, "centres/new/")
    response = browser.post(address, {"tenant_id": tenant_id})
    assert response.status_code == 422
    assert page(response).select_one("#id_tenant_id_fault")
    assert not AllowedTenant.objects.exists()


def test_a_clinic_is_on_the_list_once(browser: Client, application: Application) -> None:
    people.tenant("Aurora")
    assert add(browser, application, "tenant-aurora") == 303
    assert add(browser, application, "tenant-aurora") == 422
    assert AllowedTenant.objects.count() == 1


def test_taking_one_off_is_confirmed_and_says_who_may_use_it_then(browser: Client, application: Application) -> None:
    for name in ("Aurora", "Levante"):
        people.tenant(name)
        add(browser, application, f"tenant-{name.lower()}")
    address = own(application, "centres/tenant-aurora/remove/")
    assert "the people of Clinic Aurora cannot sign in" in page(browser.get(address)).get_text()
    assert AllowedTenant.objects.count() == 2
    assert browser.post(address, fields(browser.get(address))).status_code == 303
    last = own(application, "centres/tenant-levante/remove/")
    assert "the people of every medical centre can use the application again" in page(browser.get(last)).get_text()
    assert browser.get(address).status_code == 404
    assert Event.objects.filter(tag="application.tenant_removed").count() == 1
    assert "taken off the list" in page(browser.get(own(application))).get_text()


def test_what_was_about_one_of_two_does_not_open_it_to_all(browser: Client, application: Application) -> None:
    for name in ("Aurora", "Levante"):
        people.tenant(name)
        add(browser, application, f"tenant-{name.lower()}")
    first, second = (own(application, f"centres/tenant-{name}/remove/") for name in ("aurora", "levante"))
    stale = fields(browser.get(second))
    browser.post(first, fields(browser.get(first)))
    assert browser.post(second, stale).status_code == 409
    assert AllowedTenant.objects.get().tenant.public_id == "tenant-levante"


def test_what_was_added_meanwhile_is_asked_again(browser: Client, application: Application, davide: User) -> None:
    people.tenant("Aurora"), people.tenant("Levante")
    stale = fields(browser.get(own(application, "centres/new/")))
    add(browser, application, "tenant-aurora")
    response = browser.post(own(application, "centres/new/"), stale | {"tenant_id": "tenant-levante"})
    assert response.status_code == 409
    assert browser.post(own(application, "centres/new/"), fields(response)).status_code == 303
    with pytest.raises(Conflict):
        services.remove_tenant(application, Origin(davide), tenant_id="tenant-nowhere")


def test_a_retired_application_has_a_list_no_more(browser: Client, application: Application, davide: User) -> None:
    services.retire(application, Origin(davide))
    assert browser.get(own(application, "centres/new/")).status_code == 409
    assert add(browser, application, "tenant-aurora") == 409
