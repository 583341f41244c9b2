"""The review desk: queue, evidence, decisions, suspension, the PKCE exception (S11, S13, S14, S16)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.client_response import ClientResponse
from tests.support.registration_pages import BASE, STAFF, fields, page, register, signed_in
from tests.support.whole_page import faults_of_forms
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import queries, services
from varco.registry.models import Application, Revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(olga: User) -> Client:
    """Olga's browser."""
    return signed_in(olga)


def address_of(revision: Revision) -> str:
    return f"{STAFF}review/{revision.pk}/"


def decide(desk: Client, revision: Revision, decision: str, **changes: Any) -> ClientResponse:
    """Open the review, fill in, press the button, and confirm where that is asked."""
    sent = fields(desk.get(address_of(revision))) | {"decision": decision} | changes
    answer = desk.post(address_of(revision), sent)
    if answer.status_code != 200:
        return answer
    return desk.post(address_of(revision), fields(answer) | {"confirmed": "yes"})


@pytest.mark.either_engine
def test_an_empty_queue_says_so(desk: Client) -> None:
    assert "Nothing waits for review" in desk.get(STAFF).content.decode()


def test_the_longest_waiting_stands_first_with_its_clock(desk: Client, davide: User, frozen: FrozenClock) -> None:
    def november(day: int, hour: int) -> int:
        return int(datetime(2026, 11, day, hour, tzinfo=ZoneInfo("Europe/Rome")).timestamp()) * 1000

    for name, day in (("Late", 23), ("Soon", 24), ("Fresh", 25)):  # Monday, Tuesday, Wednesday
        frozen.milliseconds = november(day, 10)
        registrations.submitted(davide, name=name)
    frozen.milliseconds = november(26, 15)  # Thursday
    rows = page(desk.get(STAFF)).select(".rows .row")
    assert [row.one("a").get_text() for row in rows] == ["Late", "Soon", "Fresh"]
    chips = [[chip.get_text(strip=True) for chip in row.select(".chip")] for row in rows]
    assert ["Overdue" in row for row in chips] == [True, False, False]
    assert ["Due soon" in row for row in chips] == [False, True, False]


def test_approval_gives_the_plate_tells_the_developer_and_takes_it_off_the_queue(desk: Client, davide: User) -> None:
    browser = signed_in(davide)
    application = register(browser)
    assert decide(desk, application.revisions.get(), "approve", text="Welcome.").status_code == 303
    application.refresh_from_db()
    plate = application.client_id or ""
    mail = Message.objects.get(to=davide.email)
    assert plate in mail.text
    assert "Welcome." in mail.text
    assert f"http://localhost:8000{BASE}{application.pk}/" in mail.text
    shown = page(browser.get(f"{BASE}{application.pk}/"))
    assert shown.one("main .plate").get_text(strip=True).startswith(plate)
    assert "Revision 1 approved and in force" in shown.one(".timeline").get_text()
    assert "Nothing waits for review" in desk.get(STAFF).content.decode()


@pytest.mark.either_engine
def test_the_page_shows_the_request_and_the_ranked_findings(desk: Client, davide: User) -> None:
    revision = registrations.submitted(
        davide,
        name="GipoNext Agenda",
        redirect_uris=("https://app.facile.example/callback", "https://other.example.org/cb"),
    )
    shown = page(desk.get(address_of(revision)))
    text = shown.one("main").get_text(" ", strip=True)
    for expected in (
        "https://app.facile.example/callback",
        "giponext.patients",
        registrations.REASON,
        davide.email,
        "Facile Srl",
    ):
        assert expected in text
    risks = [chip.get_text(strip=True) for chip in shown.select(".finding .chip")]
    assert risks == sorted(risks, key=["Blocker", "Warning", "Note"].index)
    assert risks[0] == "Blocker"


@pytest.mark.either_engine
def test_a_later_revision_is_shown_as_its_difference(desk: Client, davide: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    services.save_draft(application, registrations.registration(scopes=("openid", "giponext.invoices")), Origin(davide))
    shown = page(desk.get(address_of(services.submit(application, Origin(davide)))))
    assert "What changes against revision 1" in shown.get_text()
    marked = {
        kind: [code.get_text() for code in shown.select(f".value--{kind} code:nth-of-type(1)")]
        for kind in ("added", "removed")
    }
    assert marked == {"added": ["giponext.invoices"], "removed": ["giponext.patients"]}


@pytest.mark.parametrize(
    ("decision", "heading"),
    [("request_changes", "Changed since you sent it back"), ("reject", "Changed since it was rejected")],
)
def test_what_changed_since_it_was_sent_back_or_rejected_stands_under_ones_own_reasons(
    desk: Client, davide: User, decision: str, heading: str
) -> None:
    first = registrations.submitted(davide)
    decide(desk, first, decision, codes=["other"], text="Take the first address away.")
    since = page(desk.get(address_of(first))).select("#since")
    assert since == []
    application = Application.objects.get(pk=first.application_id)
    services.save_draft(
        application, registrations.registration(redirect_uris=("https://app.facile.example/second",)), Origin(davide)
    )
    second = services.submit(application, Origin(davide))
    shown = page(desk.get(address_of(second))).select_one("#since")
    assert shown is not None
    text = shown.get_text(" ", strip=True)
    assert text.index(heading) < text.index("Take the first address away.")
    assert text.index("Take the first address away.") < text.index("https://app.facile.example/second")


def test_what_was_decided_before_stands_on_the_page(desk: Client, davide: User, olga: User) -> None:
    earlier = registrations.submitted(davide, name="Earlier")
    services.reject(earlier, Origin(olga), codes=["publisher"], text="We could not reach you.")
    text = desk.get(address_of(registrations.submitted(davide, name="Now"))).content.decode()
    assert "We could not reach you." in text
    assert "Same developer" in text
    assert "app.facile.example" in text


@pytest.mark.parametrize(("decision", "state"), [("request_changes", "changes_requested"), ("reject", "rejected")])
def test_sending_back_tells_the_developer_why(desk: Client, davide: User, decision: str, state: str) -> None:
    revision = registrations.submitted(davide)
    response = decide(
        desk, revision, decision, codes=["scope_too_wide", "name"], text="Patients are not needed.\nSee §2."
    )
    assert response.status_code == 303
    revision.refresh_from_db()
    assert (revision.state, revision.decision_codes) == (state, ["scope_too_wide", "name"])
    assert (revision.application.client_id, revision.application.state) == (None, "pending")
    mail = Message.objects.get(to=davide.email)
    for text in (mail.text, signed_in(davide).get(f"{BASE}{revision.application_id}/").content.decode()):
        assert "Patients are not needed." in text
        assert "A scope is not needed for what the application does" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "reject"},
        {"decision": "reject", "text": "No."},
        {"decision": "reject", "codes": ["other"]},
        {"decision": "request_changes", "codes": ["other"], "text": "   "},
        {"decision": "reject", "codes": ["made_up"], "text": "No."},
        {"decision": "reject", "codes": ["other"], "text": "x" * 4001},
        {"decision": "reject", "codes": ["other"], "text": "a\0b"},
        {"decision": "approve", "text": "a\x1bb"},
        {"decision": "burn"},
        {},
    ],
)
def test_an_incomplete_decision_decides_nothing_and_loses_nothing(
    desk: Client, davide: User, changes: dict[str, Any]
) -> None:
    revision = registrations.submitted(davide)
    response = desk.post(address_of(revision), fields(desk.get(address_of(revision))) | changes)
    assert response.status_code == 422
    assert page(response).select_one(".callout--danger")
    if "\0" not in changes.get("text", ""):
        assert fields(response).get("text", "").strip() == changes.get("text", "").strip()
    revision.refresh_from_db()
    assert revision.state == "submitted"


@pytest.mark.either_engine
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_cannot_be_taken_back_is_confirmed_first(desk: Client, davide: User, decision: str) -> None:
    revision = registrations.submitted(davide)
    codes = ["name"] if decision == "reject" else []
    typed = {"decision": decision, "codes": codes, "text": "Because <so>.\r\nYes."}
    asked = desk.post(address_of(revision), fields(desk.get(address_of(revision))) | typed)
    assert (asked.status_code, faults_of_forms(asked)) == (200, [])
    assert "Because &lt;so&gt;." in asked.content.decode()
    revision.refresh_from_db()
    assert revision.state == "submitted"
    assert not Message.objects.filter(to=davide.email).exists()
    back = desk.post(address_of(revision), fields(asked) | {"confirmed": "no"})
    assert back.status_code == 200
    assert fields(back)["text"].splitlines() == ["Because <so>.", "Yes."]
    assert fields(back).get("codes", "") == ("name" if codes else "")
    revision.refresh_from_db()
    assert revision.state == "submitted"
    assert desk.post(address_of(revision), fields(asked) | {"confirmed": "yes"}).status_code == 303
    revision.refresh_from_db()
    assert revision.state == {"approve": "approved", "reject": "rejected"}[decision]


@pytest.mark.either_engine
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_approving_with_reasons_ticked_approves_nothing_and_says_why(
    desk: Client, davide: User, confirmed: dict[str, str]
) -> None:
    revision = registrations.submitted(davide)
    typed = {"decision": "approve", "codes": ["redirect_uri", "name"], "text": "Remove localhost."}
    answer = desk.post(address_of(revision), fields(desk.get(address_of(revision))) | typed | confirmed)
    assert answer.status_code == 422
    assert "You ticked reasons to send it back. Clear them to approve." in answer.content.decode()
    assert fields(answer)["codes"] == ["redirect_uri", "name"]
    revision.refresh_from_db()
    assert revision.state == "submitted"


def test_a_decision_on_a_stale_page_is_not_carried_out(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    seen = fields(desk.get(address_of(revision)))
    browser = signed_in(davide)
    details = f"{BASE}{revision.application_id}/details/"
    browser.post(details, fields(browser.get(details)) | {"name": "Something Else"})
    response = desk.post(address_of(revision), seen | {"decision": "approve"})
    assert response.status_code == 409
    assert "changed while you were looking" in response.content.decode()
    revision.refresh_from_db()
    assert revision.state == "submitted"
    assert decide(desk, revision, "approve").status_code == 303


def test_of_two_reviewers_the_second_is_told(desk: Client, davide: User) -> None:
    other = signed_in(people.person("Otto", "Operator", platform_role="operator"))
    revision = registrations.submitted(davide)
    seen = fields(other.get(address_of(revision)))
    decide(desk, revision, "approve")
    response = other.post(address_of(revision), seen | {"decision": "reject", "codes": ["other"], "text": "No."})
    assert response.status_code == 409
    revision.refresh_from_db()
    assert revision.state == "approved"
    assert "Olga Operator" in other.get(address_of(revision)).content.decode()


def test_what_the_developer_withdrew_cannot_be_decided_about(desk: Client, davide: User) -> None:
    revision = registrations.submitted(davide)
    seen = fields(desk.get(address_of(revision)))
    services.withdraw(revision.application, Origin(davide))
    assert desk.post(address_of(revision), seen | {"decision": "approve"}).status_code == 409
    shown = desk.get(address_of(revision)).content.decode()
    assert "nothing to decide" in shown
    assert "Approve application" not in shown


def test_a_draft_is_nobodys_business_yet(desk: Client, davide: User) -> None:
    revision = registrations.draft(davide).revisions.get()
    assert desk.get(address_of(revision)).status_code == 404


def test_operators_do_not_review_their_own_applications() -> None:
    both = people.person("Bruna", "Both", developer_since=1, platform_role="operator")
    revision = registrations.submitted(both)
    browser = signed_in(both)
    shown = browser.get(address_of(revision)).content.decode()
    assert "Another operator has to decide" in shown
    assert "Approve application" not in shown
    assert browser.post(address_of(revision), {"decision": "approve"}).status_code == 404
    revision.refresh_from_db()
    assert revision.state == "submitted"
    assert not Message.objects.filter(to=both.email).exists()


def test_suspending_says_what_stops_needs_a_reason_and_stops_it(desk: Client, davide: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    address = f"{STAFF}{application.pk}/suspend/"
    assert "every access and refresh token it holds is refused" in desk.get(address).content.decode()
    assert desk.post(address, {"text": ""}).status_code == 422
    assert desk.post(address, {"text": "A token was found in public."}).status_code == 303
    client = queries.client(application.client_id or "")
    assert client is not None
    assert not client.usable
    assert "A token was found in public." in Message.objects.filter(to=davide.email).latest("pk").text
    shown = signed_in(davide).get(f"{BASE}{application.pk}/").content.decode()
    assert "This application is suspended" in shown
    assert "A token was found in public." in shown
    assert desk.post(address, {"text": "Again."}).status_code == 409


def test_restoring_puts_back_what_was_approved(desk: Client, davide: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    services.suspend(application, Origin(olga), reason="Leaked.")
    assert desk.post(f"{STAFF}{application.pk}/restore/", {"text": "All secrets were changed."}).status_code == 303
    client = queries.client(application.client_id or "")
    assert client is not None
    assert client.usable
    assert "All secrets were changed." in Message.objects.filter(to=davide.email).latest("pk").text
    assert desk.post(f"{STAFF}{application.pk}/restore/", {}).status_code == 409


def test_approving_a_revision_of_a_suspended_application_does_not_wake_it(
    desk: Client, davide: User, olga: User
) -> None:
    application = registrations.approved(davide, olga)
    services.save_draft(
        application, registrations.registration(redirect_uris=("https://b.example/cb",)), Origin(davide)
    )
    revision = services.submit(application, Origin(davide))
    services.suspend(application, Origin(olga), reason="Leaked.")
    assert decide(desk, revision, "approve").status_code == 303
    client = queries.client(application.client_id or "")
    assert client is not None
    assert not client.usable


def test_the_pkce_exception_is_for_confidential_clients_and_is_audited(desk: Client, davide: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    address = f"{STAFF}{application.pk}/pkce/"
    assert fields(desk.get(address))["required"] == "on"
    assert desk.post(address, {"text": ""}).status_code == 422
    assert desk.post(address, {"text": "The vendor's library cannot."}).status_code == 303
    client = queries.client(application.client_id or "")
    assert client is not None
    assert not client.pkce_required
    event = Event.objects.get(tag="application.pkce_changed")
    assert (event.actor, event.detail["required"]) == (olga.public_id, False)
    assert "PKCE is optional" in signed_in(davide).get(f"{BASE}{application.pk}/").content.decode()
    public = registrations.approved(davide, olga, type="spa", name="In the browser")
    assert desk.post(f"{STAFF}{public.pk}/pkce/", {"text": "Please."}).status_code == 409


def test_all_applications_can_be_searched(desk: Client, davide: User, olga: User) -> None:
    first = registrations.approved(davide, olga, name="Agenda Facile")
    registrations.draft(davide, name="Referti in tasca")

    def found(**query: str) -> list[str]:
        return [row.get_text() for row in page(desk.get(f"{STAFF}all/", query)).select(".row__title a")]

    assert found() == ["Agenda Facile", "Referti in tasca"]
    assert found(words="REFERTI") == ["Referti in tasca"]
    assert found(words=first.client_id or "") == ["Agenda Facile"]
    assert found(words="facile davide@") == ["Agenda Facile", "Referti in tasca"]
    assert found(state="pending") == ["Referti in tasca"]
    assert found(words="nothing like it") == []
    assert found(words="100%_") == []


@pytest.mark.parametrize(
    "query", [{"words": "\0"}, {"words": "x" * 5000}, {"state": "burnt"}, {"page": "-1"}, {"page": "x"}]
)
def test_a_strange_search_is_answered_all_the_same(desk: Client, query: dict[str, str]) -> None:
    assert desk.get(f"{STAFF}all/", query).status_code == 200
    assert desk.get(STAFF, query).status_code == 200


@pytest.mark.either_engine
def test_the_decision_can_be_made_with_the_keyboard_alone(desk: Client, davide: User) -> None:
    """Everything of the form is a native control with a label, in the order message, reasons, buttons."""
    form = page(desk.get(address_of(registrations.submitted(davide)))).select_one("#decision")
    assert form is not None
    controls = list(form.select("textarea, summary, input:not([type=hidden]), button:not([formmethod])"))
    assert [control.name for control in controls[:2]] == ["textarea", "summary"]
    assert [button["value"] for button in controls[-3:]] == ["approve", "request_changes", "reject"]
    for control in form.select("textarea, input:not([type=hidden])"):
        assert form.select_one(f"label[for='{control['id']}']"), control["id"]
    assert not form.select("[tabindex]")


def test_the_application_page_shows_its_history(desk: Client, davide: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    shown = page(desk.get(f"{STAFF}{application.pk}/"))
    assert "Revision 1 approved and in force" in shown.one(".timeline").get_text()
    assert str(Application.objects.get(pk=application.pk).client_id) in shown.get_text()
