"""The platform's pages for operators: the audit, mail, signing keys, upkeep, roles, and the settings in force (S36)."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import signed_in
from tests.support.registration_pages import page
from varco import clock, config_in_force
from varco.accounts.models import User
from varco.audit import queries
from varco.audit.models import Event
from varco.audit.queries import EventSearch, search_events
from varco.audit.tags import Tag
from varco.keys import services as keys
from varco.keys.models import SigningKey
from varco.mail import services as mail
from varco.mail import worker
from varco.upkeep import services as upkeep

pytestmark = pytest.mark.django_db

PLATFORM = "/staff/platform/"
REASON = "The mail server was away since Friday."


@pytest.fixture
def olga(frozen: FrozenClock) -> User:
    return people.olga()


@pytest.fixture
def browser(olga: User) -> Client:
    return signed_in(olga)


def text(browser: Client, path: str) -> str:
    return page(browser.get(path)).one("main").get_text(" ", strip=True)


def events(number: int, **columns: Any) -> None:
    Event.objects.bulk_create(
        Event(**({"at": 1_000 + position, "tag": "member.changed"} | columns)) for position in range(number)
    )


def test_the_audit_is_searched_by_person_act_centre_application_and_day(browser: Client) -> None:
    dario, application = people.dario(), people.application(people.davide())
    day = 86_400_000
    rows: dict[str, dict[str, Any]] = {
        "r-acted": {"actor": dario.public_id, "actor_name": "Dario Aurora", "tag": "consent.given"},
        "r-concerned": {"user": dario.public_id, "actor": "someone"},
        "r-centre": {"tenant": "tenant-aurora", "tag": "tenant.suspended"},
        "r-application": {"application_id": application.application.pk},
        "r-machine": {"actor": "os:1000", "actor_name": "root", "tag": "account.created"},
    }
    base = 1_790_000_000_000 - 1_790_000_000_000 % day
    for number, (name, columns) in enumerate(rows.items()):
        Event.objects.create(request_id=name, **{"at": base + number * day, "tag": "member.changed"} | columns)
    days = [f"2026-09-{21 + number}" for number in range(5)]
    for query, expected in {
        f"person={dario.email.upper()}": {"r-acted", "r-concerned"},
        f"person={dario.public_id}&tag=consent.given": {"r-acted"},
        "person=os:1000": {"r-machine"},
        "tenant=tenant-aurora": {"r-centre"},
        f"application={application.client_id}": {"r-application"},
        "tag=member.changed": {"r-concerned", "r-application"},
        f"since={days[1]}&until={days[2]}": {"r-concerned", "r-centre"},
        f"tag=member.changed&until={days[1]}": {"r-concerned"},
        "person=nobody@b.example": set(),
        "application=varco-none": set(),
        "person=%00&tenant=%00&tag=nonsense&since=yesterday&before=1": set(rows),
    }.items():
        shown = text(browser, f"/staff/audit/?{query}")
        assert {name for name in rows if name in shown} == expected, query


def test_what_concerns_patients_is_not_the_vendor_s_to_read(browser: Client) -> None:
    Event.objects.create(tag=Tag.PATIENT_READ, tenant="tenant-aurora", request_id="r-patient")
    Event.objects.create(tag=Tag.PATIENTS_LISTED, tenant="tenant-aurora", request_id="r-patients")
    Event.objects.create(tag=Tag.LOG_EXPORTED, tenant="tenant-aurora", detail={"search": {"patient": "r-patient"}})
    for query in ("", "?tenant=tenant-aurora", "?tag=patient.read"):
        assert "r-patient" not in text(browser, f"/staff/audit/{query}")
    assert "patient.read" not in browser.get("/staff/audit/").content.decode()


def pages(wanted: EventSearch, limit: int = 10) -> Iterator[list[int]]:
    """Every page of a search, as keys, until there is nothing older."""
    before = None
    for _ in range(100):
        found = search_events(wanted, before, limit)
        yield [event.pk for event in found.events]
        before = found.older
        if before is None:
            return
    pytest.fail("it does not end")


@pytest.mark.parametrize("scanned", [(2, 7), (30, 40), queries.SCANNED])
def test_a_search_finds_everything_once_however_little_it_looks_at_a_time(
    olga: User, monkeypatch: pytest.MonkeyPatch, scanned: tuple[int, int]
) -> None:
    monkeypatch.setattr(queries, "SCANNED", scanned)
    Event.objects.all().delete()
    events(23, actor="a", user="b")
    events(21, actor="b")
    events(9, actor="b", user="b", tenant="t", tag="tenant.closed")
    events(15, tag=Tag.PATIENT_READ, actor="b")
    Event.objects.filter(pk__in=Event.objects.order_by("pk").values("pk")[:5]).update(at=5_000)  # at one moment
    for wanted, rows in (
        (EventSearch(), Event.objects.exclude(tag="patient.read")),
        (EventSearch(person="b"), Event.objects.exclude(tag="patient.read")),
        (EventSearch(person="a"), Event.objects.filter(actor="a")),
        (EventSearch(person="b", tag=Tag.TENANT_CLOSED), Event.objects.filter(tenant="t")),
        (EventSearch(tenant="t"), Event.objects.filter(tenant="t")),
        (
            EventSearch(between=(1_005, 1_008)),
            Event.objects.filter(at__range=(1_005, 1_007)).exclude(tag="patient.read"),
        ),
    ):
        found = list(pages(wanted))
        expected = list(rows.order_by("-at", "-pk").values_list("pk", flat=True))
        assert [pk for shown in found for pk in shown] == expected, wanted
        assert max(map(len, found)) <= 10


def test_older_events_are_a_page_away(browser: Client) -> None:
    events(60, actor="x")
    first = page(browser.get("/staff/audit/?person=x"))
    older = str(first.one("a[rel=next]")["href"])
    assert "person=x" in older
    assert len(page(browser.get(f"/staff/audit/{older}")).select("tbody tr")) == 25


def test_mail_is_listed_by_state_and_its_words_are_not(browser: Client) -> None:
    mail.enqueue("a@b.example", "Set your password", "http://localhost/secret-link")
    mail.enqueue("c@d.example", "Was sent", "words").sent()
    shown = browser.get(f"{PLATFORM}mail/").content.decode()
    assert "Set your password" in shown
    assert "secret-link" not in shown
    assert "Was sent" not in text(browser, f"{PLATFORM}mail/?state=waiting")
    assert "Set your password" not in text(browser, f"{PLATFORM}mail/?state=sent&to=d.example")
    assert "Was sent" in text(browser, f"{PLATFORM}mail/?state=sent&to=D.EXAMPLE")


def test_what_was_given_up_is_tried_again_with_its_words(
    browser: Client, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = mail.enqueue("a@b.example", "Set your password", "http://localhost/secret-link")

    def away() -> worker.Transport:
        raise OSError("away")

    for pause in (0, *worker.PAUSES):
        frozen.advance(pause)
        worker.send_due("no-reply@varco.example", away)
    message.refresh_from_db()
    assert (message.next_try_at, message.sent_at) == (None, None)
    assert "secret-link" not in message.sealed_text
    there = f"{PLATFORM}mail/{message.pk}/retry/"
    assert there in browser.get(f"{PLATFORM}mail/?state=given_up").content.decode()
    assert browser.post(there, {"text": ""}).status_code == 422
    assert browser.post(there, {"text": REASON}).status_code == 303
    message.refresh_from_db()
    assert (message.next_try_at, message.tries, "secret-link" in message.text) == (frozen.seconds, 0, True)
    assert Event.objects.get(tag="mail.retried").detail["text"] == REASON
    # A worker takes it, then it is in hand, and then sent: neither is tried a second time.
    assert message.claim(worker.LEASE)
    for _ in range(2):
        answer = browser.post(there, {"text": REASON})
        assert "Nothing was done" in browser.get(answer["Location"]).content.decode()
        message.sent()
    assert Event.objects.filter(tag="mail.retried").count() == 1


def test_keys_show_their_calendar_and_are_rotated_with_a_reason(browser: Client, olga: User) -> None:
    keys.ensure(algorithms=["ES256"])
    before = {key.kid for key in SigningKey.objects.all()}
    shown = text(browser, f"{PLATFORM}keys/")
    assert all(kid in shown for kid in before)
    assert "RS256" in shown.partition("No key signs now with:")[2][:60]
    assert browser.post(f"{PLATFORM}keys/ES256/rotate/", {"text": ""}).status_code == 422
    assert browser.post(f"{PLATFORM}keys/ES256/rotate/", {"text": REASON}).status_code == 303
    event = Event.objects.get(tag="key.rotated")
    assert (event.actor, event.detail["text"], event.detail["kid"] in before) == (olga.public_id, REASON, True)
    assert browser.get(f"{PLATFORM}keys/none/rotate/").status_code == 404
    stored = SigningKey.objects.first()
    assert stored
    assert bytes(stored.sealed_private).hex() not in browser.get(f"{PLATFORM}keys/").content.decode()


def test_the_upkeep_tells_what_was_done_when_and_what_failed(browser: Client, frozen: FrozenClock) -> None:
    now = clock.now_ms()
    upkeep.note("sweep", every=600, at_ms=now, took_ms=12, done={"sessions": 3, "mail": 0})
    upkeep.note("keys", every=60, at_ms=now, took_ms=1, done={}, fault="OperationalError")
    upkeep.note("mail", every=2, at_ms=now - 3_600_000, took_ms=1, done={})
    shown = text(browser, PLATFORM)
    for words in ("sessions: 3", "OperationalError", "Failed last time", "Late", "In time", "Deleting what is over"):
        assert words in shown, words
    assert "mail: 0" not in shown
    assert "sessions: 3" not in text(browser, f"{PLATFORM}?failed=1")
    upkeep.note("keys", every=60, at_ms=now + 1, took_ms=1, done={})
    assert "Failed last time" not in text(browser, PLATFORM)


@pytest.mark.either_engine
def test_roles_stand_against_permissions_as_the_catalogue_has_them(browser: Client) -> None:
    table = page(browser.get(f"{PLATFORM}roles/")).select_one("main table")
    assert table
    row = next(row for row in table.select("tr") if "medicalreports.write" in row.get_text())
    held = {str(cell["data-label"]): "Yes" in cell.get_text() for cell in row.select("td")}
    assert (held["Doctor"], held["Clinic manager"], held["Data protection officer"]) == (True, False, False)


@pytest.mark.either_engine
def test_no_part_of_a_secret_is_among_the_settings(browser: Client) -> None:
    shown = browser.get(f"{PLATFORM}settings/").content.decode()
    for field in dataclasses.fields(settings.VARCO):
        assert f"VARCO_{field.name.upper()}" in shown
    secrets: dict[str, Any] = {
        "platform_database": "postgresql://varco:hunter2@db.example/platform",
        "smtp_url": "smtps://mailer:hunter2@mail.example",
        "rate_limit_store": "redis://u:hunter2@cache.example/0",
        "master_keys": (b"hunter2" * 5,),
    }
    told = {item.variable: item for item in config_in_force.in_force(dataclasses.replace(settings.VARCO, **secrets))}
    for name in secrets:
        item = told[f"VARCO_{name.upper()}"]
        assert (item.value, item.default, item.given) == ("", "", True)
    assert not re.search("hunter2|example", "".join(item.value for item in told.values() if item.secret))
    assert told["VARCO_ISSUER"].value == settings.VARCO.issuer
