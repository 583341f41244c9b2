"""From signing in to the first token in a sandbox: what is asked for on the way, and the one button for each thing (S44)."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from tests.support import people, registrations
from tests.support.html import Element
from tests.support.races import race
from tests.support.registration_pages import BASE, fields, page, signed_in
from varco.accounts.models import User
from varco.clinical.models import Patient
from varco.portal.developer import starts
from varco.portal.developer.samples import LISTENER
from varco.registry.access import sandboxes
from varco.registry.models import Application
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db
NEW = f"{BASE}new/"


@pytest.fixture
def of_a_sandbox(davide: User) -> User:
    Membership.objects.create(user=davide, tenant=people.tenant("Mine", "sandbox"), role="manager")
    return davide


def next_of(client: Client, application: Application) -> Element | None:
    return page(client.get(f"{BASE}{application.pk}/")).select_one("#next")


def pressed(client: Client, within: Element) -> Any:
    """What the button of the only form answers, with what the form has."""
    form = within.select_one("form")
    assert form is not None
    sent = {
        str(each["name"]): str(each["value"])
        for each in form.select("input[name][type=hidden]")
        if each["name"] != "csrfmiddlewaretoken"
    }
    return client.post(str(form["action"]), sent)


@pytest.mark.parametrize("start", starts.BY_KEY)
def test_three_pages_and_a_name_lead_to_a_client_id(of_a_sandbox: User, start: str) -> None:
    client = signed_in(of_a_sandbox)
    opened = client.get(NEW)
    demanded = {name for name, value in fields(opened).items() if not value}
    assert demanded == {"name", "redirect_uris"}, "of which the second may stay empty"
    summary = client.post(NEW, fields(opened) | {"name": "Agenda", "start": start}, follow=True)
    submitted = client.post(summary.redirect_chain[-1][0], fields(summary), follow=True)
    application = Application.objects.get()
    assert (application.state, application.description) == ("active", "")
    said = page(submitted).one("main").get_text(" ")
    assert str(application.client_id) in said
    assert "Next: the first token" in said


def test_the_first_secret_is_one_button_and_stands_in_a_program_that_listens_here(of_a_sandbox: User) -> None:
    client = signed_in(of_a_sandbox)
    client.post(NEW, fields(client.get(NEW)) | {"name": "Agenda", "start": "django"})
    application = Application.objects.get()
    address = f"{BASE}{application.pk}/edit/summary/"
    client.post(address, fields(client.get(address)))
    within = next_of(client, application)
    assert within is not None
    answer = pressed(client, within)
    assert answer.status_code == 200, "shown at once, and once"
    secret = application.secrets.get()
    assert (secret.label, secret.expires_at is not None) == ("Development", True)
    said = page(answer).one("main").get_text(" ")
    assert LISTENER in said
    assert "as somebody of Clinic Mine" in said
    assert "YOUR_CLIENT_SECRET" not in page(answer).one("details.sample").get_text()
    assert next_of(client, application) is None, "nothing is next any more"


def test_without_a_sandbox_one_button_gives_one(davide: User) -> None:
    application = registrations.submitted(davide, environment="development").application
    client = signed_in(davide)
    within = next_of(client, application)
    assert within is not None
    assert "works nowhere" in within.get_text()
    assert pressed(client, within)["Location"] == f"{BASE}{application.pk}/first-token/"
    sandbox = sandboxes(application).get()
    assert (sandbox.kind, sandbox.name) == (Tenant.Kind.SANDBOX, f"Sandbox of {davide.name}")
    assert Membership.objects.get(user=davide).tenant == sandbox
    assert Patient.objects.using("sandbox").filter(tenant_id=sandbox.public_id).count() > 20
    assert client.post(f"{BASE}{application.pk}/sandbox/").status_code == 404, "nobody belongs to two"


@pytest.mark.parametrize("why", ["of a clinic", "by invitation alone", "viewer"])
def test_whoever_gets_none_by_asking_is_led_to_those_who_decide(davide: User, settings: Any, why: str) -> None:
    application = registrations.submitted(davide, environment="development").application
    if why == "of a clinic":
        Membership.objects.create(user=davide, tenant=people.tenant("Aurora"), role="doctor")
    elif why == "viewer":
        application.team.members.update(role="viewer")  # type: ignore[union-attr]
    else:
        settings.VARCO = replace(settings.VARCO, registration=False)
    client = signed_in(davide)
    within = next_of(client, application)
    assert within is not None
    assert within.select("form[action$='/sandbox/']") == []
    assert within.select_one("a[href='/tickets/new/sandbox/']")
    before = Tenant.objects.count()
    assert client.post(f"{BASE}{application.pk}/sandbox/").status_code == 404
    assert Tenant.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_pressed_several_times_at_once_it_is_one_sandbox(davide: User) -> None:
    application = registrations.submitted(davide, environment="development").application
    browsers = [signed_in(davide) for _ in range(4)]
    address = f"{BASE}{application.pk}/sandbox/"
    statuses = race(lambda number: browsers[number].post(address).status_code, len(browsers))
    assert set(statuses) <= {303, 404}
    assert Tenant.objects.count() == 1
    assert sandboxes(application).count() == 1
