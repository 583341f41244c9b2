"""The usage of an application, for its developers."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.registration_pages import BASE, page, signed_in
from varco.accounts.models import User
from varco.registry.models import Application
from varco.usage import services
from varco.usage.models import DayCount

pytestmark = pytest.mark.django_db
DAY_MS = 86_400_000


@pytest.fixture
def browser(davide: User) -> Client:
    return signed_in(davide)


def counted(application: Application, what: tuple[str, str], number: int, day: int, *, status: int = 200) -> None:
    kind, operation = what
    DayCount.objects.create(
        application_id=application.pk, kind=kind, operation=operation, number=number, day=day, status=status
    )


def test_the_figures_are_drawn_and_stand_in_tables(
    browser: Client, frozen: FrozenClock, application: Application
) -> None:
    today = frozen() // DAY_MS
    counted(application, ("call", "patient.read"), 1200, today)
    counted(application, ("call", "patients.listed"), 40, today - 29)
    counted(application, ("call", "patients.listed"), 999, today - 30)  # a day too old
    counted(application, ("token", "grant.refreshed"), 7, today)
    counted(application, ("authorization", "code.issued"), 3, today - 1)
    counted(application, ("error", "/oauth2/token"), 5, today, status=401)
    services.count()
    shown = page(browser.get(f"{BASE}{application.pk}/usage/"))
    assert [len(drawn.select("rect")) for drawn in shown.select(".chart svg")] == [30] * 4
    assert not shown.select("main [style], main script")
    rows = [row.get_text(" ", strip=True) for row in shown.select("#days tbody tr")]
    assert len(rows) == 30
    assert rows[0].endswith("0 7 1200 5")
    assert rows[1].endswith("3 0 0 0")
    assert rows[-1].endswith("0 0 40 0")
    tables = {
        name: shown.one(f"#{name} tbody").get_text(" ", strip=True) for name in ("statuses", "operations", "addresses")
    }
    assert tables == {
        "statuses": "2xx went well 1247 401 Unauthorized 5",
        "operations": "Saw a patient 1200 Saw a list of patients 40",
        "addresses": "/oauth2/token 5",
    }


def test_before_anything_was_counted_the_page_leads_to_the_quick_start(
    browser: Client, application: Application
) -> None:
    shown = page(browser.get(f"{BASE}{application.pk}/usage/"))
    assert "Nothing was counted yet" in shown.get_text()
    assert shown.one(".empty a, main a.button")["href"] == f"{BASE}{application.pk}/quick-start/"


def test_many_addresses_stand_together_behind_the_first(
    browser: Client, frozen: FrozenClock, application: Application
) -> None:
    for number in range(25):
        counted(application, ("error", f"/v2/{number}"), 100 - number, frozen() // DAY_MS, status=403)
    rows = page(browser.get(f"{BASE}{application.pk}/usage/")).select("#addresses tbody tr")
    assert len(rows) == 21
    assert rows[-1].get_text(" ", strip=True) == f"All others {sum(100 - number for number in range(20, 25))}"


def test_another_developer_finds_no_figures(application: Application) -> None:
    dora = people.person("Dora", "Developer", developer_since=1)
    assert signed_in(dora).get(f"{BASE}{application.pk}/usage/").status_code == 404


def test_what_was_never_approved_has_none(browser: Client, davide: User) -> None:
    waiting = registrations.submitted(davide).application
    assert browser.get(f"{BASE}{waiting.pk}/usage/").status_code == 404


def test_the_page_of_a_busy_application_takes_few_statements(
    browser: Client, frozen: FrozenClock, application: Application
) -> None:
    today = frozen() // DAY_MS
    DayCount.objects.bulk_create(
        DayCount(
            application_id=application.pk, kind="error", operation=f"/v2/{number % 50}", status=400 + number // 1500,
            day=today - number // 50 % 30, number=number + 1,
        )
        for number in range(6000)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(f"{BASE}{application.pk}/usage/").status_code == 200
    assert len([query for query in captured if "usage_" in query["sql"]]) == 4
