"""The pages of the review desk: assignment, thread, notes, remarks beside fields, two approvers, and what the developer sees."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import FrozenClock
from tests.support import crowd, people, registrations
from tests.support.client_response import ClientResponse
from tests.support.registration_pages import BASE, STAFF, fields, page, signed_in
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import desk as reviews
from varco.registry import services
from varco.registry.models import Application, Review, Revision

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
FOR_TWO = ("openid", "giponext.medicalreports")
FIRST = {"decision": "approve"}


@pytest.fixture
def omar() -> User:
    return people.person("Omar", "Other", platform_role="operator")


@pytest.fixture
def desk(olga: User) -> Client:
    return signed_in(olga)


def address_of(revision: Revision, more: str = "") -> str:
    return f"{STAFF}review/{revision.pk}/{more}"


def seen(desk: Client, revision: Revision) -> str:
    """The stamp on the page of the review."""
    return str(page(desk.get(address_of(revision))).one("#decision input[name=stamp]")["value"])


def text_of(response: ClientResponse, selector: str = "main") -> str:
    return page(response).one(selector).get_text(" ", strip=True)


def confirmed(desk: Client, revision: Revision, **sent: Any) -> ClientResponse:
    answer = desk.post(address_of(revision), sent)
    return (
        desk.post(address_of(revision), fields(answer) | {"confirmed": "yes"}) if answer.status_code == 200 else answer
    )


def test_a_review_is_taken_with_one_button_and_stands_so_in_the_queue(desk: Client, davide: User, omar: User) -> None:
    revision = registrations.submitted(davide)
    sent = {"take": "yes", "stamp": seen(desk, revision)}
    assert desk.post(address_of(revision, "assign/"), sent).status_code == 303
    other = signed_in(omar)
    assert "You review it" in text_of(desk.get(STAFF))
    assert "Olga Operator reviews it" in text_of(other.get(STAFF))
    assert "Olga Operator reviews it" in text_of(other.get(address_of(revision)), "#work")
    for reviewer, shown in (("me", (1, 0)), ("nobody", (0, 0)), ("", (1, 1))):
        rows = [
            len(page(browser.get(f"{STAFF}?reviewer={reviewer}")).select(".rows .row")) for browser in (desk, other)
        ]
        assert tuple(rows) == shown
    late = other.post(address_of(revision, "assign/"), sent)
    assert late.status_code == 409
    assert "changed while you were looking" in late.content.decode()


def test_it_is_given_to_a_colleague_and_back(desk: Client, davide: User, omar: User) -> None:
    revision = registrations.submitted(davide)
    offered = page(desk.get(address_of(revision))).select("#assign_assignee option")
    assert [option.get_text() for option in offered] == ["Nobody", "Olga Operator", "Omar Other"]
    for chosen, name in ((omar.public_id, "Omar Other reviews it"), ("", "Nobody has taken it yet")):
        sent = {"assignee": chosen, "stamp": seen(desk, revision)}
        assert desk.post(address_of(revision, "assign/"), sent).status_code == 303
        assert name in text_of(desk.get(address_of(revision)), "#work")
    stranger = {"assignee": davide.public_id, "stamp": seen(desk, revision)}
    assert desk.post(address_of(revision, "assign/"), stranger).status_code == 422


def test_a_question_is_answered_on_the_developers_page_and_both_stand_on_both(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    browser = signed_in(davide)
    thread = f"{BASE}{revision.application_id}/questions/"
    assert (
        desk.post(address_of(revision, "thread/"), {"text": "Why <the> patients?", "write": "ask"}).status_code == 303
    )
    client = browser.get(f"{BASE}{revision.application_id}/")
    assert "Why <the> patients?" in text_of(client, "#review")
    assert page(client).one(f'#review a[href="{thread}"]').get_text(strip=True) == "Answer"
    assert f"http://localhost:8000{thread}" in Message.objects.get(to=davide.email).text
    assert browser.post(thread, {"text": "To book\r\nfor them."}).status_code == 303
    for shown in (browser.get(f"{BASE}{revision.application_id}/"), desk.get(address_of(revision))):
        said = text_of(shown, "#review" if shown.wsgi_request.user == davide else "#thread")
        assert said.index("for them.") < said.index("Why <the> patients?")
    assert "Answered" in text_of(desk.get(STAFF), ".rows .row")


def test_a_question_stands_on_the_developers_start_page_until_it_is_answered(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    browser = signed_in(davide)
    services.send_question(revision, Origin(olga), text="Why?")
    assert "Answer a question about Agenda Facile" in text_of(browser.get("/"))
    services.send_answer(revision.application, Origin(davide), text="So.")
    assert "Answer a question about Agenda Facile" not in text_of(browser.get("/"))


@pytest.mark.parametrize("text", ["", "   ", "a\x1bb", "x" * 4001])
def test_a_message_that_says_nothing_is_not_sent_and_comes_back(desk: Client, davide: User, text: str) -> None:
    revision = registrations.submitted(davide)
    for browser, address in (
        (desk, address_of(revision, "thread/")),
        (signed_in(davide), f"{BASE}{revision.application_id}/questions/"),
    ):
        assert browser.post(address, {"text": text, "write": "ask"}).status_code == 422
    assert not reviews.thread(revision.application)


def test_without_a_button_nothing_is_sent_or_kept(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    answer = desk.post(address_of(revision, "thread/"), {"text": "For whom?"})
    assert answer.status_code == 422
    assert fields(answer)["text"].strip() == "For whom?"


def test_a_message_after_the_decision_is_not_sent_and_not_lost(desk: Client, davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    services.approve(revision, Origin(olga))
    answer = desk.post(address_of(revision, "thread/"), {"text": "One thing more.", "write": "ask"})
    assert (answer.status_code, "One thing more." in answer.content.decode()) == (409, True)
    answer = signed_in(davide).post(f"{BASE}{revision.application_id}/questions/", {"text": "But why?"})
    assert (answer.status_code, "But why?" in answer.content.decode()) == (409, True)


def test_a_note_stands_at_the_desk_and_on_no_page_of_the_developer(desk: Client, davide: User, omar: User) -> None:
    revision = registrations.submitted(davide)
    desk.post(address_of(revision, "thread/"), {"text": "Their last one was a copy.", "write": "note"})
    assert "Their last one was a copy." in text_of(signed_in(omar).get(address_of(revision)), "#thread")
    browser = signed_in(davide)
    for address in ("", "questions/"):
        assert "a copy" not in browser.get(f"{BASE}{revision.application_id}/{address}").content.decode()
    assert not Message.objects.filter(to=davide.email).exists()
    confirmed(desk, revision, decision="approve")
    assert desk.post(address_of(revision, "thread/"), {"text": "Still so.", "write": "note"}).status_code == 303


def test_an_operator_reads_no_notes_about_an_application_of_their_own(olga: User) -> None:
    both = people.person("Bruna", "Both", developer_since=1, platform_role="operator")
    revision = registrations.submitted(both)
    services.note(revision, Origin(olga), text="Ask the bank.")
    browser = signed_in(both)
    for address in ("", "thread/"):
        assert "Ask the bank." not in browser.get(address_of(revision, address)).content.decode()
    for address, sent in (("thread/", {"text": "x", "write": "note"}), ("assign/", {"take": "yes"})):
        assert browser.post(address_of(revision, address), sent).status_code == 404


def test_remarks_stand_beside_their_fields_where_the_developer_reads_them(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    shown = page(desk.get(address_of(revision)))
    boxes = {str(box["name"]) for box in shown.select("textarea[form=decision]")}
    assert {"remark:redirect_uris", "remark:scopes", "remark:name", "remark:privacy_url"} <= boxes
    sent = {"decision": "request_changes", "codes": ["redirect_uri"], "stamp": seen(desk, revision)} | {
        "remark:redirect_uris": "Whose host is it?",
        "remark:name": "Too general.",
    }
    assert desk.post(address_of(revision), sent).status_code == 303
    client = page(signed_in(davide).get(f"{BASE}{revision.application_id}/"))
    row = next(row for row in client.select("#pending .registration > div") if "Redirect URIs" in row.get_text())
    assert "Whose host is it?" in row.get_text()
    assert "Too general." in client.one("#pending").get_text()
    assert "The clock stands still" in client.one("#pending").get_text()
    application = Application.objects.get(pk=revision.application_id)
    moved = registrations.registration(redirect_uris=("https://app.facile.example/second",))
    services.save_draft(application, moved, Origin(davide))
    since = text_of(desk.get(address_of(services.submit(application, Origin(davide)))), "#since")
    assert (
        since.index("https://app.facile.example/second")
        < since.index("Whose host is it?")
        < since.index("Too general.")
    )


def test_remarks_are_kept_by_the_page_that_asks_once_more_and_by_the_way_back(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    remark = {"remark:scopes": "Why <all>?"}
    asked = desk.post(address_of(revision), {"decision": "reject", "codes": ["other"], "text": "No."} | remark)
    assert fields(asked)["remark:scopes"] == "Why <all>?"
    back = desk.post(address_of(revision), fields(asked) | {"confirmed": "no"})
    assert page(back).one('textarea[name="remark:scopes"]').get_text().strip() == "Why <all>?"
    assert desk.post(address_of(revision), fields(asked) | {"confirmed": "yes"}).status_code == 303
    assert reviews.remarks_on(revision) == {"scopes": "Why <all>?"}


def test_nothing_is_approved_with_remarks_on_it(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    answer = confirmed(desk, revision, decision="approve", **{"remark:scopes": "Why?"})
    assert answer.status_code == 422
    assert page(answer).one('textarea[name="remark:scopes"]').get_text().strip() == "Why?"


@pytest.mark.parametrize("late", ["edited", "decided", "asked"])
def test_whoever_decides_on_an_old_page_is_told_and_loses_no_word(
    desk: Client, davide: User, omar: User, late: str
) -> None:
    revision = registrations.submitted(davide)
    stamp = seen(desk, revision)
    browser = signed_in(davide)
    if late == "edited":
        details = f"{BASE}{revision.application_id}/details/"
        browser.post(details, fields(browser.get(details)) | {"name": "Something Else"})
    elif late == "asked":
        services.send_answer(revision.application, Origin(davide), text="Wait!")
    else:
        services.approve(revision, Origin(omar))
    written = {"text": "All of <this>.", "codes": ["name"], "remark:scopes": "And <that>."}
    answer = desk.post(address_of(revision), {"decision": "request_changes", "stamp": stamp} | written)
    assert answer.status_code == 409
    said = page(answer).one("main").get_text()
    assert "All of <this>." in said
    assert "And <that>." in said
    revision.refresh_from_db()
    assert revision.state == ("approved" if late == "decided" else "submitted")
    if late != "decided":
        again = {"decision": "request_changes", "stamp": fields(answer)["stamp"]} | written
        assert desk.post(address_of(revision), again).status_code == 303


def test_the_first_of_two_approvals_says_so_everywhere(desk: Client, davide: User, omar: User) -> None:
    revision = registrations.submitted(davide, scopes=FOR_TWO)
    assert "It takes two approvals" in text_of(desk.get(address_of(revision)), "#decide")
    asked = desk.post(address_of(revision), FIRST | {"stamp": seen(desk, revision)})
    assert "Nothing is in force yet" in text_of(asked)
    assert desk.post(address_of(revision), fields(asked) | {"confirmed": "yes"}).status_code == 303
    own = page(desk.get(address_of(revision))).one("#decide")
    assert "A second person has to approve it too" in own.get_text()
    assert not own.select('button[value="approve"]')
    assert desk.post(address_of(revision), FIRST).status_code == 409
    other = signed_in(omar)
    assert "Olga Operator has approved it; a second one has to" in text_of(other.get(STAFF))
    assert "With yours it is in force" in text_of(other.get(address_of(revision)), "#decide")
    client = text_of(signed_in(davide).get(f"{BASE}{revision.application_id}/"), "#pending")
    assert "a second one decides too" in client
    assert confirmed(other, revision, **FIRST).status_code == 303
    revision.refresh_from_db()
    assert revision.state == "approved"


def test_whoever_is_the_only_operator_is_told_that_it_takes_another_one(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide, scopes=FOR_TWO)
    assert "There is nobody else who could" in text_of(desk.get(address_of(revision)), "#decide")


def test_the_developer_reads_how_many_wait_before_them_and_that_somebody_has_it(davide: User, olga: User) -> None:
    registrations.submitted(davide, name="Earlier")
    revision = registrations.submitted(davide, name="Later")
    browser = signed_in(davide)
    address = f"{BASE}{revision.application_id}/"
    assert "1 registration waits longer than yours" in text_of(browser.get(address), "#pending")
    services.assign(revision, Origin(olga), to=olga)
    shown = text_of(browser.get(address), "#pending")
    assert "A reviewer is looking at it" in shown
    assert "at the latest:" in shown
    assert "Olga" not in shown


def test_the_developer_reads_that_the_answer_is_late(davide: User, frozen: FrozenClock) -> None:
    revision = registrations.submitted(davide)
    frozen.advance(10 * 86400)
    shown = text_of(signed_in(davide).get(f"{BASE}{revision.application_id}/"), "#pending")
    assert "We are late. The answer was due:" in shown
    assert "at the latest:" not in shown


def test_a_difference_is_ranked_by_the_risk_of_each_change(desk: Client, davide: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    changed = registrations.registration(
        post_logout_redirect_uris=("https://app.facile.example/bye",),
        claims=("tenant", "email"),
        redirect_uris=("https://elsewhere.example/callback",),
    )
    services.save_draft(application, changed, Origin(davide))
    revision = services.submit(application, Origin(davide))
    rows = page(desk.get(address_of(revision))).select("#request > .registration > div")
    named = [" ".join(row.one("dt").get_text(" ", strip=True).split()) for row in rows]
    assert named == ["Redirect URIs High risk", "Claims Medium risk", "Redirect URIs after logout Low risk"]


def test_what_is_known_of_developer_and_hosts_stands_in_numbers(desk: Client, davide: User, olga: User) -> None:
    registrations.approved(davide, olga, name="Of the same")
    other = people.person("Dora", "Dev", developer_since=1)
    registrations.approved(other, olga, name="Of another")
    services.reject(registrations.submitted(davide, name="Bad"), Origin(olga), codes=["other"], text="No.")
    known = text_of(desk.get(address_of(registrations.submitted(davide, name="Now"))), "#history")
    assert "Approved 1 · Rejected 1" in known
    assert "app.facile.example In force for other applications: 1 of theirs · 1 of somebody else" in known


def test_the_keys_of_the_desk_are_listed_and_lead_to_what_is_there(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    for address, parts in ((STAFF, {"?"}), (address_of(revision), {"?", "d", "q", "w", "t"})):
        shown = page(desk.get(address))
        listed = {key.get_text() for key in shown.select("#shortcuts kbd")} - {"j", "k", "/"}
        assert listed == parts == {str(part["data-key"]) for part in shown.select("[data-key]")}
        assert shown.select("[data-stop]")
    ids = [str(part["id"]) for part in shown.select("main [id]")]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in shown.select(".jump a") if str(link["href"])[0] == "#"} <= set(ids)


def test_what_was_handed_in_to_a_version_without_reviews_is_reviewed_as_everything(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    Review.objects.all().delete()
    assert "Agenda Facile" in text_of(desk.get(STAFF), ".rows")
    assert len(page(desk.get(f"{STAFF}?reviewer=nobody")).select(".rows .row")) == 1
    assert signed_in(davide).get(f"{BASE}{revision.application_id}/").status_code == 200
    sent = {"take": "yes", "stamp": seen(desk, revision)}
    assert desk.post(address_of(revision, "assign/"), sent).status_code == 303
    assert confirmed(desk, revision, decision="approve", stamp=seen(desk, revision)).status_code == 303


def test_a_review_takes_as_many_statements_however_much_there_is(desk: Client, davide: User, olga: User) -> None:
    revision = registrations.submitted(davide, scopes=FOR_TWO)
    desk.get(address_of(revision))  # what is noted once in a while is noted
    counted = []
    for size in (4, 60):
        crowd.applications(davide, size)
        for _ in range(size):
            services.note(revision, Origin(olga), text="Note.")
        with CaptureQueriesContext(connection) as captured:
            answer = desk.get(address_of(revision))
        counted.append(len(captured))
        assert len(answer.content) < 46_000
    assert counted[0] == counted[1]
    assert counted[0] <= 40
