"""Teams of the demo: Davide's with a colleague, and hers, which offers his an application."""

from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.ops.demo import clients
from varco.ops.demo.past import DAY, ago
from varco.registry import access, services, teams
from varco.registry.models import Application, Team, TeamMember
from varco.registry.registration import Registration

OURS, HERS = "Codice Sereno", "Lampone"


def build(developer: User, colleague: User) -> None:
    """Both teams, once; run again after an interruption it completes what is missing."""
    ours = teams.where_maintainer(developer).order_by("pk").first()
    if ours is None:
        return
    with ago(20 * DAY):
        services.rename_team(ours, OURS, Origin(developer))
        if access.team_role_in(colleague, ours.pk) is None:
            TeamMember.objects.create(team=ours, user=colleague, role=TeamMember.Role.MAINTAINER)
            joined = Origin(colleague)
            role = TeamMember.Role.MAINTAINER
            record(
                Tag.TEAM_JOINED,
                joined,
                user=colleague,
                on_behalf_of=developer,
                team=ours.public_id,
                label=OURS,
                role=role,
            )
        hers = teams.teams_of(colleague).filter(team__name=HERS).first()
        team = hers.team if hers else services.create_team(HERS, Origin(colleague))
    if teams.applications_of(team).exists() or teams.offers_to(ours).exists():
        return
    with ago(3 * DAY):
        offered = _labels(colleague, team)
        services.offer_transfer(offered, ours.public_id, Origin(colleague))


def _labels(colleague: User, team: Team) -> Application:
    """A draft that her company has no time for."""
    details = clients.details("Etichette Lampone", "Prints labels for the samples that a centre sends out.", "")
    wanted = Registration(
        type="web",
        environment="development",
        redirect_uris=("https://etichette.lampone.example/callback",),
        scopes=clients.scopes("openid", "giponext.patients", required=("openid",)),
    )
    return services.create_application(details=details, registration=wanted, origin=Origin(colleague), team=team)
