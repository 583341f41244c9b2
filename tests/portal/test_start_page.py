"""What the start page says by itself: secrets that end, refused requests, steps of the upkeep that fail, mails that were given up."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.html import parse
from varco.audit.models import RefusedRequest
from varco.mail.models import Message
from varco.registry.models import Secret
from varco.upkeep.models import Step

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
DAY = 86400


def rows(browser: Client) -> dict[str, str]:
    """The titles of the start page's rows, and where they lead."""
    page = parse(browser.get("/").content)
    return {" ".join(link.get_text().split()): str(link["href"]) for link in page.select("main a[href]")}


def leads(browser: Client, words: str) -> str:
    """Where the row with these words leads; empty without one."""
    return next((href for title, href in rows(browser).items() if words in title), "")


def test_a_developer_reads_which_secret_ends_within_a_month(as_user: AsUser, frozen: FrozenClock) -> None:
    davide, bea = people.davide(), people.person("Bea", "Boxes")
    mine, other = people.application(davide), people.application(bea, name="Another")
    for owner, label, days in ((mine, "soon", 20), (mine, "later", 40), (mine, "over", -1), (other, "hers", 5)):
        Secret.objects.create(
            application=owner.application, label=label, digest=label, hint="x", created_by=davide,
            expires_at=frozen.seconds + days * DAY,
        )  # fmt: skip
    browser = as_user(davide)
    assert leads(browser, "“soon”") == f"/developer/applications/{mine.application.pk}/#secrets"
    assert not any(leads(browser, f"“{label}”") for label in ("later", "over", "hers"))
    Secret.objects.filter(label="soon").update(revoked_at=frozen.seconds)
    assert not leads(browser, "“soon”")


def test_and_of_which_application_most_was_refused_today(as_user: AsUser, frozen: FrozenClock) -> None:
    davide, bea = people.davide(), people.person("Bea", "Boxes")
    mine, other = people.application(davide), people.application(bea, name="Another")
    assert not leads(as_user(davide), "refused today")
    for application, hours in ((mine, 1), (mine, 23), (mine, 25), (other, 1), (other, 1), (other, 1)):
        RefusedRequest.objects.create(
            application_id=application.application.pk, at=(frozen.seconds - hours * 3600) * 1000, request_id="r",
            endpoint="/oauth2/token", error="invalid_grant",
        )  # fmt: skip
    found = leads(as_user(davide), f"2 requests of {mine.application.name} were refused today")
    assert found == f"/developer/applications/{mine.application.pk}/refusals/"


def test_an_operator_reads_what_fails_and_what_was_not_sent(as_user: AsUser, frozen: FrozenClock) -> None:
    olga, now = people.olga(), frozen.seconds * 1000
    Step.objects.create(name="sweep", every_ms=1, last_at=now, last_fault_at=now - 1, last_fault="OSError")
    assert not leads(as_user(olga), "upkeep")  # it went well since
    Step.objects.create(name="keys", every_ms=1, last_at=now, last_fault_at=now, last_fault="OSError")
    Message.objects.create(to="a@x.example", subject="x", sealed_text="", next_try_at=None, created_at=frozen.seconds)
    browser = as_user(olga)
    assert leads(browser, "One step of the upkeep fails") == "/staff/platform/"
    assert leads(browser, "One mail of this week was given up") == "/staff/platform/mail/"
    assert not leads(as_user(people.sara()), "upkeep")
