"""From signing in to the first token in a sandbox: what is asked for on the way, and the one button for each thing (S44)."""

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
from varco.registry.models import Application, Sandbox
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
    sandbox = Sandbox.objects.get()
    assert (sandbox.team, sandbox.tenant.name) == (application.team, f"Sandbox of {davide.name}")
    assert sandbox.tenant in sandboxes(application)
    assert Patient.objects.using("sandbox").filter(tenant_id=sandbox.tenant.public_id).count() > 20
    again = next_of(client, application)
    assert again is not None
    assert again.select_one(f"a[href='/developer/sandboxes/{sandbox.tenant.public_id}/']")


def test_whoever_only_looks_on_makes_none(davide: User) -> None:
    application = registrations.submitted(davide, environment="development").application
    application.team.members.update(role="viewer")  # type: ignore[union-attr]
    client = signed_in(davide)
    within = next_of(client, application)
    assert within is not None
    assert within.select("form[action$='/sandbox/']") == []
    assert client.post(f"{BASE}{application.pk}/sandbox/").status_code == 404
    assert not Tenant.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pressed_several_times_at_once_it_is_one_sandbox(davide: User) -> None:
    application = registrations.submitted(davide, environment="development").application
    browsers = [signed_in(davide) for _ in range(4)]
    address = f"{BASE}{application.pk}/sandbox/"
    statuses = race(lambda number: browsers[number].post(address).status_code, len(browsers))
    assert set(statuses) <= {303, 404}
    assert Sandbox.objects.count() == 1
