"""What one operator does to accounts, each act with a reason, and the lists to find them (S1, S7, S9)."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from tests.support import people
from tests.support.authorization_pages import signed_in
from tests.support.registration_pages import page
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import administration
from varco.people.errors import PeopleFault, Refused
from varco.registry.errors import Denied

pytestmark = pytest.mark.django_db

USERS = "/staff/users/"
REASON = "Asked for by telephone, called back at the number on file."


@pytest.fixture
def browser(olga: User) -> Client:
    return signed_in(olga)


def address(user: User, act: str = "") -> str:
    return f"{USERS}{user.public_id}/{act}"


def by_password(user: User) -> Client:
    """A browser with a session that the list of sessions knows."""
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    answer = browser.post("/account/login/", {"login": user.email, "password": people.PASSWORD})
    assert answer.status_code == 303
    return browser


def text(browser: Client, path: str) -> str:
    return page(browser.get(path)).one("main").get_text(" ", strip=True)


def test_accounts_are_found_by_name_address_role_and_state(browser: Client) -> None:
    dario, davide, sara = people.dario(), people.davide(), people.sara()
    User.objects.filter(pk=dario.pk).update(is_active=False)
    waits = people.person("Nino", "Nuovo")
    waits.set_password(None)
    waits.save()
    found = {
        "words=AURORA": {dario},
        "words=dari+auro": {dario},
        "role=developer": {davide},
        "role=support": {sara},
        "role=operator": {User.objects.get(platform_role="operator")},
        "state=locked": {dario},
        "state=invited": {waits},
        "words=nobody": set(),
        "role=nonsense&state=nonsense": set(User.objects.all()),
    }
    for query, expected in found.items():
        shown = text(browser, f"{USERS}?{query}")
        assert {user for user in User.objects.all() if user.email in shown} == expected, query
    assert "Clinic Aurora" in text(browser, f"{USERS}?words=dario")


def test_an_account_shows_clinic_factors_sessions_and_what_was_done(browser: Client) -> None:
    dario = people.dario()
    by_password(dario)
    Authenticator.objects.create(user=dario, type="totp", data={})
    shown = text(browser, address(dario))
    for words in ("Clinic Aurora", "Doctor", "totp", "Sessions 1", "account.signed_in", dario.public_id):
        assert words in shown, words


def test_locking_ends_everything_and_is_told_without_the_reason(browser: Client, olga: User) -> None:
    dario = people.dario()
    theirs = signed_in(dario)
    assert browser.post(address(dario, "lock/"), {"text": " "}).status_code == 422
    assert browser.post(address(dario, "lock/"), {"text": REASON}).status_code == 303
    assert theirs.get("/account/")["Location"].startswith("/account/login/")
    mail = Message.objects.get(to=dario.email, subject="Your account was locked")
    assert REASON not in mail.text
    event = Event.objects.get(tag="account.deactivated")
    assert (event.actor, event.user, event.detail["text"]) == (olga.public_id, dario.public_id, REASON)
    assert browser.post(address(dario, "lock/"), {"text": REASON}).status_code == 422
    assert browser.post(address(dario, "unlock/"), {"text": REASON}).status_code == 303
    assert signed_in(dario).get("/account/").status_code == 200
    assert Event.objects.get(tag="account.activated").detail["text"] == REASON


def test_sessions_are_ended_in_every_browser(browser: Client) -> None:
    dario = people.dario()
    theirs = [by_password(dario), by_password(dario)]
    assert browser.post(address(dario, "sessions/"), {"text": REASON}).status_code == 303
    assert not UserSession.objects.filter(user=dario).exists()
    assert all(one.get("/account/")["Location"].startswith("/account/login/") for one in theirs)
    assert Event.objects.get(tag="account.sessions_ended").detail == {"sessions": 2, "text": REASON}


def test_support_and_developer_are_given_and_taken_by_one_operator(browser: Client) -> None:
    dario = people.dario()
    for role, url in (("support", "/staff/applications/"), ("developer", "/developer/applications/")):
        assert browser.post(address(dario, f"roles/{role}/give/"), {"text": REASON}).status_code == 303
        assert browser.post(address(dario, f"roles/{role}/give/"), {"text": REASON}).status_code == 422
        assert signed_in(dario).get(url).status_code == (404 if role == "support" else 200)
        assert browser.post(address(dario, f"roles/{role}/take/"), {"text": REASON}).status_code == 303
    dario.refresh_from_db()
    assert (dario.platform_role, dario.developer_since) == ("", None)
    told = [
        (event.detail["role"], event.detail["held"])
        for event in Event.objects.filter(tag="account.role_changed").order_by("pk")
    ]
    assert told == [("support", True), ("support", False), ("developer", True), ("developer", False)]
    assert browser.get(address(dario, "roles/emperor/give/")).status_code == 404


def test_one_operator_makes_no_other_one(browser: Client, olga: User) -> None:
    dario = people.dario()
    assert browser.post(address(dario, "roles/operator/give/"), {"text": REASON}).status_code == 303
    dario.refresh_from_db()
    assert dario.platform_role == ""
    omar = people.person("Omar", "Operator", platform_role="operator")
    for user, held in ((dario, True), (omar, False)):
        with pytest.raises(Refused, match=PeopleFault.TAKES_TWO):
            administration.set_role(user, "operator", Origin(olga), held=held, reason=REASON)


def test_nobody_acts_on_their_own_account_and_an_operator_is_not_turned_into_support(
    browser: Client, olga: User
) -> None:
    other = people.person("Omar", "Operator", platform_role="operator")
    own: dict[str, Any] = {"text": REASON}
    for act in ("lock/", "roles/operator/take/", "roles/developer/give/", "factors/"):
        assert browser.post(address(olga, act), own).status_code == 422, act
    assert browser.post(address(other, "roles/support/give/"), own).status_code == 422
    assert browser.post(address(other, "roles/operator/take/"), own).status_code == 303
    olga.refresh_from_db()
    other.refresh_from_db()
    assert (olga.is_active, olga.platform_role, other.platform_role) == (True, "operator", "operator")


def test_the_last_operator_who_can_sign_in_is_locked_by_nobody(olga: User) -> None:
    other = people.person("Omar", "Operator", platform_role="operator")
    User.objects.filter(pk=other.pk).update(password="!none")
    with pytest.raises(Refused, match=PeopleFault.LAST_OPERATOR):
        administration.lock(olga, Origin(User.objects.get(pk=other.pk)), reason=REASON)


def test_the_services_ask_again_who_acts(olga: User) -> None:
    dario, was = people.dario(), people.person("Omar", "Operator", platform_role="operator")
    User.objects.filter(pk=was.pk).update(platform_role="")
    for origin in (Origin(was), Origin(people.sara()), Origin(dario), Origin()):
        for act in (administration.lock, administration.unlock, administration.end_sessions):
            with pytest.raises(Denied):
                act(dario, origin, reason=REASON)
        with pytest.raises(Denied):
            administration.set_role(dario, "support", origin, held=True, reason=REASON)
