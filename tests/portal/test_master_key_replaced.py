"""Whoever signed in before the master key was replaced stays so, in every list, at a browser that stays known."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client, RequestFactory

from tests.portal.conftest import AsUser
from tests.support import people
from varco import sealing
from varco.accounts.models import User
from varco.portal.account import known_devices

OLD, NEW = b"o" * 32, b"n" * 32


def have(settings: Any, *masters: bytes) -> None:
    """Start again with these master keys, as far as the portal's settings go."""
    first, *others = (sealing.derive(master, "django").hex() for master in masters)
    settings.MASTER_KEYS, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = masters, first, others


@pytest.fixture
def dario(db: None, settings: Any) -> User:
    have(settings, OLD)
    return people.dario()


def test_a_session_goes_on_and_its_person_finds_it_in_the_list(dario: User, as_user: AsUser, settings: Any) -> None:
    browser = as_user(dario)
    (before,) = UserSession.objects.values_list("session_key", flat=True)
    have(settings, NEW, OLD)
    assert "This browser" in browser.get("/account/sessions/").content.decode()
    (after,) = UserSession.objects.values_list("session_key", flat=True)
    assert after == browser.session.session_key == before
    have(settings, OLD, NEW)  # another server, which was not restarted yet
    assert browser.get("/account/").status_code == 200


def test_a_session_moved_and_seen_since_needs_the_old_key_no_more(dario: User, as_user: AsUser, settings: Any) -> None:
    browser = as_user(dario)
    have(settings, NEW, OLD)
    assert browser.get("/account/").status_code == 200
    have(settings, NEW)
    assert browser.get("/account/").status_code == 200


def test_a_sign_in_elsewhere_ends_no_session_of_before(dario: User, as_user: AsUser, settings: Any) -> None:
    """allauth looks at every session of whoever signs in, and Django gives one with an old key another name."""
    browser = as_user(dario)
    assert browser.get("/account/sessions/").status_code == 200
    have(settings, NEW, OLD)
    elsewhere = Client()
    elsewhere.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    assert elsewhere.get("/account/").status_code == 200
    assert "This browser" in browser.get("/account/sessions/").content.decode()
    assert UserSession.objects.filter(user=dario).count() == 2


def test_a_known_browser_stays_known(dario: User, settings: Any) -> None:
    browser = Client()
    browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    request = RequestFactory().get("/")
    request.COOKIES[known_devices.COOKIE] = browser.cookies[known_devices.COOKIE].value
    device = known_devices.device_of(request, dario)
    have(settings, NEW, OLD)
    assert known_devices.device_of(request, dario) == device != ""
    have(settings, NEW)
    assert known_devices.device_of(request, dario) == ""
