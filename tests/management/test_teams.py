"""Teams by a program: who belongs to them, and whose an application is (S15, S45)."""

from typing import NamedTuple

import pytest

from tests.support import people
from tests.support.managing import APPLICATIONS, NEW, caller, error, manage, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.caller import ManagementCaller
from varco.mail.models import Message
from varco.registry.models import Application, Team

TEAMS = "/manage/v1/teams"


class Davides(NamedTuple):
    """Davide, his team, and the program through which he asks, just signed in."""

    davide: User
    team: Team
    by: ManagementCaller
    address: str


@pytest.fixture
def own(db: None) -> Davides:
    davide = people.davide()
    vendor = people.person("Vera", "Vendor", developer_since=1)
    console = people.application(vendor, name="Console").application
    grant = signed_in(davide, console, people.tenant("Sandbox", "sandbox"))
    team = people.team_of(davide)
    return Davides(davide, team, caller(davide, application=console, grant=grant), f"{TEAMS}/{team.public_id}")


def test_an_owner_invites_gives_roles_and_removes(own: Davides) -> None:
    delia = people.person("Delia", "Developer", developer_since=1)
    invited = manage(
        own.by, "POST", f"{own.address}/invitations", {"email": "Delia@Developer.example", "role": "viewer"}
    )
    assert (invited.status_code, invited.json()["email"], invited.json()["expired"]) == (201, delia.email, False)
    assert Message.objects.get().to == delia.email
    again = manage(own.by, "POST", f"{own.address}/invitations", {"email": delia.email, "role": "owner"})
    assert (*error(again), again.json()["reason"]) == (409, "not_possible", "team_invited_just_now")
    read = manage(own.by, "GET", own.address).json()
    assert [(item["name"], item["role"], item["canAct"]) for item in read["members"]] == [
        (own.davide.name, "owner", True)
    ]
    assert [item["email"] for item in read["invitations"]] == [delia.email]
    left = manage(own.by, "DELETE", invited.headers["Location"])
    assert (left.status_code, left.json()["invitations"]) == (200, [])
    assert error(manage(own.by, "DELETE", invited.headers["Location"])) == (409, "not_possible")

    member = own.team.members.create(user=delia, role="viewer")
    place = f"{own.address}/members/{member.pk}"
    changed = manage(own.by, "PATCH", place, {"role": "maintainer"})
    assert [item["role"] for item in changed.json()["members"]] == ["owner", "maintainer"]
    wrong = manage(own.by, "PATCH", place, {"role": "king"})
    assert [(fault["field"], fault["code"]) for fault in wrong.json()["fields"]] == [("role", "team_role")]
    assert manage(own.by, "DELETE", place).json()["items"][0]["people"] == 1
    assert error(manage(own.by, "DELETE", place)) == (404, "not_found")
    told = Event.objects.filter(tag__startswith="team.").order_by("pk")
    assert {(event.actor, event.detail["through"]) for event in told} == {(own.davide.public_id, own.by.client_id)}


def test_an_application_lets_nobody_into_its_own_team_and_nobody_out(own: Davides) -> None:
    delia = people.person("Delia", "Developer", developer_since=1)
    member = own.team.members.create(user=delia, role="viewer")
    itself = people.application(own.davide, name="Taken over").application
    grant = signed_in(own.davide, itself, people.tenant("Elsewhere", "sandbox"))
    by, place = caller(own.davide, application=itself, grant=grant), f"{own.address}/members/{member.pk}"
    invited = own.team.invitations.create(email="a@b.example", role="viewer", digest="d", expires_at=2_000_000_000)
    for answer in (
        manage(by, "POST", f"{own.address}/invitations", {"email": "mallory@x.example", "role": "owner"}),
        manage(by, "DELETE", f"{own.address}/invitations/{invited.pk}"),
        manage(by, "PATCH", place, {"role": "owner"}),
        manage(by, "DELETE", place),
    ):
        assert (*error(answer), answer.json()["layer"]) == (403, "forbidden", "application")
    assert manage(by, "GET", own.address).status_code == 200
    member.refresh_from_db()
    assert (member.role, own.team.invitations.count()) == ("viewer", 1)


def test_the_last_owner_stays(own: Davides) -> None:
    people.application(own.davide)
    place = f"{own.address}/members/{own.team.members.get().pk}"
    for answer in (manage(own.by, "PATCH", place, {"role": "viewer"}), manage(own.by, "DELETE", place)):
        assert (*error(answer), answer.json()["reason"]) == (409, "not_possible", "team_last_owner")


def test_acts_on_members_need_a_fresh_sign_in(own: Davides) -> None:
    stale = caller(own.davide)
    place = f"{own.address}/members/{own.team.members.get().pk}"
    invitation = {"email": "a@b.example", "role": "viewer"}
    for answer in (
        manage(stale, "POST", f"{own.address}/invitations", invitation),
        manage(stale, "PATCH", place, {"role": "owner"}),
        manage(stale, "DELETE", place),
    ):
        assert error(answer) == (401, "insufficient_user_authentication")
    assert not own.team.invitations.exists()


def test_members_of_one_team_are_not_reached_through_another(own: Davides) -> None:
    lone = people.person("Delia", "Developer", developer_since=1)
    other = people.team_of(lone, "Other")
    for team in (other.public_id, "team-nobody", "1"):
        assert error(manage(own.by, "GET", f"{TEAMS}/{team}")) == (404, "not_found")
    place = f"{own.address}/members/{other.members.get().pk}"
    for answer in (manage(own.by, "PATCH", place, {"role": "viewer"}), manage(own.by, "DELETE", place)):
        assert error(answer) == (404, "not_found")
    assert other.members.get().role == "owner"


def test_an_application_is_registered_for_the_team_that_is_named(own: Davides) -> None:
    second = Team.objects.create(name="Second")
    second.members.create(user=own.davide, role="maintainer")
    made = manage(own.by, "POST", APPLICATIONS, NEW | {"teamId": second.public_id})
    assert (made.status_code, made.json()["teamId"]) == (201, second.public_id)
    assert manage(own.by, "POST", APPLICATIONS, NEW).json()["teamId"] == own.team.public_id
    second.members.update(role="viewer")
    strangers = people.team_of(people.person("Delia", "Developer", developer_since=1))
    for team in (second.public_id, strangers.public_id, "team-nobody", "\0", "è"):
        answer = manage(own.by, "POST", APPLICATIONS, NEW | {"teamId": team})
        fields = [(fault["code"], fault["field"]) for fault in answer.json()["fields"]]
        assert (answer.status_code, fields) == (422, [("team_not_yours", "teamId")])


def test_a_call_sent_again_shows_nothing_of_what_is_another_teams_by_now(own: Davides) -> None:
    made = manage(own.by, "POST", APPLICATIONS, NEW, Idempotency_Key="k")
    other = people.team_of(people.person("Delia", "Developer", developer_since=1))
    Application.objects.filter(pk=made.json()["id"]).update(team=other)
    assert error(manage(own.by, "POST", APPLICATIONS, NEW, Idempotency_Key="k")) == (404, "not_found")
