"""What a clinic says of itself: name, place for holidays and time zone, data protection officer; and who watches over it."""

import datetime as dt

import pytest
from django.test import Client

from tests.support import people
from tests.support.authorization_pages import signed_in
from tests.support.client_response import ClientResponse
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import clinics
from varco.registry.errors import Denied
from varco.tenants.models import Tenant
from varco.tenants.place import holidays, next_holiday

pytestmark = pytest.mark.django_db

PAGE = "/clinic/settings/"
SOUND = {
    "name": "Centro Medico Aurora S.r.l.",
    "place": "Milano (MI)",
    "zone": "Europe/Rome",
    "local_holiday": "12-07",
    "dpo_name": "Studio Privacy",
    "dpo_email": "privacy@studio.example",
}


@pytest.fixture
def browser() -> Client:
    return signed_in(people.marta())


def save(browser: Client, **fields: str) -> ClientResponse:
    return browser.post(PAGE, SOUND | fields)


def test_they_are_saved_and_the_record_says_what_they_were(browser: Client) -> None:
    people.lia()
    assert save(browser).status_code == 303
    aurora = Tenant.objects.get(public_id="tenant-aurora")
    assert {name: getattr(aurora, name) for name in SOUND} == SOUND
    event = Event.objects.get(tag="tenant.settings_changed")
    assert event.detail["changed"]["name"] == {"before": "Clinic Aurora", "after": SOUND["name"]}
    assert "zone" not in event.detail["changed"]
    assert "Nothing was different" in browser.get(save(browser)["Location"]).content.decode()
    assert Event.objects.filter(tag="tenant.settings_changed").count() == 1
    assert Tenant.objects.get(public_id="tenant-levante").dpo_email == ""


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "must not be empty"),
        ("name", "Win at evil.com now", "holds no link"),
        ("name", "x\u202ey", "cannot be seen"),
        ("name", "W" * 121, "120"),
        ("zone", "Mars/Olympus", "valid choice"),
        ("local_holiday", "02-29", "Give month and day"),
        ("local_holiday", "13-01", "Give month and day"),
        ("local_holiday", "٠١-٠١", "Give month and day"),
        ("dpo_email", "nobody", "valid email"),
        ("place", "a\0b", "Null characters"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_saved(browser: Client, field: str, value: str, said: str) -> None:
    answer = save(browser, **{field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Tenant.objects.get(public_id="tenant-aurora").place == ""


@pytest.mark.either_engine
def test_the_next_holiday_and_who_reads_the_logs_stand_there(browser: Client) -> None:
    assert "Nobody has the role" in browser.get(PAGE).content.decode()
    olivia = people.member("Olivia", "Aurora", "dpo")
    shown = browser.get(PAGE).content.decode()
    assert olivia.name in shown
    assert "Next holiday:" in shown
    assert signed_in(olivia).get(PAGE).status_code == 404


def test_only_a_manager_of_the_clinic_changes_them() -> None:
    aurora = people.tenant("Aurora")
    for who in (people.luca(), people.dario(), people.olga()):
        with pytest.raises(Denied):
            clinics.change_settings(aurora, Origin(who), name="Mine")


@pytest.mark.either_engine
def test_holidays_are_italy_s_and_the_patron_saint_s() -> None:
    days = holidays(2027, "12-07")
    assert len(days) == 13
    assert {dt.date(2027, 3, 29), dt.date(2027, 10, 4), dt.date(2027, 12, 7)} <= set(days)
    assert dt.date(2025, 10, 4) not in holidays(2025)
    assert dt.date(2026, 10, 4) in holidays(2026)
    easter_mondays = {2024: (4, 1), 2025: (4, 21), 2026: (4, 6), 2038: (4, 26), 2285: (3, 23)}
    for year, (month, day) in easter_mondays.items():
        assert dt.date(year, month, day) in holidays(year)


@pytest.mark.either_engine
def test_a_day_is_a_holiday_by_the_clocks_of_the_clinic() -> None:
    eve = int(dt.datetime(2026, 12, 25, 23, 30, tzinfo=dt.UTC).timestamp())
    assert next_holiday(eve, "Europe/Rome") == dt.date(2026, 12, 26)
    assert next_holiday(eve, "Atlantic/Azores") == dt.date(2026, 12, 25)
    assert next_holiday(eve + 2 * 86400, "Europe/Rome") == dt.date(2027, 1, 1)


def test_whoever_watched_until_now_is_told_of_another_officer(browser: Client) -> None:
    """Or a manager would name a mailbox of their own first, and take permissions afterwards."""
    second, officer = people.member("Mara", "Aurora", "manager"), people.member("Petra", "Aurora", "dpo")
    save(browser)
    Message.objects.all().delete()
    save(browser, dpo_email="martas.own@mailbox.example")
    told = {mail.to for mail in Message.objects.all()}
    assert told == {"privacy@studio.example", "martas.own@mailbox.example", second.email, officer.email}
    mail = Message.objects.get(to="privacy@studio.example")
    assert "Before: privacy@studio.example" in mail.text
    assert "Now: martas.own@mailbox.example" in mail.text
    Message.objects.all().delete()
    save(browser, dpo_email="martas.own@mailbox.example", place="Torino")
    assert not Message.objects.exists()
    save(browser, dpo_email="")
    assert "Now: nobody" in Message.objects.get(to="martas.own@mailbox.example").text
