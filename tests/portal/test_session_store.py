"""Browser sessions in the database: under a hash of the cookie, and sealed for their row."""

import pytest
from allauth.account.signals import user_logged_in
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people
from varco.portal.session_store import SessionStore

COOKIE = settings.SESSION_COOKIE_NAME


def bringing(cookie: str) -> Client:
    browser = Client()
    browser.cookies[COOKIE] = cookie
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def test_what_sessions_are_stored_under_signs_nobody_in(as_user: AsUser) -> None:
    browser = as_user(people.dario())
    keys = {*Session.objects.values_list("pk", flat=True), *UserSession.objects.values_list("session_key", flat=True)}
    assert len(keys) == 1
    for key in keys:
        assert not is_signed_in(bringing(key))
    assert is_signed_in(bringing(browser.cookies[COOKIE].value))


def test_what_one_session_holds_is_sealed_for_it_alone(as_user: AsUser) -> None:
    dario, lia = as_user(people.dario()), as_user(people.lia())
    rows = {
        name: Session.objects.get(pk=browser.session.session_key) for name, browser in (("dario", dario), ("lia", lia))
    }
    rows["lia"].session_data = rows["dario"].session_data
    rows["lia"].save()
    assert (is_signed_in(dario), is_signed_in(lia)) == (True, False)


@pytest.mark.parametrize("data", ["", "x", "eyJhIjoxfQ:1a:b", "é", "AAAA" * 40])
def test_data_of_an_earlier_version_or_of_nobody_is_an_empty_session(as_user: AsUser, data: str) -> None:
    browser = as_user(people.dario())
    Session.objects.update(session_data=data)
    assert not is_signed_in(browser)


def test_a_new_sign_in_takes_a_new_cookie_and_leaves_one_row(as_user: AsUser) -> None:
    browser = as_user(people.dario())
    first = browser.cookies[COOKIE].value
    browser.post("/account/logout/")
    browser.post("/account/login/", {"login": "dario@aurora.example", "password": people.PASSWORD})
    assert browser.cookies[COOKIE].value != first
    assert list(Session.objects.values_list("pk", flat=True)) == [browser.session.session_key]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [browser.session.session_key]
    assert not is_signed_in(bringing(first))


def test_a_store_by_its_key_holds_no_cookie(as_user: AsUser) -> None:
    browser = as_user(people.dario())
    store = SessionStore(browser.session.session_key)
    assert store["_auth_user_id"]
    assert store.cookie == ""


def test_a_sign_in_under_way_stays_in_the_list_while_the_person_signs_in_elsewhere(db: None) -> None:
    """Each sign-in goes through all sessions of its person, and drops those in which it finds nobody."""
    dario = people.dario()
    browser, elsewhere = Client(), Client()
    words = {"login": dario.email, "password": people.PASSWORD}

    def meanwhile(**_: object) -> None:
        user_logged_in.disconnect(meanwhile)
        elsewhere.post("/account/login/", words)

    user_logged_in.connect(meanwhile)
    browser.post("/account/login/", words)
    assert UserSession.objects.filter(user=dario).count() == 2
    assert (is_signed_in(browser), is_signed_in(elsewhere)) == (True, True)
