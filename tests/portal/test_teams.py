"""The pages of teams as each person meets them: owner, maintainer, viewer, somebody invited, the other team, the operator."""

import re

import pytest
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people, registrations
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from tests.support.registration_pages import BASE, DETAILS, REGISTRATION
from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import services
from varco.registry.models import Application, Team, TeamMember, Transfer
from varco.usage.models import DayCount

TEAMS = "/developer/teams/"
ROLE = {"viewer": "Viewer", "maintainer": "Maintainer", "owner": "Owner"}


@pytest.fixture
def dora(db: None) -> User:
    return people.person("Dora", "Rivale", developer_since=1)


@pytest.fixture
def team(application: Application) -> Team:
    found = application.team
    assert found
    return found


def text(answer: ClientResponse) -> str:
    page = parse(answer.content)
    return " ".join(page.select("main")[0].get_text(" ").split())


def links(browser: Client, address: str) -> set[str]:
    page = parse(browser.get(address).content)
    return {str(link["href"]) for link in page.select("main a[href]")} | {
        str(form["action"]) for form in page.select("main form[action]")
    }


def address_in_mail(user: User) -> str:
    found = re.search(r"(/developer/teams/join/\?token=\S+)", Message.objects.filter(to=user.email).latest("pk").text)
    assert found
    return found[1]


def test_an_owner_invites_a_developer_who_joins_and_works(
    as_user: AsUser, davide: User, dora: User, application: Application, team: Team
) -> None:
    owner, other = as_user(davide), as_user(dora)
    assert other.get(f"{BASE}{application.pk}/").status_code == 404
    assert f"{TEAMS}{team.public_id}/invite/" in links(owner, f"{TEAMS}{team.public_id}/")
    answer = owner.post(f"{TEAMS}{team.public_id}/invite/", {"email": dora.email, "role": "maintainer"}, follow=True)
    assert f"on its way to {dora.email}" in parse(answer.content).get_text()
    assert dora.email in text(answer)
    address = address_in_mail(dora)
    assert "Davide Developer invites dora" in text(other.get(address))
    assert not TeamMember.objects.filter(user=dora).exists(), "whoever only opens the page has used nothing up"
    joined = other.post(address, follow=True)
    assert joined.redirect_chain == [(f"{TEAMS}{team.public_id}/", 303)]
    assert "You are in the team" in parse(joined.content).get_text()
    assert other.get(f"{BASE}{application.pk}/details/").status_code == 200
    assert other.get(f"{BASE}{application.pk}/retire/").status_code == 404
    over = other.post(address)
    assert (over.status_code, "no longer works" in text(over)) == (410, True)


@pytest.mark.either_engine
def test_an_invitation_says_what_is_missing(
    browser: Client, as_user: AsUser, davide: User, dora: User, team: Team
) -> None:
    services.invite_to_team(team, dora.email, "viewer", Origin(davide))
    address = address_in_mail(dora)
    assert "There is an account with this address" in text(browser.get(address))
    assert "another address" in text(as_user(davide).get(address))
    services.invite_to_team(team, "new@x.example", "viewer", Origin(davide))
    new = re.search(r"(/developer/teams/join/\S+)", Message.objects.get(to="new@x.example").text)
    assert new
    assert "You need an account with this address" in text(browser.get(new[1]))
    User.objects.filter(pk=dora.pk).update(developer_since=None)
    waiting = as_user(dora)
    for answer in (waiting.get(address), waiting.post(address)):
        assert "no Developer role yet" in text(answer)
    assert not TeamMember.objects.filter(user=dora).exists()
    assert browser.get(f"{TEAMS}join/?token=vin.nothing").status_code == 410


@pytest.mark.either_engine
@pytest.mark.parametrize("role", list(ROLE))
def test_each_role_is_offered_what_it_may_do(
    as_user: AsUser, dora: User, application: Application, team: Team, role: str
) -> None:
    TeamMember.objects.create(team=team, user=dora, role=role)
    browser, here = as_user(dora), f"{BASE}{application.pk}/"
    offered = links(browser, here)
    assert (f"{here}details/" in offered) is (role != "viewer")
    assert (f"{here}secrets/new/" in offered) is (role != "viewer")
    assert (f"{here}registration/" in offered) is (role != "viewer")
    for name in ("transfer", "retire"):
        assert (f"{here}{name}/" in offered) is (role == "owner")
        assert browser.get(f"{here}{name}/").status_code == (200 if role == "owner" else 404)
    for name in ("details", "registration", "secrets/new", "centres/new"):
        assert browser.get(f"{here}{name}/").status_code == (404 if role == "viewer" else 200)
    for name in ("invite", "rename"):
        assert browser.get(f"{TEAMS}{team.public_id}/{name}/").status_code == (200 if role == "owner" else 404)
    assert ROLE[role] in text(browser.get(f"{TEAMS}{team.public_id}/"))
    assert team.name in text(browser.get(TEAMS))


def test_an_owner_changes_a_role_and_removes_a_member_and_the_last_owner_is_told_why_not(
    as_user: AsUser, davide: User, dora: User, team: Team
) -> None:
    owner, here = as_user(davide), f"{TEAMS}{team.public_id}/"
    member = TeamMember.objects.create(team=team, user=dora, role="viewer")
    owner.post(f"{here}members/{member.pk}/", {"role": "maintainer"})
    assert TeamMember.objects.get(pk=member.pk).role == "maintainer"
    assert owner.post(f"{here}members/{member.pk}/", {"role": "boss"}).status_code == 422
    own = team.members.get(user=davide)
    refused = owner.post(f"{here}members/{own.pk}/remove/")
    assert (refused.status_code, "Nobody else who can act owns this team" in text(refused)) == (409, True)
    assert as_user(dora).get(f"{here}members/{own.pk}/remove/").status_code == 404
    assert "Remove Dora Rivale" in text(owner.get(f"{here}members/{member.pk}/remove/"))
    owner.post(f"{here}members/{member.pk}/remove/")
    assert as_user(dora).get(here).status_code == 404
    assert owner.get(f"{here}members/{member.pk}/").status_code == 404


def test_a_member_leaves(as_user: AsUser, dora: User, team: Team) -> None:
    member = TeamMember.objects.create(team=team, user=dora, role="owner")
    browser = as_user(dora)
    answer = browser.post(f"{TEAMS}{team.public_id}/members/{member.pk}/remove/", follow=True)
    assert "You are not in the team" in parse(answer.content).get_text()
    assert "No team yet" in text(answer)


def test_an_invitation_is_taken_back_once(as_user: AsUser, davide: User, dora: User, team: Team) -> None:
    made = services.invite_to_team(team, dora.email, "viewer", Origin(davide))
    owner, address = as_user(davide), f"{TEAMS}{team.public_id}/invitations/{made.pk}/withdraw/"
    assert as_user(dora).post(address).status_code == 404
    assert "taken back" in parse(owner.post(address, follow=True).content).get_text()
    assert "used or taken back" in parse(owner.post(address, follow=True).content).get_text()


def test_an_application_is_handed_over_by_two_pages(
    as_user: AsUser, davide: User, dora: User, application: Application
) -> None:
    theirs = services.create_team("Rivale", Origin(dora))
    owner, other, here = as_user(davide), as_user(dora), f"{BASE}{application.pk}/"
    wrong = owner.post(f"{here}transfer/", {"team": "team-nobody"})
    assert (wrong.status_code, "no team with this id" in text(wrong)) == (422, True)
    owner.post(f"{here}transfer/", {"team": theirs.public_id})
    assert "Rivale has been asked" in text(owner.get(here))
    owner.post(f"{here}transfer/withdraw/")
    assert not Transfer.objects.exclude(expires_at=0).exists()
    Transfer.objects.update(created_at=1)
    assert "answered or taken back" in parse(owner.post(f"{here}transfer/withdraw/", follow=True).content).get_text()
    owner.post(f"{here}transfer/", {"team": theirs.public_id})
    answer = f"{TEAMS}{theirs.public_id}/offers/{Transfer.objects.get().pk}/"
    assert answer in links(other, f"{TEAMS}{theirs.public_id}/")
    assert "Davide Developer" in text(other.get(answer))
    assert other.post(answer, {"decision": "?"}).status_code == 200
    assert Transfer.objects.exists()
    assert as_user(people.person("Vito", "Altro", developer_since=1)).get(answer).status_code == 404
    taken = other.post(answer, {"decision": "accept"}, follow=True)
    assert "your team’s now" in parse(taken.content).get_text()
    assert "Handed over to the team “Rivale”" in text(taken)
    assert owner.get(here).status_code == 404
    assert other.post(answer, {"decision": "accept"}).status_code == 404


def test_an_offer_is_declined(as_user: AsUser, davide: User, dora: User, application: Application) -> None:
    theirs = services.create_team("Rivale", Origin(dora))
    made = services.offer_transfer(application, theirs.public_id, Origin(davide))
    as_user(dora).post(f"{TEAMS}{theirs.public_id}/offers/{made.pk}/", {"decision": "decline"})
    assert "The team “Rivale” declined it" in text(as_user(davide).get(f"{BASE}{application.pk}/"))


def test_whoever_has_several_teams_chooses_one_for_a_new_application(as_user: AsUser, davide: User, team: Team) -> None:
    browser = as_user(davide)
    assert not parse(browser.get(f"{BASE}new/one-page/").content).select("select[name=team]")
    second = services.create_team("Second", Origin(davide))
    page = parse(browser.get(f"{BASE}new/one-page/").content)
    assert {str(option["value"]) for option in page.select("select[name=team] option")} == {
        team.public_id,
        second.public_id,
    }
    asked = DETAILS | REGISTRATION | {"team": second.public_id, "name": "Of the second"}
    browser.post(f"{BASE}new/one-page/", asked)
    assert Application.objects.get(name="Of the second").team == second
    assert browser.post(f"{BASE}new/one-page/", asked | {"team": "team-nobody"}).status_code == 422


def test_a_team_is_made_and_renamed(as_user: AsUser, davide: User) -> None:
    browser = as_user(davide)
    assert browser.post(f"{TEAMS}new/", {"name": "x"}).status_code == 422
    made = browser.post(f"{TEAMS}new/", {"name": "Facile Srl"}, follow=True)
    assert "Facile Srl" in text(made)
    here = made.redirect_chain[-1][0]
    assert "Semplice" in text(browser.post(f"{here}rename/", {"name": "Semplice"}, follow=True))


def test_an_operator_finds_a_deserted_team_and_gives_it_an_owner(
    as_user: AsUser, davide: User, dora: User, application: Application, team: Team
) -> None:
    desk, here = as_user(User.objects.get(platform_role="operator")), "/staff/applications/teams/"
    assert f"{here}{team.public_id}/" in links(desk, f"/staff/applications/{application.pk}/")
    assert "Make them the owner" not in text(desk.get(f"{here}{team.public_id}/"))
    assert "No team found" in text(desk.get(here, {"show": "deserted"}))
    User.objects.filter(pk=davide.pk).update(is_active=False)
    assert team.name in text(desk.get(here, {"show": "deserted"}))
    assert team.name in text(desk.get(here, {"words": davide.email}))
    asked = {"email": dora.email, "text": "They took the product over."}
    assert desk.post(f"{here}{team.public_id}/", {"email": "x", "text": ""}).status_code == 422
    assert "owns the team now" in parse(desk.post(f"{here}{team.public_id}/", asked, follow=True).content).get_text()
    assert desk.post(f"{here}{team.public_id}/", asked).status_code == 409
    assert as_user(dora).get(f"{BASE}{application.pk}/").status_code == 200


def test_what_an_operator_owns_in_a_team_another_one_decides(as_user: AsUser, davide: User, team: Team) -> None:
    revision = registrations.submitted(davide)
    olga = User.objects.get(platform_role="operator")
    TeamMember.objects.create(team=team, user=olga, role="viewer")
    page = text(as_user(olga).get(f"/staff/applications/review/{revision.pk}/"))
    assert "of your own team" in page


def test_the_start_page_tells_of_offers_usage_and_deserted_teams(
    as_user: AsUser, davide: User, dora: User, application: Application
) -> None:
    theirs = services.create_team("Rivale", Origin(dora))
    made = services.offer_transfer(application, theirs.public_id, Origin(davide))
    today = clock.now() // 86400
    for kind, number in (("call", 7), ("error", 2), ("token", 4)):
        DayCount.objects.create(
            application_id=application.pk, day=today, kind=kind, operation="x", status=200, number=number
        )
    DayCount.objects.create(application_id=0, day=today, kind="call", operation="x", status=200, number=99)
    assert f"{TEAMS}{theirs.public_id}/offers/{made.pk}/" in links(as_user(dora), "/")
    assert "7 calls and 2 errors in 7 days" in text(as_user(davide).get("/"))
    User.objects.filter(pk=davide.pk).update(developer_since=None)
    desk = as_user(User.objects.get(platform_role="operator"))
    assert "Nobody can act for one team" in text(desk.get("/"))
