"""Access to applications: which side a person stands on, which applications are theirs, and whom to tell.

The one module that reads `Application.owner`; what writes it keeps it an owner of the team while the team has one that can act.
"""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import BigIntegerField, Expression, Model, Q, QuerySet

from varco.accounts.models import User
from varco.accounts.queries import developers, operators, with_part_of_email
from varco.compiled import Compiled
from varco.registry.lifecycle import Role, TeamRole
from varco.registry.models import Application, Sandbox, TeamMember
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant

_Row = TypeVar("_Row", bound=Model)
_WORKS = (TeamMember.Role.OWNER, TeamMember.Role.MAINTAINER)


def role_of(actor: User | None, application: Application) -> Role | None:
    """The side an account stands on. An application of an operator's own team is never theirs to decide about (S11, S44)."""
    return standing_of(actor, application)[0]


def standing_of(actor: User | None, application: Application) -> tuple[Role | None, TeamRole | None]:
    """The side, and what somebody is in the team, in one statement."""
    if actor is None or not actor.is_active:
        return None, None
    team_role = team_role_of(actor, application)
    if team_role is not None:
        return Role.DEVELOPER if actor.is_developer else None, team_role
    return Role.OPERATOR if actor.is_operator else None, None


def team_role_of(person: User, application: Application) -> TeamRole | None:
    """What somebody is in the team of an application, whatever their role with the vendor is now."""
    return team_role_in(person, application.team_id)


def team_role_in(person: User, team: int | None) -> TeamRole | None:
    """What somebody is in a team, by its key."""
    found = _ROLE_IN.only(user=person.pk, team=team) if team else None
    return TeamRole(found) if found else None


_ROLE_IN: Compiled[str] = Compiled(
    lambda user, team: TeamMember.objects.filter(team=team, user=user).values_list("role", flat=True),
    user=BigIntegerField(),
    team=BigIntegerField(),
)


def is_own(person: User, application: Application) -> bool:
    """Whether the application is of a team of the person's, whatever their role is now."""
    return team_role_of(person, application) is not None


def own_among(person: User, applications: Iterable[Application]) -> set[int]:
    """Keys of those of some applications that are of a team of the person's, in one statement."""
    of_teams = {application.pk: application.team_id for application in applications}
    found = TeamMember.objects.filter(user=person, team__in=set(of_teams.values()) - {None})
    own = set(found.values_list("team", flat=True))
    return {key for key, team in of_teams.items() if team in own}


def of_developer(person: User) -> QuerySet[Application]:
    """The applications of the teams that a person belongs to."""
    return Application.objects.filter(team__in=_teams_of(person))


def of_last_owner(person: User) -> QuerySet[Application]:
    """The applications of the teams whose only owner a person is."""
    others = TeamMember.objects.filter(role=TeamMember.Role.OWNER).exclude(user=person).values("team")
    owned = TeamMember.objects.filter(user=person, role=TeamMember.Role.OWNER).exclude(team__in=others)
    return Application.objects.filter(team__in=owned.values("team"))


def visible_to(person: User) -> QuerySet[Application]:
    """The applications that a person sees as their developer; operators see all of them, by `lists.search`."""
    return with_developer(of_developer(person))


def own(person: User, application: int) -> Application | None:
    """An application by its key as a person sees it as its developer, with what is in force of it; None for anybody else's."""
    return _OWN.only(user=person.pk, application=application)


def developer_of(application: Application) -> User:
    """Whom reviewers are shown as the developer: the owner of the team who answers for it."""
    return application.owner


def developer_id_of(application: Application) -> int:
    """Key of the account of the developer, without reading it."""
    return application.owner_id


def have_same_developer(one: Application, other: Application) -> bool:
    """Whether two applications are of one team."""
    return one.team_id == other.team_id and one.team_id is not None


def by_same_developer(application: Application, *, path: str = "") -> Q:
    """A condition: of the same team as this application. `path` leads to the application from what is filtered."""
    return Q(**{f"{path}team": application.team_id, f"{path}team__isnull": False})


def by_developer_email(part: str, *, whole: bool = False, path: str = "") -> Q:
    """A condition on applications: of a team with a member of this e-mail address; or its developer's holds this text. In any case.

    `path` leads to the application from what is filtered.
    """
    if not whole and path:
        return Q((f"{path}owner__email__icontains", part))
    if not whole:  # read once: the account of every application, one by one, takes four times as long
        return Q(owner__in=with_part_of_email(part))
    return Q(team__in=TeamMember.objects.filter(user__email__iexact=part).values("team"))


def with_developer(rows: QuerySet[_Row], path: str = "") -> QuerySet[_Row]:
    """The rows with the developer and the team, in the same read. `path` leads to the application from the rows."""
    return rows.select_related(f"{path}owner", f"{path}team")


def with_developer_address(rows: QuerySet[Application], *fields: str) -> QuerySet[Application]:
    """The rows with these fields and the developer's address alone, in the same read."""
    return rows.select_related("owner").only(*fields, "owner__email")


def sandboxes(application: Application | Expression) -> QuerySet[Tenant]:
    """The sandboxes of an application's team: those it has made, and those its developers belong to now, not as guests until a date (S44).

    What is locked works there and nowhere else; the gate's statements say the same (`gate.store.sql.conditions.within_lock`).
    Whoever only looks on brings no sandbox along.
    """
    members = Q(
        user__team_memberships__team__applications=application,
        user__team_memberships__role__in=_WORKS,
        user__developer_since__isnull=False,
    )
    made = Sandbox.objects.filter(team__applications=application)
    return tenants.sandboxes_of(members, (made.values("tenant"), made.values("neighbour")))


def whom_to_tell(application: Application, side: Role) -> list[User]:
    """Who gets the mails to one side: those of its team who may act, or every operator who may decide about it."""
    if side == Role.DEVELOPER:
        return workers_of(application.team_id) or [application.owner]
    return _DECIDERS(team=application.team_id or 0)


_DECIDERS: Compiled[User] = Compiled(
    lambda team: operators().exclude(pk__in=TeamMember.objects.filter(team=team).values("user")), team=BigIntegerField()
)


def workers_of(team: int | None, *, owners: bool = False) -> list[User]:
    """The owners and maintainers of a team, by its key, or its `owners` alone, who can sign in and have the Developer role."""
    roles = _WORKS[:1] if owners else _WORKS
    found = developers(Q(team_memberships__team=team, team_memberships__role__in=roles))
    return list(found.order_by("team_memberships__pk"))


def _teams_of(person: User | Expression) -> QuerySet[TeamMember, int]:
    return TeamMember.objects.filter(user=person).values_list("team", flat=True)


_OWN: Compiled[Application] = Compiled(
    lambda user, application: with_developer(
        Application.objects.filter(team__in=_teams_of(user), pk=application).select_related("live_revision")
    ),
    user=BigIntegerField(),
    application=BigIntegerField(),
)
