"""Teams own applications: who may do what, how people come and go, and that nobody is left without an owner (S15, S45)."""

import re
from collections.abc import Callable

import pytest
from django.db import transaction

from tests.conftest import FrozenClock
from tests.registry.conftest import code_of
from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import closing
from varco.people.errors import Refused
from varco.registry import access, services, teams
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import Role, TeamRole
from varco.registry.models import Application, Team, TeamInvitation, TeamMember

REASON = "Its owner has left the company."


def join(team: Team, user: User, role: str) -> TeamMember:
    return TeamMember.objects.create(team=team, user=user, role=role)


def link(user: User) -> str:
    """The secret of the link in the last mail to somebody."""
    found = re.search(r"token=(vin\.[\w-]+)", Message.objects.filter(to=user.email).latest("pk").text)
    assert found
    return found[1]


def test_a_first_application_makes_a_team_of_ones_own_and_the_next_are_its(davide: User) -> None:
    first, second = registrations.draft(davide), registrations.draft(davide)
    team = first.team
    assert team
    assert team.name == davide.name
    assert second.team_id == team.pk
    assert access.team_role_of(davide, first) == TeamRole.OWNER
    assert Event.objects.get(tag="team.created").detail["team"] == team.public_id


def test_who_is_invited_joins_by_the_link_once(davide: User, dora: User) -> None:
    team = services.create_team("Facile", Origin(davide))
    services.invite_to_team(team, f" {dora.email.upper()} ", "maintainer", Origin(davide))
    secret = link(dora)
    assert not TeamInvitation.objects.filter(digest__contains=secret).exists()
    services.join_team(secret, Origin(dora))
    assert access.team_role_in(dora, team.pk) == TeamRole.MAINTAINER
    assert "Dora" in Message.objects.filter(to=davide.email).latest("pk").subject
    joined = Event.objects.get(tag="team.joined")
    assert (joined.actor, joined.on_behalf_of) == (dora.public_id, davide.public_id)
    with pytest.raises(Conflict) as raised:
        services.join_team(secret, Origin(dora))
    assert code_of(raised) == ConflictFault.TEAM_INVITATION_OVER


def test_a_link_opens_for_its_address_and_for_developers_alone_and_a_refusal_uses_nothing_up(
    davide: User, dora: User, olga: User
) -> None:
    team = services.create_team("Facile", Origin(davide))
    services.invite_to_team(team, dora.email, "viewer", Origin(davide))
    secret = link(dora)
    with pytest.raises(Conflict) as raised:
        services.join_team(secret, Origin(olga))
    assert code_of(raised) == ConflictFault.TEAM_OTHER_ADDRESS
    User.objects.filter(pk=dora.pk).update(developer_since=None)
    with pytest.raises(Conflict) as raised:
        services.join_team(secret, Origin(dora))
    assert code_of(raised) == ConflictFault.TEAM_DEVELOPERS_ONLY
    User.objects.filter(pk=dora.pk).update(developer_since=1)
    services.join_team(secret, Origin(dora))


def test_a_link_lasts_fourteen_days_and_the_sweep_takes_it_away(davide: User, dora: User, frozen: FrozenClock) -> None:
    team = services.create_team("Facile", Origin(davide))
    services.invite_to_team(team, dora.email, "viewer", Origin(davide))
    secret = link(dora)
    frozen.advance(14 * 86400 - 1)
    assert services.teams.opened(secret)
    frozen.advance(2)
    with pytest.raises(Conflict) as raised:
        services.join_team(secret, Origin(dora))
    assert code_of(raised) == ConflictFault.TEAM_INVITATION_OVER
    assert services.sweep()["team invitations"] == 1


def test_another_link_waits_ten_minutes_and_replaces_the_one_before(
    davide: User, dora: User, frozen: FrozenClock
) -> None:
    team = services.create_team("Facile", Origin(davide))
    services.invite_to_team(team, dora.email, "viewer", Origin(davide))
    first = link(dora)
    with pytest.raises(Conflict) as raised:
        services.invite_to_team(team, dora.email, "owner", Origin(davide))
    assert code_of(raised) == ConflictFault.TEAM_INVITED_JUST_NOW
    frozen.advance(601)
    services.invite_to_team(team, dora.email, "owner", Origin(davide))
    assert services.teams.opened(first) is None
    services.withdraw_team_invitation(team, team.invitations.get().pk, Origin(davide))
    assert services.teams.opened(link(dora)) is None
    with pytest.raises(Conflict) as raised:
        services.invite_to_team(team, dora.email, "owner", Origin(davide))
    assert code_of(raised) == ConflictFault.TEAM_INVITED_JUST_NOW, "taking a link back opens no way to another mail"


def test_a_link_of_somebody_who_owns_the_team_no_more_opens_nothing(davide: User, dora: User) -> None:
    team = services.create_team("Facile", Origin(davide))
    member = join(team, dora, "owner")
    services.invite_to_team(team, "second@x.example", "owner", Origin(dora))
    secret = re.search(r"token=(vin\.[\w-]+)", Message.objects.get(to="second@x.example").text)
    assert secret
    assert services.teams.opened(secret[1])
    services.change_team_role(team, member.pk, "maintainer", Origin(davide))
    assert services.teams.opened(secret[1]) is None
    services.change_team_role(team, member.pk, "owner", Origin(davide))
    assert services.teams.opened(secret[1])
    User.objects.filter(pk=dora.pk).update(is_active=False)
    assert services.teams.opened(secret[1]) is None


ACTS: dict[str, Callable[[Application, User], object]] = {
    "details": lambda application, who: services.edit_details(application, registrations.DETAILS, Origin(who)),
    "secret": lambda application, who: services.create_secret(application, Origin(who), label="more"),
    "draft": lambda application, who: services.save_draft(
        application, registrations.registration(redirect_uris=("https://other.example/cb",)), Origin(who)
    ),
    "retire": lambda application, who: services.retire(application, Origin(who)),
    "offer": lambda application, who: services.offer_transfer(application, "team-nobody", Origin(who)),
}
OWNERS_ALONE = {"retire", "offer"}


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("role", [*TeamMember.Role.values, ""])
def test_a_viewer_acts_on_nothing_and_a_maintainer_on_what_is_not_for_owners(
    davide: User, dora: User, olga: User, role: str, act: str
) -> None:
    application = registrations.approved(davide, olga)
    if role:
        join(people.team_of(davide), dora, role)
    assert access.visible_to(dora).exists() is bool(role)
    allowed = role == "owner" or (role == "maintainer" and act not in OWNERS_ALONE)
    if allowed and act == "offer":
        with pytest.raises(Invalid):
            ACTS[act](application, dora)
    elif allowed:
        ACTS[act](application, dora)
    else:
        with pytest.raises(Denied):
            ACTS[act](application, dora)


def test_an_operator_in_the_team_decides_about_nothing_of_it(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    application = revision.application
    join(people.team_of(davide), olga, "viewer")
    assert access.role_of(olga, application) is None
    assert olga not in access.whom_to_tell(application, Role.OPERATOR)
    with pytest.raises(Denied):
        services.approve(revision, Origin(olga))
    assert access.own_among(olga, [application]) == {application.pk}


def test_mails_go_to_all_who_may_act_and_to_no_viewer(davide: User, dora: User, olga: User) -> None:
    vito = people.person("Vito", "Lettore", developer_since=1)
    revision = registrations.submitted(davide)
    join(people.team_of(davide), dora, "maintainer")
    join(people.team_of(davide), vito, "viewer")
    Message.objects.all().delete()
    services.reject(revision, Origin(olga), codes=("scope_reason",), text="Why?")
    assert {message.to for message in Message.objects.all()} == {davide.email, dora.email}


def test_the_last_owner_who_can_act_stays(davide: User, dora: User) -> None:
    registrations.draft(davide)
    team = people.team_of(davide)
    own = team.members.get()
    other = join(team, dora, "owner")
    User.objects.filter(pk=dora.pk).update(is_active=False)
    for act in (
        lambda: services.remove_team_member(team, own.pk, Origin(davide)),
        lambda: services.change_team_role(team, own.pk, "viewer", Origin(davide)),
    ):
        with pytest.raises(Conflict) as raised:
            act()
        assert code_of(raised) == ConflictFault.TEAM_LAST_OWNER
    User.objects.filter(pk=dora.pk).update(is_active=True)
    assert services.remove_team_member(team, own.pk, Origin(davide)) is False
    assert [application.owner for application in teams.applications_of(team)] == [dora]
    assert "left" in Message.objects.filter(to=dora.email).latest("pk").text
    with pytest.raises(Denied):
        services.change_team_role(team, other.pk, "viewer", Origin(davide))


def test_an_owner_removes_somebody_who_then_sees_nothing(davide: User, dora: User) -> None:
    application = registrations.draft(davide)
    team = people.team_of(davide)
    member = join(team, dora, "maintainer")
    with pytest.raises(Denied):
        services.remove_team_member(team, team.members.get(user=davide).pk, Origin(dora))
    services.remove_team_member(team, member.pk, Origin(davide))
    assert not access.visible_to(dora).exists()
    with pytest.raises(Denied):
        services.submit(application, Origin(dora))
    assert "taken you out" in Message.objects.filter(to=dora.email).latest("pk").text


def test_an_empty_team_goes_with_its_last_member(davide: User) -> None:
    team = services.create_team("Facile", Origin(davide))
    assert services.remove_team_member(team, team.members.get().pk, Origin(davide)) is True
    assert not Team.objects.exists()


def test_an_account_is_closed_when_others_own_its_teams_and_then_they_answer(davide: User, dora: User) -> None:
    application = registrations.draft(davide)
    team = people.team_of(davide)
    with pytest.raises(Refused):
        closing.close(davide, Origin(davide))
    join(team, dora, "owner")
    closing.close(davide, Origin(davide))
    application.refresh_from_db()
    assert (application.team_id, application.owner) == (team.pk, dora)
    assert [member.user for member in team.members.all()] == [dora]


def test_operators_give_a_team_that_nobody_can_act_for_an_owner_and_no_other(
    davide: User, dora: User, olga: User
) -> None:
    application = registrations.draft(davide)
    team = people.team_of(davide)
    with pytest.raises(Conflict) as raised:
        services.appoint_owner(team, dora.email, Origin(olga), reason=REASON)
    assert code_of(raised) == ConflictFault.TEAM_HAS_OWNER
    assert not teams.search(deserted=True).exists()
    User.objects.filter(pk=davide.pk).update(developer_since=None)
    assert teams.search(deserted=True).get() == team
    for email in ("nobody@x.example", olga.email, davide.email):
        with pytest.raises(Invalid):
            services.appoint_owner(team, email, Origin(olga), reason=REASON)
    with pytest.raises(Invalid):
        services.appoint_owner(team, dora.email, Origin(olga), reason=" ")
    with pytest.raises(Denied):
        services.appoint_owner(team, dora.email, Origin(dora), reason=REASON)
    services.appoint_owner(team, dora.email, Origin(olga), reason=REASON)
    application.refresh_from_db()
    assert application.owner == dora
    assert Event.objects.get(tag="team.owner_appointed").detail["text"] == REASON
    assert REASON in Message.objects.filter(to=davide.email).latest("pk").text


def test_limits_are_those_of_a_team(davide: User, dora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("varco.registry.services.limits.MAX_APPLICATIONS", 1)
    monkeypatch.setattr("varco.registry.services.teams.MAX_TEAMS", 2)
    monkeypatch.setattr("varco.registry.services.teams.MAX_MEMBERS", 2)
    registrations.draft(davide)
    theirs = registrations.draft(dora)
    with pytest.raises(Conflict) as raised:
        registrations.draft(davide)
    assert code_of(raised) == ConflictFault.APPLICATIONS_TOO_MANY
    offered = services.offer_transfer(theirs, people.team_of(davide).public_id, Origin(dora))
    with pytest.raises(Conflict) as raised:
        services.accept_transfer(people.team_of(davide), offered.pk, Origin(davide))
    assert code_of(raised) == ConflictFault.APPLICATIONS_TOO_MANY
    services.create_team("Second", Origin(davide))
    with pytest.raises(Conflict) as raised:
        services.create_team("Third", Origin(davide))
    assert code_of(raised) == ConflictFault.TEAMS_TOO_MANY
    services.invite_to_team(people.team_of(davide), "one@x.example", "viewer", Origin(davide))
    with pytest.raises(Conflict) as raised:
        services.invite_to_team(people.team_of(davide), "two@x.example", "viewer", Origin(davide))
    assert code_of(raised) == ConflictFault.TEAM_MEMBERS_TOO_MANY


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("name", lambda team, who: services.create_team(" x ", who)),
        ("name", lambda team, who: services.rename_team(team, "a\u202eb", who)),
        ("name", lambda team, who: services.rename_team(team, "a" * 81, who)),
        ("email", lambda team, who: services.invite_to_team(team, "nobody", "viewer", who)),
        ("email", lambda team, who: services.invite_to_team(team, "a\0b@x.example", "viewer", who)),
        ("email", lambda team, who: services.invite_to_team(team, "a" * 300 + "@x.example", "viewer", who)),
        ("role", lambda team, who: services.invite_to_team(team, "a@x.example", "boss", who)),
        ("role", lambda team, who: services.change_team_role(team, team.members.get().pk, "", who)),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(
    davide: User, field: str, act: Callable[[Team, Origin], object]
) -> None:
    team = services.create_team("Facile", Origin(davide))
    with pytest.raises(Invalid) as raised:
        act(team, Origin(davide))
    assert list(raised.value.faults) == [field]


def test_an_application_that_an_old_release_registered_gets_the_team_of_its_owner(davide: User, dora: User) -> None:
    mine = registrations.draft(davide)
    old = [Application.objects.create(owner=who, name="Old") for who in (davide, dora)]
    assert not access.visible_to(dora).exists()
    services.sweep()
    for application in old:
        application.refresh_from_db()
    assert old[0].team_id == mine.team_id
    assert access.team_role_of(dora, old[1]) == TeamRole.OWNER


def test_a_registration_goes_to_the_team_named_if_its_person_works_there(davide: User, dora: User) -> None:
    theirs = services.create_team("Rivale", Origin(dora))
    join(theirs, davide, "viewer")

    def create() -> Application:
        return services.create_application(
            details=registrations.DETAILS,
            registration=registrations.registration(),
            origin=Origin(davide),
            team=theirs,
        )

    with transaction.atomic(), pytest.raises(Invalid):
        create()
    TeamMember.objects.filter(user=davide).update(role="maintainer")
    assert create().team == theirs
