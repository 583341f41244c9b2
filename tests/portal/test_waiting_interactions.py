"""How many authorization requests wait at a time: of one person or browser, and from one place."""

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import answer_of, ask, consent_page, signed_in
from tests.support.people import Registered
from varco.grants import interactions
from varco.grants.models import Interaction

HERE, NEIGHBOUR, ELSEWHERE = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactions, "OF_ONE", 3)
    monkeypatch.setattr(interactions, "FROM_ONE_PLACE", 5)


@pytest.fixture
def application(db: None, frozen: FrozenClock) -> Registered:
    return people.application(people.davide())


def stranger(place: str = HERE) -> Client:
    return Client(REMOTE_ADDR=place, HTTP_ACCEPT_LANGUAGE="en")


def flood(application: Registered, place: str = HERE) -> None:
    for _ in range(interactions.FROM_ONE_PLACE):
        assert ask(stranger(place), application).status_code == 303


def test_from_one_place_strangers_begin_a_bounded_number(application: Registered, frozen: FrozenClock) -> None:
    flood(application)
    for place in (HERE, NEIGHBOUR):
        refused = ask(stranger(place), application)
        assert (refused.status_code, refused["Retry-After"]) == (429, "300")
        assert "Too many sign-ins are waiting" in refused.content.decode()
        assert settings.SESSION_COOKIE_NAME not in refused.cookies
    assert Interaction.objects.count() == 5
    assert ask(stranger(ELSEWHERE), application).status_code == 303
    frozen.advance(settings.VARCO.interaction_lifetime)
    assert ask(stranger(), application).status_code == 303


def test_of_ipv4_a_place_is_one_address_however_it_came_in(application: Registered) -> None:
    flood(application, "192.0.2.1")
    assert ask(stranger("::ffff:192.0.2.1"), application).status_code == 429
    assert ask(stranger("192.0.2.2"), application).status_code == 303


def test_a_flood_drops_nobodys_request_and_keeps_no_known_browser_out(application: Registered) -> None:
    waits, known = stranger(), signed_in(people.dario())
    known.defaults["REMOTE_ADDR"] = HERE
    page = consent_page(known, application)
    assert ask(waits, application).status_code == 303
    for _ in range(interactions.FROM_ONE_PLACE - 2):
        assert ask(stranger(), application).status_code == 303
    assert ask(stranger(), application).status_code == 429
    assert ask(waits, application).status_code == 303, "this browser has begun one before"
    assert answer_of(page.accept())["code"]
    assert ask(known, application, prompt="consent").status_code == 303


def test_a_made_up_browser_secret_makes_nobody_known(application: Registered) -> None:
    flood(application)
    liar = stranger()
    liar.cookies["varco_browser"] = "x" * 43
    assert ask(liar, application).status_code == 429


def test_of_one_browser_the_oldest_makes_room_and_of_no_other(application: Registered, frozen: FrozenClock) -> None:
    first, second = stranger(), stranger()
    ask(second, application)
    (others,) = Interaction.objects.values_list("pk", flat=True)
    begun = []
    for _ in range(5):
        frozen.advance(1)
        ask(first, application)
        begun.append(Interaction.objects.latest("created_at").pk)
    assert set(Interaction.objects.values_list("pk", flat=True)) == {others, *begun[-3:]}


def test_of_one_person_the_oldest_makes_room_in_whatever_browser(application: Registered, frozen: FrozenClock) -> None:
    dario, lia = people.dario(), signed_in(people.lia())
    ask(lia, application)
    for _ in range(5):
        frozen.advance(1)
        ask(signed_in(dario), application)
    assert Interaction.objects.filter(user=dario).count() == 3
    assert Interaction.objects.exclude(user=dario).count() == 1


def test_what_is_finished_counts_no_more(application: Registered) -> None:
    browser = signed_in(people.dario())
    for _ in range(5):
        assert answer_of(consent_page(browser, application, prompt="consent").accept())["code"]
    assert Interaction.objects.count() == 5
