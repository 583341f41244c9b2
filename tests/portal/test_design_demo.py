"""What only the demo has: the mailbox and the style guide; and the start pages."""

import dataclasses
import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import clear_url_caches

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.html import parse
from varco import clock
from varco.grants.models import Consent
from varco.mail import services
from varco.mail.models import Message
from varco.portal import urls
from varco.registry.models import Application, BlockedApplication, Revision, Secret

pytestmark = pytest.mark.either_engine


@pytest.fixture
def in_earnest(settings: Any) -> Iterator[None]:
    """A Varco that is no demo."""
    demo = settings.VARCO
    settings.VARCO = dataclasses.replace(demo, demo=False)
    importlib.reload(urls)
    clear_url_caches()
    yield
    settings.VARCO = demo
    importlib.reload(urls)
    clear_url_caches()


def words(client: Client, path: str) -> str:
    return " ".join(parse(client.get(path).content).get_text().split())


def test_the_mailbox_shows_mail_newest_first_and_one_persons_alone(browser: Client) -> None:
    for to, subject in (("a@x.example", "First"), ("b@x.example", "Second"), ("A@x.example", "Third")):
        services.enqueue(to, subject, "Follow http://localhost:8000/account/ <b>now</b>")
    page = parse(browser.get("/demo/mailbox/").content)
    assert [title.get_text() for title in page.select(".way strong")] == ["Third", "Second", "First"]
    assert "Second" not in words(browser, "/demo/mailbox/?to=a@x.example")
    Message.objects.filter(subject="First").update(created_at=clock.now() + 60)  # rows of the past may be written late
    page = parse(browser.get("/demo/mailbox/").content)
    assert page.select(".way strong")[0].get_text() == "First"
    mail = parse(browser.get(page.select(".way")[0]["href"]).content)
    assert mail.one(".mail a")["href"] == "http://localhost:8000/account/"
    assert not mail.select(".mail b")


def test_an_empty_mailbox_says_how_mail_gets_there(browser: Client) -> None:
    assert "No mail yet" in words(browser, "/demo/mailbox/")


@pytest.mark.parametrize(
    "path", ["/demo/mailbox/", "/demo/mailbox/1/", "/styleguide/", "/demo/people/", "/demo/sign-in/"]
)
def test_these_pages_do_not_exist_in_earnest(browser: Client, in_earnest: None, path: str) -> None:
    services.enqueue("a@x.example", "Secret", "text")
    assert browser.get(path).status_code == 404


def test_no_page_speaks_of_the_demo_in_earnest(browser: Client, as_user: AsUser, in_earnest: None) -> None:
    davide = as_user(people.davide())
    for client, path in ((browser, "/account/login/"), (browser, "/account/password/reset/done/"), (davide, "/")):
        text = client.get(path).content.decode()
        assert "demo" not in text.lower()


def test_the_style_guide_shows_every_component(browser: Client) -> None:
    page = parse(browser.get("/styleguide/").content)
    for component in (
        ".breadcrumb", ".card", ".dl", ".table", ".field--fault", ".switch", ".chip", ".timeline", ".callout", ".tabs",
        ".copy", ".plate", ".secret", ".confirm", ".empty", ".pagination", ".code", ".chart", ".steps", "svg.icon",
    ):  # fmt: skip
        assert page.select(component), component


def test_the_start_page_tells_strangers_what_this_is(browser: Client) -> None:
    text = words(browser, "/")
    assert "The gate between GipoNext and other software" in text
    assert "Next for you" not in text


def test_a_doctor_is_offered_a_second_step_and_sees_no_work_of_others(as_user: AsUser) -> None:
    text = words(as_user(people.dario()), "/")
    assert "Welcome, Dario" in text
    assert "Set up two-step sign-in" in text
    assert "registration" not in text.lower()


def test_a_manager_sees_what_the_people_of_the_clinic_use(as_user: AsUser) -> None:
    marta, dario = people.marta(), people.dario()
    assert "No application in use at Clinic Aurora" in words(as_user(marta), "/")
    made = people.application(people.davide()).application
    for someone in (dario, people.lia()):
        Consent.objects.create(
            user=someone, application=made, tenant=someone.membership.tenant, scopes="openid", given_at=clock.now()
        )
    assert "One application in use at Clinic Aurora" in words(as_user(marta), "/")
    assert "in use at" not in words(as_user(dario), "/")
    BlockedApplication.objects.create(application=made, tenant=marta.membership.tenant, blocked_by=marta)
    assert "No application in use at Clinic Aurora" in words(as_user(marta), "/")


def test_who_belongs_to_no_clinic_is_told_of_no_connected_applications(as_user: AsUser) -> None:
    assert "No application is connected" in words(as_user(people.dario()), "/")
    assert "No application is connected" not in words(as_user(people.sara()), "/")


def test_a_new_developer_is_led_to_a_first_application(as_user: AsUser) -> None:
    assert "Register your first application" in words(as_user(people.davide()), "/")


def test_a_developer_sees_what_each_application_waits_for(as_user: AsUser) -> None:
    davide = people.davide()
    named = {name: people.application(davide, name=name) for name in ("Alfa", "Beta", "Gamma", "Delta", "Retired")}
    Secret.objects.filter(application=named["Alfa"].application).delete()
    Revision.objects.filter(pk=named["Beta"].revision.pk).update(state="changes_requested")
    Application.objects.filter(pk=named["Gamma"].application.pk).update(state="suspended")
    Application.objects.filter(pk=named["Retired"].application.pk).update(state="retired")
    text = words(as_user(davide), "/")
    for said in ("Create a secret for Alfa", "Answer the review of Beta", "Gamma is suspended", "Your 4 applications"):
        assert said in text
    assert "Delta" not in text
    assert "Retired" not in text


def test_an_operator_sees_what_waits_and_what_is_late(as_user: AsUser, frozen: FrozenClock) -> None:
    waiting = people.application(people.davide())
    Revision.objects.filter(pk=waiting.revision.pk).update(state="submitted", submitted_at=frozen.seconds)
    olga = as_user(people.olga())
    text = words(olga, "/")
    assert "One registration waits for review" in text
    assert "overdue" not in text
    frozen.advance(7 * 86400)
    assert "1 overdue" in words(olga, "/")
