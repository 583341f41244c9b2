"""Applications that change hands, end, and are limited to medical centres, by a program (S15, S19, S45)."""

from typing import NamedTuple

import pytest

from tests.support import people
from tests.support.managing import APPLICATIONS, caller, error, manage, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.caller import ManagementCaller
from varco.mail.models import Message
from varco.registry.models import Application, Team, Transfer

TEAMS = "/manage/v1/teams"


class Two(NamedTuple):
    """Davide with an application in force, Delia with a team, and a program of a vendor's through which both ask."""

    davide: User
    delia: User
    application: Application
    console: Application
    by_davide: ManagementCaller
    by_delia: ManagementCaller
    deliahs: Team

    @property
    def address(self) -> str:
        return f"{APPLICATIONS}/{self.application.pk}"

    @property
    def offers(self) -> str:
        return f"{TEAMS}/{self.deliahs.public_id}/offers"


@pytest.fixture
def two(db: None) -> Two:
    davide, delia = people.davide(), people.person("Delia", "Developer", developer_since=1)
    console = people.application(people.person("Vera", "Vendor", developer_since=1), name="Console").application
    sandbox = people.tenant("Sandbox", "sandbox")
    asking = [caller(one, application=console, grant=signed_in(one, console, sandbox)) for one in (davide, delia)]
    application = people.application(davide).application
    return Two(davide, delia, application, console, asking[0], asking[1], people.team_of(delia, "Deliahs"))


def offered(two: Two) -> str:
    """The address of an offer to Delia's team, made by Davide."""
    answer = manage(two.by_davide, "PUT", f"{two.address}/transfer", {"teamId": two.deliahs.public_id})
    assert answer.status_code == 200
    return f"{two.offers}/{Transfer.objects.get().pk}"


def test_an_application_is_offered_read_and_taken_over(two: Two) -> None:
    place = offered(two)
    state = manage(two.by_davide, "GET", f"{two.address}/transfer").json()["offer"]
    assert (state["teamId"], state["offeredBy"]) == (two.deliahs.public_id, two.davide.name)
    assert Message.objects.get().to == two.delia.email
    assert error(manage(two.by_delia, "GET", two.address)) == (404, "not_found")
    [listed] = manage(two.by_delia, "GET", two.offers).json()["items"]
    read = manage(two.by_delia, "GET", place).json()
    assert listed.items() <= read.items()
    assert (read["clientId"], read["liveRevision"]["number"]) == (two.application.client_id, 1)
    taken = manage(two.by_delia, "POST", f"{place}/accept")
    assert (taken.status_code, taken.json()["teamId"]) == (200, two.deliahs.public_id)
    assert error(manage(two.by_davide, "GET", two.address)) == (404, "not_found")
    assert error(manage(two.by_delia, "POST", f"{place}/accept")) == (404, "not_found")
    told = Event.objects.filter(tag__startswith="application.transfer").order_by("pk")
    assert {(event.actor, event.detail["through"]) for event in told} == {
        (two.davide.public_id, two.console.client_id), (two.delia.public_id, two.console.client_id),
    }  # fmt: skip


def test_an_offer_is_declined_or_taken_back_and_is_over_then(two: Two) -> None:
    place = offered(two)
    declined = manage(two.by_delia, "POST", f"{place}/decline")
    assert (declined.status_code, declined.json()["name"]) == (200, two.application.name)
    assert manage(two.by_davide, "GET", f"{two.address}/transfer").json() == {"offer": None}
    again = manage(two.by_davide, "PUT", f"{two.address}/transfer", {"teamId": two.deliahs.public_id})
    assert (*error(again), again.json()["reason"]) == (409, "not_possible", "transfer_just_now")
    Transfer.objects.update(created_at=1)
    place = offered(two)
    assert manage(two.by_davide, "DELETE", f"{two.address}/transfer").json() == {"offer": None}
    gone = manage(two.by_davide, "DELETE", f"{two.address}/transfer")
    assert (*error(gone), gone.json()["reason"]) == (409, "not_possible", "transfer_over")
    assert error(manage(two.by_delia, "GET", place)) == (404, "not_found")
    for team, code in (
        (people.team_of(two.davide).public_id, "team_own"),
        ("team-nobody", "team_unknown"),
        ("\0", "team_unknown"),
    ):
        answer = manage(two.by_davide, "PUT", f"{two.address}/transfer", {"teamId": team})
        assert [(fault["field"], fault["code"]) for fault in answer.json()["fields"]] == [("teamId", code)]


def test_an_offer_is_answered_by_nobody_else_and_not_through_another_team(two: Two) -> None:
    place = offered(two)
    davides = f"{TEAMS}/{people.team_of(two.davide).public_id}/offers/{Transfer.objects.get().pk}"
    assert error(manage(two.by_davide, "GET", place)) == (404, "not_found")
    for by, where in ((two.by_davide, place), (two.by_davide, davides), (two.by_delia, davides)):
        for act in ("accept", "decline"):
            assert error(manage(by, "POST", f"{where}/{act}")) == (404, "not_found")
    stale = caller(two.delia, application=two.console)
    for act in ("accept", "decline"):
        assert error(manage(stale, "POST", f"{place}/{act}")) == (401, "insufficient_user_authentication")
    assert Transfer.objects.get().expires_at > 0


def test_a_program_moves_itself_to_no_other_team(two: Two) -> None:
    Transfer.objects.create(
        application=two.console, team=two.deliahs, offered_by=two.davide, expires_at=2_000_000_000, created_at=1
    )
    place = f"{two.offers}/{Transfer.objects.get().pk}"
    for act in ("accept", "decline"):
        answer = manage(two.by_delia, "POST", f"{place}/{act}")
        assert (*error(answer), answer.json()["layer"]) == (403, "forbidden", "application")
    assert Transfer.objects.get().expires_at > 0


def test_a_team_is_made_and_renamed_and_nobody_makes_more_than_they_may(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = manage(two.by_davide, "POST", TEAMS, {"name": " Second team "})
    assert (made.status_code, made.json()["name"], made.json()["role"]) == (201, "Second team", "owner")
    place = f"{TEAMS}/{made.json()['id']}"
    assert made.headers["Location"].endswith(place)
    assert manage(two.by_davide, "PATCH", place, {"name": "Two"}).json()["name"] == "Two"
    for name, code in (("x", "team_name"), ("a" * 81, "too_long"), ("a\u202eb", "invisible_characters")):
        wrong = manage(two.by_davide, "PATCH", place, {"name": name})
        assert [(fault["field"], fault["code"]) for fault in wrong.json()["fields"]] == [("name", code)]
    from varco.registry.services import teams

    monkeypatch.setattr(teams, "MAX_TEAMS", 2)
    answer = manage(two.by_davide, "POST", TEAMS, {"name": "Third"})
    assert (*error(answer), answer.json()["reason"]) == (409, "not_possible", "teams_too_many")


def test_an_owner_retires_an_application_as_they_read_it(two: Two) -> None:
    tag = manage(two.by_davide, "GET", two.address).headers["ETag"]
    changed = manage(two.by_davide, "PATCH", f"{two.address}/draft", {}, If_Match=tag)
    assert error(manage(two.by_davide, "POST", f"{two.address}/retire", If_Match=tag)) == (412, "precondition_failed")
    tag = changed.headers["ETag"]
    ended = manage(two.by_davide, "POST", f"{two.address}/retire", If_Match=tag)
    assert (ended.json()["state"], ended.json()["latestRevision"]["state"]) == ("retired", "withdrawn")
    assert ended.json()["possible"] == []
    again = manage(two.by_davide, "POST", f"{two.address}/retire", If_Match=ended.headers["ETag"])
    assert (*error(again), again.json()["reason"]) == (409, "not_possible", "application_state")


def test_an_application_is_limited_to_centres_and_opened_again(two: Two) -> None:
    lumen, place = people.tenant("Lumen"), f"{two.address}/centres"
    read = manage(two.by_davide, "GET", place)
    assert read.json() == {"items": []}
    tag = read.headers["ETag"]
    assert error(manage(two.by_davide, "POST", place, {"tenantId": lumen.public_id})) == (428, "precondition_required")
    added = manage(two.by_davide, "POST", place, {"tenantId": lumen.public_id}, If_Match=tag)
    assert [item["tenantId"] for item in added.json()["items"]] == [lumen.public_id]
    stale = manage(two.by_davide, "POST", place, {"tenantId": lumen.public_id}, If_Match=tag)
    assert error(stale) == (412, "precondition_failed")
    tag = added.headers["ETag"]
    for centre, code in (
        (lumen.public_id, "tenant_repeated"),
        ("tenant-nobody", "tenant_unknown"),
        ("\0", "tenant_unknown"),
    ):
        wrong = manage(two.by_davide, "POST", place, {"tenantId": centre}, If_Match=tag)
        assert [(fault["field"], fault["code"]) for fault in wrong.json()["fields"]] == [("tenantId", code)]
    assert error(manage(two.by_davide, "DELETE", f"{place}/tenant-nobody", If_Match=tag)) == (404, "not_found")
    left = manage(two.by_davide, "DELETE", f"{place}/{lumen.public_id}", If_Match=tag)
    assert (left.status_code, left.json(), left.headers["ETag"]) == (200, {"items": []}, read.headers["ETag"])


def test_the_reviewer_is_answered_while_there_is_a_review(two: Two) -> None:
    olga, place = people.olga(), f"{two.address}/messages"
    answer = manage(two.by_davide, "POST", place, {"text": "Hello?"})
    assert (*error(answer), answer.json()["reason"]) == (409, "not_possible", "revision_state")
    asked = two.application.revisions.create(number=2, type="web", state="submitted", submitted_at=1)
    two.application.review_messages.create(revision=asked, sort="message", side="operator", text="Why?", author=olga)
    two.application.review_messages.create(revision=asked, sort="note", side="operator", text="Odd.", author=olga)
    assert "message" in manage(two.by_davide, "GET", two.address).json()["possible"]
    made = manage(two.by_davide, "POST", place, {"text": "It is for the tablets."})
    assert (made.status_code, made.json()["side"], made.json()["revision"]) == (201, "developer", 2)
    assert Message.objects.get().to == olga.email
    read = manage(two.by_davide, "GET", place).json()["items"]
    assert [item["text"] for item in read] == ["Why?", "It is for the tablets."]
    assert manage(two.by_davide, "GET", made.headers["Location"]).json() == read[1]
    note = two.application.review_messages.get(sort="note").pk
    assert error(manage(two.by_davide, "GET", f"{place}/{note}")) == (404, "not_found")
    for text in ("", " ", "a" * 4001):
        assert error(manage(two.by_davide, "POST", place, {"text": text})) == (422, "invalid_fields")
