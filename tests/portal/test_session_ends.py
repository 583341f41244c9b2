"""However a browser session ends, the applications used in it are to be told, and what lived by it ends (Back-Channel Logout)."""

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.portal.test_account import CHANGE, NEW, change, signed_in
from tests.support import people
from tests.support.authorization_pages import answer_of, ask, consent_page
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import Grant, LogoutNotice
from varco.grants.session_end import REMEMBERED
from varco.mail.models import Message
from varco.registry.models import Application, Revision

pytestmark = pytest.mark.django_db

OUT, SESSIONS, EVERYWHERE = "/account/logout/", "/account/sessions/", "/account/sessions/end/"
URI = "https://agenda.example/backchannel"
ONLINE, OFFLINE = "openid giponext.patients", "openid offline_access giponext.patients"


@pytest.fixture
def application(frozen: FrozenClock) -> Registered:
    return people.application(people.davide(), backchannel_logout_uri=URI)


@pytest.fixture
def dario(frozen: FrozenClock) -> User:
    return people.dario()


def sid_of(browser: Client) -> str:
    return str(browser.session["varco_sid"])


def used(application: Registered, user: User, browser: Client, frozen: FrozenClock, **changes: Any) -> Grant:
    """A grant of this browser session whose code was redeemed a moment ago."""
    fields = {
        "state": Grant.State.ACTIVE,
        "scopes": ONLINE,
        "sid": sid_of(browser),
        "tenant": user.membership.tenant,
        "last_used_at": frozen.seconds - 1,
        "expires_at": frozen.seconds + 600,
    } | changes
    return Grant.objects.create(user=user, application=application.application, **fields)


def noted() -> list[tuple[str | None, str, str]]:
    """Who is to be told of whom and which session."""
    rows = LogoutNotice.objects.order_by("pk").values_list("application__client_id", "user__public_id", "sid")
    return list(rows)


# --- Every way out ----------------------------------------------------------------------------------------------------


def test_signing_out_tells_the_application_and_ends_what_lived_by_the_session(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    grant, sid = used(application, dario, browser, frozen), sid_of(browser)
    response = browser.post(OUT)
    assert noted() == [(application.client_id, dario.public_id, sid)]
    notice = LogoutNotice.objects.get()
    assert (notice.next_try_at, notice.request_id) == (frozen.seconds, response["X-Request-Id"])
    grant.refresh_from_db()
    assert (grant.state, grant.end_reason, grant.sid) == ("ended", "session_ended", "")
    event = Event.objects.get(tag="grant.ended")
    assert (event.actor, event.detail["reason"]) == (dario.public_id, "session_ended")


def test_offline_access_outlives_the_session_and_belongs_to_none_from_then_on(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    grant = used(application, dario, browser, frozen, scopes=OFFLINE, rid="0" * 32, n=3)
    browser.post(OUT)
    assert len(noted()) == 1
    grant.refresh_from_db()
    assert (grant.state, grant.sid, grant.rid, grant.n) == ("active", "", "0" * 32, 3)


def test_a_logout_asked_for_by_one_application_is_told_to_all(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    other = people.application(people.sara(), name="Another", backchannel_logout_uri="https://other.example/out")
    browser = as_user(dario)
    for each in (application, other):
        used(each, dario, browser, frozen)
    page = browser.get("/oauth2/logout", {"client_id": application.client_id}).content.decode()
    sealed = re.search(r'name="request" value="([^"]+)"', page)
    assert sealed
    browser.post("/oauth2/logout/confirm", {"request": sealed[1], "decision": "leave"})
    assert not signed_in(browser)
    assert {client_id for client_id, _, _ in noted()} == {application.client_id, other.client_id}


def test_not_you_on_a_page_of_sign_in_is_a_way_out(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    used(application, dario, browser, frozen)
    page = consent_page(browser, application)
    browser.post(f"{page.address}account/", {"choice": "switch"})
    assert not signed_in(browser)
    assert len(noted()) == 1


def test_nobody_signs_in_over_the_session_of_somebody_else(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    used(application, dario, browser, frozen)
    sid = sid_of(browser)
    browser.post("/account/login/", {"login": people.silvia().email, "password": people.PASSWORD})
    assert (browser.session["_auth_user_id"], sid_of(browser), noted()) == (str(dario.pk), sid, [])


def test_signing_out_everywhere_ends_every_session_of_this_person_and_of_nobody_else(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    silvia, luca = people.silvia(), people.luca()
    here, elsewhere, silvias, lucas = as_user(dario), as_user(dario), as_user(silvia), as_user(luca)
    mine = {sid_of(browser) for browser in (here, elsewhere)}
    for user, browser in ((dario, here), (dario, elsewhere), (silvia, silvias), (luca, lucas)):
        used(application, user, browser, frozen)
    here.post(EVERYWHERE)
    assert {(user, sid) for _, user, sid in noted()} == {(dario.public_id, sid) for sid in mine}
    assert set(Grant.objects.filter(state="active").values_list("user", flat=True)) == {silvia.pk, luca.pk}


def test_signing_out_everywhere_reaches_the_sessions_that_ran_out_unnoticed(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    used(application, dario, browser, frozen, sid="of-yesterday", expires_at=frozen.seconds - 80_000)
    browser.post(EVERYWHERE)
    assert [sid for _, _, sid in noted()] == ["of-yesterday"]
    assert not Event.objects.filter(tag="grant.ended").exists()  # it had run out by itself


def test_signing_out_everywhere_else_spares_this_browser(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    here, elsewhere = as_user(dario), as_user(dario)
    kept = used(application, dario, here, frozen)
    used(application, dario, elsewhere, frozen)
    sid = sid_of(elsewhere)
    here.post(SESSIONS)
    assert (signed_in(here), signed_in(elsewhere)) == (True, False)
    assert [found for _, _, found in noted()] == [sid]
    kept.refresh_from_db()
    assert (kept.state, kept.sid) == ("active", sid_of(here))
    assert Event.objects.get(tag="account.sessions_ended").detail == {"sessions": 1}


def test_one_session_is_ended_after_saying_which_and_nothing_else_with_it(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    here, elsewhere, third = as_user(dario), as_user(dario), as_user(dario)
    for each in (here, elsewhere, third):
        used(application, dario, each, frozen)
    sid = sid_of(elsewhere)
    UserSession.objects.filter(session_key=elsewhere.session.session_key).update(
        user_agent="Mozilla/5.0 (X11; Linux) Firefox/140.0", ip="203.0.113.9"
    )
    row = UserSession.objects.get(ip="203.0.113.9")
    address = f"/account/sessions/{row.pk}/end/"
    assert address in here.get(SESSIONS).content.decode()
    page = here.get(address).content.decode()
    for words in ("Firefox on Linux", "203.0.113.9", "End this session?"):
        assert words in page
    assert signed_in(elsewhere), "asking ends nothing"
    assert here.post(address)["Location"] == SESSIONS
    assert [signed_in(each) for each in (here, elsewhere, third)] == [True, False, True]
    assert [found for _, _, found in noted()] == [sid]
    assert Grant.objects.filter(state="ended").count() == 1
    event = Event.objects.get(tag="account.sessions_ended")
    assert (event.actor, event.detail) == (dario.public_id, {"sessions": 1})
    assert here.post(address).status_code == 404, "it is over already"


def test_ending_the_session_of_this_browser_signs_out(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    here = as_user(dario)
    used(application, dario, here, frozen)
    row = UserSession.objects.get(user=dario)
    assert here.post(f"/account/sessions/{row.pk}/end/")["Location"] == "/account/login/"
    assert not signed_in(here)
    assert len(noted()) == 1


def test_a_session_of_somebody_else_does_not_exist(as_user: AsUser, dario: User) -> None:
    luca = people.luca()
    lucas = as_user(luca)
    address = f"/account/sessions/{UserSession.objects.get(user=luca).pk}/end/"
    stranger = as_user(dario)
    assert (stranger.get(address).status_code, stranger.post(address).status_code) == (404, 404)
    assert signed_in(lucas)


def test_a_new_password_ends_every_session_but_the_one_it_was_set_in(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    here, elsewhere = as_user(dario), as_user(dario)
    used(application, dario, here, frozen)
    used(application, dario, elsewhere, frozen)
    sid = sid_of(elsewhere)
    assert change(here, NEW).status_code == 303
    assert [found for _, _, found in noted()] == [sid]
    here.post(OUT)
    assert len(noted()) == 2  # the session is the same under its new password


def test_a_password_that_is_not_taken_ends_nothing(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    here, elsewhere = as_user(dario), as_user(dario)
    used(application, dario, elsewhere, frozen)
    here.post(CHANGE, {"oldpassword": "not it", "password1": NEW, "password2": NEW})
    assert noted() == []


def test_a_forgotten_password_replaced_ends_every_session(
    as_user: AsUser, browser: Client, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    elsewhere = as_user(dario)
    used(application, dario, elsewhere, frozen)
    browser.post("/account/password/reset/", {"email": dario.email})
    link = re.search(r"http://localhost:8000(/account/password/reset/key/\S+)", Message.objects.get().text)
    assert link
    form = browser.get(link[1], follow=True).request["PATH_INFO"]
    assert noted() == []
    browser.post(form, {"password1": NEW, "password2": NEW})
    assert len(noted()) == 1


# --- Who is told ------------------------------------------------------------------------------------------------------


def test_another_browser_of_the_same_person_and_another_person_go_on(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    luca = people.luca()
    here, elsewhere, lucas = as_user(dario), as_user(dario), as_user(luca)
    for user, browser in ((dario, elsewhere), (luca, lucas)):
        used(application, user, browser, frozen)
    here.post(OUT)
    assert noted() == []
    assert Grant.objects.filter(state="active").exclude(sid="").count() == 2


def test_the_sid_of_somebody_else_is_not_ended_with_it(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    """A grant of the other clinic's user that names this session, however it came to that."""
    browser = as_user(dario)
    used(application, people.luca(), browser, frozen)
    browser.post(OUT)
    assert noted() == []
    assert Grant.objects.get().state == "active"


def test_an_application_without_an_address_is_not_told_and_loses_its_session_all_the_same(
    as_user: AsUser, dario: User, frozen: FrozenClock
) -> None:
    silent = people.application(people.davide())
    browser = as_user(dario)
    grant = used(silent, dario, browser, frozen)
    browser.post(OUT)
    assert noted() == []
    grant.refresh_from_db()
    assert grant.state == "ended"


def test_an_address_that_waits_for_review_is_not_used(as_user: AsUser, dario: User, frozen: FrozenClock) -> None:
    made = people.application(people.davide())
    Revision.objects.create(
        application=made.application, number=2, state="submitted", type="web", backchannel_logout_uri=URI
    )
    browser = as_user(dario)
    used(made, dario, browser, frozen)
    browser.post(OUT)
    assert noted() == []


def test_an_application_out_of_force_is_not_told(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    used(application, dario, browser, frozen)
    Application.objects.update(state=Application.State.SUSPENDED)
    browser.post(OUT)
    assert noted() == []


@pytest.mark.parametrize(
    "changes",
    [{"scopes": "giponext.patients"}, {"last_used_at": 0, "state": "code"}, {"last_used_at": 1}],
    ids=["without openid", "with a code not redeemed", "of long ago"],
)
def test_an_application_without_a_recent_id_token_of_the_session_is_not_told(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock, changes: dict[str, Any]
) -> None:
    browser = as_user(dario)
    used(application, dario, browser, frozen, **changes)
    browser.post(OUT)
    assert noted() == []


def test_an_application_is_told_as_long_as_its_own_session_may_last(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    """Access withdrawn and tokens run out change nothing at the application's side."""
    browser = as_user(dario)
    past = frozen.seconds - REMEMBERED + 1
    used(application, dario, browser, frozen, state="ended", last_used_at=past, expires_at=past)
    browser.post(OUT)
    assert len(noted()) == 1


def test_an_application_used_twice_in_a_session_is_told_once(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    used(application, dario, browser, frozen)
    used(application, dario, browser, frozen, scopes=OFFLINE)
    browser.post(OUT)
    assert len(noted()) == 1
    as_user(dario).post(EVERYWHERE)
    assert len(noted()) == 1  # that session is over already


def test_a_code_on_its_way_is_worthless_once_the_person_has_left(
    as_user: AsUser, dario: User, application: Registered
) -> None:
    browser = as_user(dario)
    answer_of(consent_page(browser, application, scope=OFFLINE).accept())
    browser.post(OUT)
    grant = Grant.objects.get()
    assert (grant.state, grant.end_reason) == ("ended", "session_ended")


def test_nothing_is_told_when_the_session_could_not_be_ended(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = as_user(dario)
    used(application, dario, browser, frozen)

    def broken(_: object) -> None:
        raise RuntimeError("the session stays")

    browser.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("django.contrib.sessions.backends.db.SessionStore.flush", broken)
        assert browser.post(OUT).status_code == 500
    assert noted() == []
    assert Grant.objects.get().state == "active"
    assert signed_in(browser)


def test_what_the_next_session_is_given_has_another_sid(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    first = sid_of(browser)
    consent_page(browser, application).accept()
    browser.post(OUT)
    browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    answer_of(ask(browser, application))
    assert sid_of(browser) != first
    assert Grant.objects.get(state="code").sid == sid_of(browser)
