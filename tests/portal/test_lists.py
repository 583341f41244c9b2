"""What lists show: the best match first, whole ids only, how many there are, and the rest on further pages."""

import pytest
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from tests.support import crowd, people, registrations
from tests.support.authorization_pages import signed_in
from tests.support.html import parse
from varco.accounts.models import User
from varco.portal.session_store import SessionStore
from varco.registry.models import Application, Revision, Secret

pytestmark = pytest.mark.django_db
ALL, QUEUE, OWN = "/staff/applications/all/", "/staff/applications/", "/developer/applications/"


@pytest.fixture
def desk() -> Client:
    return signed_in(people.olga())


def names(browser: Client, address: str, **query: str) -> list[str]:
    page = parse(browser.get(address, query).content)
    return [row.get_text() for row in page.select(".row__title a")]


def text(browser: Client, address: str, **query: str) -> str:
    page = parse(browser.get(address, query).content)
    return " ".join(page.select("main")[0].get_text(" ").split())


def many(owner: User, size: int, **changes: object) -> list[Application]:
    fields = {"team": people.team_of(owner), "owner": owner, "publisher": "Many Srl"} | changes
    return Application.objects.bulk_create(
        Application(name=f"Agenda {number:03}", client_id=f"varco-33{number:014x}", **fields) for number in range(size)
    )


def test_whole_words_stand_before_beginnings_and_these_before_the_rest(desk: Client, davide: User) -> None:
    for name in ("Agenda A330", "Agenda 330", "Agenda 33"):
        people.application(davide, name=name)
    assert names(desk, ALL, words="agenda 33") == ["Agenda 33", "Agenda 330", "Agenda A330"]


def test_digits_find_no_client_id_by_accident_and_a_whole_one_finds_its_application(desk: Client, davide: User) -> None:
    first, *_others = many(davide, 3)
    client_id = first.client_id or ""
    people.application(davide, name="Room 33")
    for browser, address in ((desk, ALL), (signed_in(davide), OWN)):
        assert names(browser, address, words="33") == ["Room 33"]
        assert names(browser, address, words=client_id) == [first.name]
        assert names(browser, address, words=client_id[:-1]) == ["Agenda 000", "Agenda 001", "Agenda 002"]


def test_all_applications_are_narrowed_by_environment_risk_and_developer(desk: Client, davide: User) -> None:
    people.application(davide, name="Shown", environment="staging")
    dora = people.person("Dora", "Developer", developer_since=1)
    registrations.draft(dora, name="Begun", environment="development")
    risky = registrations.submitted(dora, name="Risky", redirect_uris=("http://localhost/callback",))
    assert risky.high_risks
    assert names(desk, ALL, environment="staging") == ["Shown"]
    assert names(desk, ALL, environment="development") == ["Begun"]
    assert names(desk, ALL, risk="high") == ["Risky"]
    assert names(desk, ALL, developer="DORA@developer.example") == ["Begun", "Risky"]
    assert names(desk, ALL, developer="dora@") == []
    assert "3 applications" in text(desk, ALL)


def test_the_queue_is_narrowed_and_counts_what_is_left(desk: Client, davide: User) -> None:
    registrations.submitted(davide, name="Calm")
    registrations.submitted(davide, name="Risky", redirect_uris=("http://localhost/callback",))
    registrations.submitted(davide, name="Tried", environment="staging")
    assert names(desk, QUEUE, words="calm") == ["Calm"]
    assert "Risky" in names(desk, QUEUE, risk="high")
    assert "Calm" not in names(desk, QUEUE, risk="high")
    assert names(desk, QUEUE, environment="staging") == ["Tried"]
    assert "One registration waits." in text(desk, QUEUE, environment="staging")
    assert "No registration found" in text(desk, QUEUE, words="nothing of the kind")


def test_a_developer_s_list_has_pages_and_says_how_many_there_are(davide: User) -> None:
    crowd.applications(davide, 120)
    browser = signed_in(davide)
    pages = [names(browser, OWN, page=str(number)) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({name for page in pages for name in page}) == 120
    assert "Page 1 of 3 · 120 in all" in text(browser, OWN)
    assert "No application found" in text(browser, OWN, words="nothing of the kind")


def test_the_overview_names_five_that_wait_for_their_developer_the_most_pressing_first(davide: User) -> None:
    waiting = many(davide, 7, state="pending")
    states = ["draft"] * 6 + ["changes_requested"]
    Revision.objects.bulk_create(
        Revision(application=item, number=1, type="web", state=state)
        for item, state in zip(waiting, states, strict=True)
    )
    secretless = people.application(davide, name="Agenda Z")
    Secret.objects.all().update(revoked_at=1)
    Application.objects.create(team=people.team_of(davide), owner=davide, name="Agenda S", state="suspended")
    browser = signed_in(davide)
    shown = text(browser, "/")
    assert shown.index("Agenda S is suspended") < shown.index("Answer the review of Agenda 006")
    assert shown.index("Answer the review of Agenda 006") < shown.index("Finish and submit Agenda 000")
    assert shown.count("Finish and submit") == 3
    assert "And 4 more" in shown
    assert "Your 9 applications" in shown
    assert "Create a secret" not in shown
    Revision.objects.filter(state__in=["draft", "changes_requested"]).update(state="withdrawn")
    assert "Create a secret for Agenda Z" in text(browser, "/")
    Secret.objects.filter(application=secretless.application).update(revoked_at=None)
    assert "Create a secret" not in text(browser, "/")


def test_live_secrets_stand_on_the_first_page_however_many_were_revoked_since(davide: User) -> None:
    made = people.application(davide)
    Secret.objects.bulk_create(
        Secret(application=made.application, label=f"old {number}", digest=str(number), revoked_at=1, created_by=davide)
        for number in range(40)
    )
    shown = text(signed_in(davide), f"{OWN}{made.application.pk}/")
    assert "first" in shown[: shown.index("old 39")]
    assert "Page 1 of 5 · 41 in all" in shown


def test_sessions_have_pages_and_leave_out_what_is_over() -> None:
    dario = people.dario()
    browser = signed_in(dario)
    crowd.sessions(dario, 30)
    pages = [text(browser, "/account/sessions/", page=str(number)) for number in (1, 2, 3)]
    assert "Page 1 of 3 · 31 in all" in pages[0]
    assert sum("This browser" in page for page in pages) == 1
    kept = browser.session.session_key
    Session.objects.exclude(session_key=kept).filter(session_key__gte="session1005").delete()
    for session in Session.objects.exclude(session_key=kept):
        store = SessionStore(session.session_key)
        store[HASH_SESSION_KEY] = "of an old password"
        store.save()
    assert text(browser, "/account/sessions/").count("End the session") == 1


def test_the_mailbox_of_somebody_without_mail_says_so(db: None) -> None:
    assert "No mail to this address" in text(Client(HTTP_ACCEPT_LANGUAGE="en"), "/demo/mailbox/", to="nobody@x.example")


def test_there_are_no_more_passkeys_than_a_request_can_name() -> None:
    from allauth.mfa.models import Authenticator

    dario = people.dario()
    Authenticator.objects.bulk_create(
        Authenticator(user=dario, type="webauthn", data={"name": "Key"}) for _ in range(20)
    )
    answer = signed_in(dario).get("/account/2fa/webauthn/add/")
    assert answer.status_code == 302
    assert answer["Location"] == "/account/2fa/webauthn/"
