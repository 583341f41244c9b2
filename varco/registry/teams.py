"""Teams as people look at them: whose they are, who belongs to them, who was invited, what they are offered (S15, S45)."""

from django.db.models import BigIntegerField, Case, Count, Exists, OuterRef, Q, QuerySet, When

from varco import clock
from varco.accounts.models import User
from varco.compiled import Compiled
from varco.registry.models import Application, Team, TeamInvitation, TeamMember, Transfer
from varco.searching import words_of


def teams_of(person: User) -> QuerySet[TeamMember]:
    """A person's memberships with their teams, by name; each with its numbers of `people` and `applications` not retired."""
    people = Count("team__members", distinct=True)
    running = ~Q(team__applications__state=Application.State.RETIRED)
    found = TeamMember.objects.filter(user=person).select_related("team")
    return found.annotate(
        people=people, applications=Count("team__applications", distinct=True, filter=running)
    ).order_by("team__name", "pk")


def where_maintainer(person: User) -> QuerySet[Team]:
    """The teams for which a person may register applications, by name."""
    works = TeamMember.objects.filter(user=person, role__in=[TeamMember.Role.OWNER, TeamMember.Role.MAINTAINER])
    return Team.objects.filter(pk__in=works.values("team")).order_by("name", "pk")


def publisher_of(team: Team) -> str:
    """Who publishes a team's newest application that says so; empty for a team that has none."""
    named = Application.objects.filter(team=team).exclude(publisher="").order_by("-pk")
    return named.values_list("publisher", flat=True).first() or ""


def membership(person: User, public_id: str) -> TeamMember | None:
    """The membership of a person in the team of this id, with the team."""
    return TeamMember.objects.filter(user=person, team__public_id=public_id).select_related("team").first()


def members(team: Team) -> QuerySet[TeamMember]:
    """Who belongs to a team, owners first and then by when they came."""
    place = Case(When(role=TeamMember.Role.OWNER, then=0), When(role=TeamMember.Role.MAINTAINER, then=1), default=2)
    return TeamMember.objects.filter(team=team).select_related("user").annotate(place=place).order_by("place", "pk")


def invitations(team: Team) -> QuerySet[TeamInvitation]:
    """The links to join a team that nobody has used, the newest first. One that was taken back has no end left."""
    return (
        TeamInvitation.objects.filter(team=team, expires_at__gt=0)
        .select_related("invited_by")
        .order_by("-created_at", "-pk")
    )


def invited(digest: str) -> TeamInvitation | None:
    """The invitation whose secret has this hash, while it lasts and whoever sent it still owns the team and can act."""
    found = TeamInvitation.objects.filter(
        digest=digest,
        expires_at__gt=clock.now(),
        invited_by__in=TeamMember.objects.filter(
            team=OuterRef("team"),
            role=TeamMember.Role.OWNER,
            user__is_active=True,
            user__developer_since__isnull=False,
        ).values("user"),
    )
    return found.select_related("team", "invited_by").first()


def offers_to(team: Team) -> QuerySet[Transfer]:
    """Applications that a team is offered and can still accept, the oldest first."""
    found = Transfer.objects.filter(team=team, expires_at__gt=clock.now())
    return found.select_related("application__team", "offered_by").order_by("pk")


def offers_to_owner(person: User) -> QuerySet[Transfer]:
    """Applications that teams which a person owns are offered and can still accept, the oldest first."""
    owned = TeamMember.objects.filter(user=person, role=TeamMember.Role.OWNER).values("team")
    found = Transfer.objects.filter(team__in=owned, expires_at__gt=clock.now())
    return found.select_related("application", "team").order_by("pk")


def offer_of(application: Application) -> Transfer | None:
    """The offer of an application that can still be accepted."""
    return _OFFER_OF.only(application=application.pk, moment=clock.now())


_OFFER_OF: Compiled[Transfer] = Compiled(
    lambda application, moment: (
        Transfer.objects.filter(application=application, expires_at__gt=moment)
        .select_related("team", "offered_by")
        .order_by("pk")
    ),
    application=BigIntegerField(),
    moment=BigIntegerField(),
)


def applications_of(team: Team) -> QuerySet[Application]:
    """The applications of a team by name, retired ones last."""
    return Application.objects.filter(team=team).order_by("state", "name", "pk")


def search(words: str = "", *, deserted: bool = False) -> QuerySet[Team]:
    """All teams by name: by words of the name, by id, by a member's address; or those with applications that nobody can act for."""
    found = Team.objects.annotate(people=Count("members", distinct=True))
    for word in words_of(words):
        of_member = TeamMember.objects.filter(user__email__icontains=word).values("team")
        found = found.filter(Q(name__icontains=word) | Q(public_id=word) | Q(pk__in=of_member))
    if deserted:
        acting = TeamMember.objects.filter(
            team=OuterRef("pk"),
            role=TeamMember.Role.OWNER,
            user__is_active=True,
            user__developer_since__isnull=False,
        )
        running = Application.objects.filter(team=OuterRef("pk")).exclude(state=Application.State.RETIRED)
        found = found.filter(~Exists(acting), Exists(running))
    return found.order_by("name", "pk")
