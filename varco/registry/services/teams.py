"""Acts on teams: who belongs to them and as what (S15, S45). Each takes the team's row first, so that no two cross."""

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from varco import clock
from varco.accounts import queries as accounts
from varco.accounts.addresses import canonical
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.protocol.credentials import INVITATION, hash_of
from varco.protocol.fault import Fault
from varco.registry import teams, validation
from varco.registry.access import team_role_in, workers_of
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import TeamRole
from varco.registry.models import Application, Team, TeamInvitation, TeamMember
from varco.registry.services.limits import check_often
from varco.registry.services.texts import required_text
from varco.registry.team_notifications import (
    TeamInvited,
    TeamJoined,
    TeamMemberLeft,
    TeamMemberRemoved,
    TeamRoleChanged,
)

DAYS = 14
"""How long an invitation, or the offer of an application, can be accepted, in days."""

PAUSE = 600
"""Seconds before another link goes to the same address, or another offer of the same application to anybody."""

MAX_MEMBERS = 100
"""Members of one team, with the invitations that wait."""

MAX_TEAMS = 10
"""Teams of which one person may be an owner by making them: registrations are limited for each team."""

INVITATION_LENGTH = len(INVITATION) + 43


def fault(field: str, code: RegistrationFault) -> Invalid:
    """What is wrong with one field."""
    return Invalid({field: [Fault(code)]})


def locked(team: Team) -> Team:
    """The team's row, held until the transaction ends. Raises `Denied` where it is gone."""
    found = Team.objects.select_for_update(no_key=True).filter(pk=team.pk).first()
    if found is None:
        raise Denied
    return found


def developer(origin: Origin) -> User:
    """The actor, read again and held. Raises `Denied` unless they can sign in and have the Developer role."""
    actor = accounts.locked(origin.actor) if origin.actor else None
    if actor is None or not (actor.is_active and actor.is_developer):
        raise Denied
    return actor


def as_owner(team: Team, origin: Origin) -> tuple[Team, User]:
    """The team, held, and the actor. Raises `Denied` unless they are one of its owners."""
    return as_member(team, origin, TeamRole.OWNER)


def as_member(team: Team, origin: Origin, *roles: TeamRole) -> tuple[Team, User]:
    """The team, held, and the actor. Raises `Denied` unless they have one of these roles in it."""
    actor = developer(origin)
    team = locked(team)
    if team_role_in(actor, team.pk) not in roles:
        raise Denied
    return team, actor


@transaction.atomic
def create_team(name: str, origin: Origin) -> Team:
    """Make a team whose only owner is the actor. Raises `Denied`, `Invalid`, and `Conflict` at `MAX_TEAMS`."""
    actor = developer(origin)
    name = _name(name)
    if TeamMember.objects.filter(user=actor, role=TeamMember.Role.OWNER).count() >= MAX_TEAMS:
        raise Conflict(ConflictFault.TEAMS_TOO_MANY, limit=MAX_TEAMS)
    check_often(Tag.TEAM_CREATED, origin)
    return _made(name, actor, origin)


def team_for(actor: User, team: Team | None, origin: Origin) -> Team:
    """The team that a new application of somebody's is to have, held: the one named, else their first, else a new one of theirs.

    Raises `Invalid` for a team in which they may not register.
    """
    if team is None:
        team = teams.where_maintainer(actor).order_by("pk").first()
    if team is None:
        return locked(_made(actor.name[:80].strip(), actor, origin))
    if team_role_in(actor, team.pk) not in (TeamRole.OWNER, TeamRole.MAINTAINER):
        raise fault("team", RegistrationFault.TEAM_NOT_YOURS)
    return locked(team)


def _made(name: str, owner: User, origin: Origin) -> Team:
    team = Team.objects.create(name=name)
    TeamMember.objects.create(team=team, user=owner, role=TeamMember.Role.OWNER)
    record(Tag.TEAM_CREATED, origin, user=owner, team=team.public_id, label=name)
    return team


def _name(name: str) -> str:
    name = name.strip()
    if found := validation.text_faults(name, 80):
        raise Invalid({"name": found})
    if len(name) < 2:
        raise fault("name", RegistrationFault.TEAM_NAME)
    return name


@transaction.atomic
def rename_team(team: Team, name: str, origin: Origin) -> Team:
    """Give a team another name. Raises `Denied` and `Invalid`."""
    team, _actor = as_owner(team, origin)
    before, team.name = team.name, _name(name)
    if before != team.name:
        team.save(update_fields=["name"])
        record(Tag.TEAM_RENAMED, origin, team=team.public_id, before=before, label=team.name)
    return team


@transaction.atomic
def invite_to_team(team: Team, email: str, role: str, origin: Origin) -> TeamInvitation:
    """Send a link to join a team in a role; a link of before opens nothing any more.

    Whoever invites learns nothing of the address. Raises `Denied`, `Invalid` and `Conflict`.
    """
    team, actor = as_owner(team, origin)
    email, now = canonical(email), clock.now()
    _check_role(role)
    try:
        validate_email(email)
        TeamInvitation(email=email).clean_fields(exclude=["team", "role", "digest", "expires_at"])
    except ValidationError:
        raise fault("email", RegistrationFault.TEAM_EMAIL) from None
    if TeamMember.objects.filter(team=team, user__email=email).exists():
        raise Conflict(ConflictFault.TEAM_MEMBER_ALREADY, email=email)
    before = team.invitations.filter(email=email).first()
    if before and before.created_at > now - PAUSE:
        raise Conflict(ConflictFault.TEAM_INVITED_JUST_NOW, minutes=PAUSE // 60)
    if before is None and teams.invitations(team).count() + team.members.count() >= MAX_MEMBERS:
        raise Conflict(ConflictFault.TEAM_MEMBERS_TOO_MANY, limit=MAX_MEMBERS)
    check_often(Tag.TEAM_INVITED, origin)
    secret = INVITATION + secrets.token_urlsafe(32)
    values = {
        "role": role,
        "digest": hash_of(secret),
        "expires_at": now + DAYS * 86400,
        "invited_by": actor,
        "created_at": now,
    }
    made, _new = TeamInvitation.objects.update_or_create(team=team, email=email, defaults=values)
    record(Tag.TEAM_INVITED, origin, team=team.public_id, label=team.name, email=email, role=role)
    reader = accounts.by_email(email) or User(email=email, language=actor.language)
    notify(TeamInvited(secret, DAYS, team, role, actor), [reader])
    return made


@transaction.atomic
def withdraw_team_invitation(team: Team, invitation: int, origin: Origin) -> None:
    """Let a link open nothing any more. Raises `Denied`, and `Conflict` where it was used or is gone."""
    team, _actor = as_owner(team, origin)
    found = teams.invitations(team).filter(pk=invitation).first()
    if found is None:
        raise Conflict(ConflictFault.TEAM_INVITATION_OVER)
    # Kept until the next link may go to the address: whoever takes one back and sends another fills nobody's mailbox.
    TeamInvitation.objects.filter(pk=found.pk).update(digest=f"taken back {found.pk}", expires_at=0)
    record(Tag.TEAM_INVITATION_WITHDRAWN, origin, team=team.public_id, label=team.name, email=found.email)


def opened(secret: str) -> TeamInvitation | None:
    """Which invitation a link is; None for one that opens nothing."""
    if not secret.startswith(INVITATION) or len(secret) != INVITATION_LENGTH or not secret.isascii():
        return None
    return teams.invited(hash_of(secret))


@transaction.atomic
def join_team(secret: str, origin: Origin) -> Team:
    """Join the team of a link as the developer it was sent to. Raises `Denied` and `Conflict`; a refusal uses nothing up."""
    found = opened(secret)
    actor = accounts.locked(origin.actor) if origin.actor else None
    if actor is None or not actor.is_active:
        raise Denied
    if found is None:
        raise Conflict(ConflictFault.TEAM_INVITATION_OVER)
    if found.email != actor.email:
        raise Conflict(ConflictFault.TEAM_OTHER_ADDRESS)
    if not actor.is_developer:
        raise Conflict(ConflictFault.TEAM_DEVELOPERS_ONLY)
    team = locked(found.team)
    used = TeamInvitation.objects.filter(pk=found.pk, digest=hash_of(secret)).delete()[0]
    if not used:
        raise Conflict(ConflictFault.TEAM_INVITATION_OVER)
    if team_role_in(actor, team.pk) is not None:
        raise Conflict(ConflictFault.TEAM_MEMBER_ALREADY, email=actor.email)
    TeamMember.objects.create(team=team, user=actor, role=found.role)
    record(
        Tag.TEAM_JOINED,
        origin,
        user=actor,
        on_behalf_of=found.invited_by,
        team=team.public_id,
        label=team.name,
        role=found.role,
    )
    notify(TeamJoined(team, actor, found.role), [owner for owner in workers_of(team.pk, owners=True) if owner != actor])
    return team


@transaction.atomic
def change_team_role(team: Team, member: int, role: str, origin: Origin) -> TeamMember:
    """Give a member another role. Raises `Denied`, `Invalid`, and `Conflict` for the last owner."""
    team, actor = as_owner(team, origin)
    _check_role(role)
    found = _member(team, member)
    if found.role == role:
        return found
    _keep_an_owner(team, found)
    before, found.role = found.role, role
    found.save(update_fields=["role"])
    _answer_for_applications(team)
    record(
        Tag.TEAM_ROLE_CHANGED,
        origin,
        user=found.user,
        team=team.public_id,
        label=team.name,
        before=before,
        role=role,
    )
    if found.user != actor:
        notify(TeamRoleChanged(team, role, actor, ""), [found.user])
    return found


@transaction.atomic
def remove_team_member(team: Team, member: int, origin: Origin) -> bool:
    """Remove a member, by an owner, or leave by oneself; whether the team went with its last member, having no applications.

    Raises `Denied`, and `Conflict` for the last owner of a team that has others or applications.
    """
    actor = developer(origin)
    team = locked(team)
    found = _member(team, member)
    own = found.user_id == actor.pk
    if not own and team_role_in(actor, team.pk) != TeamRole.OWNER:
        raise Denied
    if own and team.members.count() == 1 and not teams.applications_of(team).exists():
        team.delete()
        record(Tag.TEAM_DELETED, origin, team=team.public_id, label=team.name)
        return True
    _keep_an_owner(team, found)
    found.delete()
    _answer_for_applications(team)
    tag = Tag.TEAM_LEFT if own else Tag.TEAM_MEMBER_REMOVED
    record(tag, origin, user=found.user, role=found.role, team=team.public_id, label=team.name)
    if not own:
        notify(TeamMemberRemoved(team, actor), [found.user])
    told = [owner for owner in workers_of(team.pk, owners=True) if owner != actor]
    notify(TeamMemberLeft(team, found.user, actor), told)
    return False


@transaction.atomic
def appoint_owner(team: Team, email: str, origin: Origin, *, reason: str) -> TeamMember:
    """Make a developer an owner of a team that nobody can act for any more, by an operator, whose own team it is not.

    Raises `Denied`, `Invalid`, and `Conflict` while an owner can still sign in.
    """
    actor = accounts.locked(origin.actor) if origin.actor else None
    if actor is None or not (actor.is_active and actor.is_operator):
        raise Denied
    team = locked(team)
    if team_role_in(actor, team.pk) is not None:
        raise Denied
    reason = required_text(reason)
    if workers_of(team.pk, owners=True):
        raise Conflict(ConflictFault.TEAM_HAS_OWNER)
    person = accounts.by_email(canonical(email))
    if person is None or person == actor or not (person.is_active and person.is_developer):
        raise fault("email", RegistrationFault.TEAM_NO_DEVELOPER)
    made, _new = TeamMember.objects.update_or_create(team=team, user=person, defaults={"role": TeamMember.Role.OWNER})
    _answer_for_applications(team, person)
    record(Tag.TEAM_OWNER_APPOINTED, origin, user=person, team=team.public_id, label=team.name, text=reason)
    notify(TeamRoleChanged(team, made.role, actor, reason), [member.user for member in teams.members(team)])
    return made


def forget(user: User) -> None:
    """Take an account that is closed for good out of its teams; a team without members and applications goes too."""
    own = list(TeamMember.objects.filter(user=user).values_list("team", flat=True))
    TeamMember.objects.filter(user=user).delete()
    TeamInvitation.objects.filter(email=user.email).delete()
    for team in Team.objects.filter(pk__in=own):
        if team.members.exists() or teams.applications_of(team).exists():
            _answer_for_applications(team)
        else:
            team.delete()


def _check_role(role: str) -> None:
    if role not in TeamMember.Role.values:
        raise fault("role", RegistrationFault.TEAM_ROLE)


def _member(team: Team, member: int) -> TeamMember:
    found = TeamMember.objects.filter(team=team, pk=member).select_related("user").first()
    if found is None:
        raise Conflict(ConflictFault.TEAM_MEMBER_GONE)
    return found


def _keep_an_owner(team: Team, member: TeamMember) -> None:
    """Raise `Conflict` if nobody but this member owns the team and can act for it."""
    if member.role != TeamMember.Role.OWNER:
        return
    if not [owner for owner in workers_of(team.pk, owners=True) if owner.pk != member.user_id]:
        raise Conflict(ConflictFault.TEAM_LAST_OWNER)


def _answer_for_applications(team: Team, person: User | None = None) -> None:
    """Whoever answered for an application and does not own its team any more is followed by an owner who can act."""
    owners = workers_of(team.pk, owners=True)
    follower = person or (owners[0] if owners else None)
    if follower is not None:
        left = Application.objects.filter(team=team).exclude(owner__in=owners)
        left.update(owner=follower)
