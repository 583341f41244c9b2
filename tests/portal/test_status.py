"""The public status page: for everybody, in both languages, small, and there while the database is only readable."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.support.html import Element, parse
from tests.support.readable_only import readable_only
from varco.accounts.models import User
from varco.portal.status.words import percent
from varco.status.models import CheckedDay, Part, Standing, State
from varco.status.services import Recorder

pytestmark = pytest.mark.django_db
TODAY = dt.date(2027, 1, 15)
EVERY_HOUR = (1 << 24) - 1


def page(query: str = "", language: str = "en") -> Element:
    answer = Client().get(f"/status/{query}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return parse(answer.content)


def checked(part: Part, back: int, **counts: int) -> None:
    """A day some days ago."""
    fields = {"good": 1440, "hours": EVERY_HOUR} | counts
    CheckedDay.objects.create(part=part.value, day=TODAY - dt.timedelta(days=back), **fields)


@pytest.mark.either_engine
def test_before_the_first_check_it_says_so(frozen: FrozenClock) -> None:
    assert "Nothing was checked yet" in page().get_text()


def test_how_it_stands_and_what_was_wrong_with_the_newest_first(frozen: FrozenClock) -> None:
    Recorder().record({Part.SIGN_IN: State.GOOD, Part.CLINICS: State.GOOD})
    checked(Part.SIGN_IN, 3, good=1439, down=1)
    checked(Part.CLINICS, 1, good=1438, degraded=2)
    checked(Part.CLINICS, 2)
    shown = page()
    assert "Everything works" in shown.get_text()
    rows = [" ".join(row.get_text(" ").split()) for row in shown.select("tbody tr")]
    assert rows == [
        "15 January 2027 Sign-in and access Works 100% 9",
        "15 January 2027 Data of medical centres Works 100% 9",
        "14 January 2027 Sign-in and access Not checked — 24",
        "14 January 2027 Data of medical centres Works in part 99.86% 0",
        "13 January 2027 Sign-in and access Not checked — 24",
        "12 January 2027 Sign-in and access Does not work 99.93% 0",
    ]
    drawing = shown.one("svg.strip")
    assert "days with something wrong: 1 of 90" in drawing["aria-label"]
    italian = page(language="it").get_text()
    for words in ("Funziona tutto", "Dati dei centri medici", "99,86%", "Giorni con problemi o controlli mancanti"):
        assert words in italian


@pytest.mark.either_engine
@pytest.mark.parametrize(
    ("states", "said"),
    [
        ((State.GOOD, State.DEGRADED), "Something works in part only"),
        ((State.DEGRADED, State.DOWN), "Something does not work"),
        ((State.GOOD, State.GOOD), "Everything works"),
    ],
)
def test_the_worst_part_stands_on_top(frozen: FrozenClock, states: tuple[State, State], said: str) -> None:
    Recorder().record(dict(zip((Part.SIGN_IN, Part.SANDBOXES), states, strict=True)))
    assert said in page().one(".callout").get_text()


def test_old_checks_say_nothing_of_now(frozen: FrozenClock) -> None:
    Recorder().record({Part.SIGN_IN: State.GOOD})
    frozen.advance(400)
    shown = page()
    assert "Nobody knows right now" in shown.one(".callout").get_text()
    assert "Works" not in [chip.get_text() for chip in shown.select(".chip")]


@pytest.mark.either_engine
def test_what_is_almost_all_is_not_all() -> None:
    assert [percent(share) for share in (100, 99.99999, 0.004, 0, None)] == ["100%", "99.99%", "0.00%", "0.00%", "—"]


def test_it_stands_while_the_database_is_only_readable(frozen: FrozenClock, as_user: AsUser, davide: User) -> None:
    Recorder().record({Part.SIGN_IN: State.GOOD})
    signed_in = as_user(davide)
    with readable_only():
        for browser in (Client(), signed_in):
            answer = browser.get("/status/")
            assert answer.status_code == 200
            assert b"Sign-in and access" in answer.content


@pytest.mark.either_engine
def test_every_page_leads_to_it() -> None:
    footer = parse(Client().get("/help/unsupported").content).one("footer")
    assert "/status/" in [link["href"] for link in footer.select("a")]


def test_it_does_not_grow_with_what_went_wrong(frozen: FrozenClock, django_assert_num_queries: Any) -> None:
    now = frozen.seconds
    for part in Part:
        for back in range(90):
            checked(part, back, good=back % 2, degraded=back % 3, down=back % 4, hours=back)
        Standing.objects.create(part=part.value, state=State.DOWN.value, since=now, checked_at=now)
    with django_assert_num_queries(2):
        answer = Client().get("/status/")
    assert len(answer.content) < 40_000
    shown = parse(answer.content)
    assert len(shown.select("tbody tr")) == 10
    last = shown.one("nav.pagination a[rel=next]")["href"]
    assert last.endswith("#days")
    assert len(page("?page=99").select("tbody tr")) > 0


@pytest.mark.either_engine
def test_it_says_nothing_of_the_installation(frozen: FrozenClock, settings: Any) -> None:
    Recorder().record(dict.fromkeys(Part, State.DOWN))
    text = str(page()).lower()
    for secret in ("sqlite", "postgres", "database", "smtp", str(settings.VARCO.data_dir).lower(), "traceback"):
        assert secret not in text
