"""Teams: who owns applications together, and who may what in them (S15, S45). An owner's acts take a fresh sign-in."""

import datetime as dt

import msgspec

from varco import clock
from varco.management.errors import not_found
from varco.management.operations import DEVELOPER, Answer, Call, for_owners, of_itself, operation
from varco.management.representations import moment
from varco.registry import services, teams
from varco.registry.models import TeamInvitation, TeamMember

LISTED = 200
"""Most teams of a person, and most invitations of a team, that are told."""


class TeamName(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a team is called."""

    name: str


class NewInvitation(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Whom to invite, and as what: `owner`, `maintainer` or `viewer`."""

    email: str
    role: str


class RoleChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a member is to be: `owner`, `maintainer` or `viewer`."""

    role: str


class TeamSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A team that the person belongs to; `role` is theirs, `applications` counts those not retired."""

    id: str
    name: str
    role: str
    people: int
    applications: int


class TeamList(msgspec.Struct, frozen=True, kw_only=True):
    """The teams of the person, by name."""

    items: list[TeamSummary]


class Member(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody of a team. `can_act`: they can sign in and hold the Developer role."""

    id: int
    name: str
    email: str
    role: str
    can_act: bool
    since: dt.datetime


class Invitation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A link that was sent and not used."""

    id: int
    email: str
    role: str
    created_at: dt.datetime
    expires_at: dt.datetime
    expired: bool


class TeamDetail(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A team with its members, owners first; invitations are told to owners alone. `role` is the person's."""

    id: str
    name: str
    role: str
    created_at: dt.datetime
    members: list[Member]
    invitations: list[Invitation]


@operation("GET", role=DEVELOPER)
def list_teams(call: Call) -> TeamList:
    """List the teams that the person belongs to, and as what."""
    return _teams(call)


def _teams(call: Call) -> TeamList:
    columns = ("team__public_id", "team__name", "role", "people", "applications")
    found = teams.teams_of(call.user).values_list(*columns)[:LISTED]
    return TeamList(
        items=[
            TeamSummary(id=public_id, name=name, role=role, people=people, applications=applications)
            for public_id, name, role, people, applications in found
        ]
    )


@operation("POST", role=DEVELOPER, body=TeamName, success=201)
def create_team(call: Call) -> Answer[TeamDetail]:
    """Make a team, whose only owner the person is."""
    made = services.create_team(call.sent.name, call.origin)
    return Answer(_detail(own_team(call, made.public_id)), {"Location": call.below(made.public_id)})


@operation("PATCH", role=DEVELOPER, body=TeamName)
def rename_team(call: Call, team_id: str) -> TeamDetail:
    """Give a team another name."""
    own = own_team(call, team_id, owners_only=True)
    services.rename_team(own.team, call.sent.name, call.origin)
    return _detail(own_team(call, team_id))


@operation("GET", role=DEVELOPER)
def read_team(call: Call, team_id: str) -> TeamDetail:
    """Read a team with its members."""
    return _detail(own_team(call, team_id))


@operation("POST", role=DEVELOPER, body=NewInvitation, success=201, stepped_up=True)
def invite_member(call: Call, team_id: str) -> Answer[Invitation]:
    """Send somebody a link to join a team; a link of before opens nothing any more. Whoever invites learns nothing of the address."""
    own = own_team(call, team_id, owners_only=True)
    made = services.invite_to_team(own.team, call.sent.email, call.sent.role, call.origin)
    return Answer(_invitation(made), {"Location": call.below(made.pk)})


@operation("DELETE", role=DEVELOPER)
def withdraw_invitation(call: Call, team_id: str, invitation_id: int) -> TeamDetail:
    """Let an invitation open nothing any more."""
    own = own_team(call, team_id, owners_only=True)
    services.withdraw_team_invitation(own.team, invitation_id, call.origin)
    return _detail(own)


@operation("PATCH", role=DEVELOPER, body=RoleChange, stepped_up=True)
def change_member(call: Call, team_id: str, member_id: int) -> TeamDetail:
    """Give a member another role. The last owner who can sign in stays one."""
    own = own_team(call, team_id, owners_only=True)
    _member(own, member_id)
    services.change_team_role(own.team, member_id, call.sent.role, call.origin)
    return _detail(own_team(call, team_id))


@operation("DELETE", role=DEVELOPER, stepped_up=True)
def remove_member(call: Call, team_id: str, member_id: int) -> TeamList:
    """Remove a member, or leave; answers with the teams that the person belongs to now."""
    own = own_team(call, team_id)
    _member(own, member_id)
    if own.pk != member_id:
        _demand_owner(own)
    services.remove_team_member(own.team, member_id, call.origin)
    return _teams(call)


def own_team(call: Call, team_id: str, *, owners_only: bool = False) -> TeamMember:
    """The person's membership in a team.

    Raises `ManagementError`: 404 for any other team, 403 for who is no owner of it, and for a change by an application of the
    team itself: whoever takes that over would let themselves in as an owner, who may do all that it may not do itself.
    """
    found = teams.membership(call.user, team_id)
    if found is None:
        raise not_found()
    if (
        call.request.method != "GET"
        and teams.applications_of(found.team).filter(pk=call.caller.application_id).exists()
    ):
        raise of_itself()
    if owners_only:
        _demand_owner(found)
    return found


def _demand_owner(own: TeamMember) -> None:
    if own.role != TeamMember.Role.OWNER:
        raise for_owners()


def _member(own: TeamMember, pk: int) -> None:
    if not teams.members(own.team).filter(pk=pk).exists():
        raise not_found()


def _detail(own: TeamMember) -> TeamDetail:
    invited = teams.invitations(own.team)[:LISTED] if own.role == TeamMember.Role.OWNER else ()
    return TeamDetail(
        id=own.team.public_id,
        name=own.team.name,
        role=own.role,
        created_at=moment(own.team.created_at),
        members=[
            Member(
                id=item.pk,
                name=item.user.name,
                email=item.user.email,
                role=item.role,
                can_act=item.user.is_active and item.user.is_developer,
                since=moment(item.created_at),
            )
            for item in teams.members(own.team)
        ],
        invitations=[_invitation(item) for item in invited],
    )


def _invitation(item: TeamInvitation) -> Invitation:
    return Invitation(
        id=item.pk,
        email=item.email,
        role=item.role,
        created_at=moment(item.created_at),
        expires_at=moment(item.expires_at),
        expired=item.expires_at <= clock.now(),
    )
