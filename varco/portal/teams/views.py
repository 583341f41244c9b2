"""A person's teams, one of them, and its name."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco import clock
from varco.portal.common import registration_display
from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import ASIDE, ROWS_PER_PAGE, page_of
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.teams.access import own_team
from varco.portal.teams.forms import TeamForm
from varco.registry import queries, services, teams
from varco.registry.models import TeamMember


@page(DEVELOPER, "GET")
def index(request: SignedInRequest) -> HttpResponse:
    """The teams that the person belongs to, and as what."""
    return render(
        request, "teams/list.html", {"memberships": page_of(request, teams.teams_of(request.user), ROWS_PER_PAGE)}
    )


@page(DEVELOPER, "GET POST")
def new(request: SignedInRequest) -> HttpResponse:
    """Make a team, whose owner the person is."""
    form = TeamForm(posted(request))

    def act() -> HttpResponse:
        made = services.create_team(form.cleaned_data["name"], origin(request))
        messages.success(request, _("The team is there. Invite whoever works on the same applications."))
        return redirect("teams:team", team_id=made.public_id)

    return answered(request, form, act, lambda: render(request, "teams/new.html", {"form": form}))


@page(DEVELOPER, "GET")
def team(request: SignedInRequest, team_id: str) -> HttpResponse:
    """One team: its members, its applications, who was invited, and what it is offered."""
    own = own_team(request, team_id)
    members = page_of(request, teams.members(own.team), ROWS_PER_PAGE, "members")
    applications = page_of(request, teams.applications_of(own.team), ASIDE, "applications")
    latest = queries.latest_revisions(applications.object_list, *queries.LISTED)
    owns = own.role == TeamMember.Role.OWNER
    context = {
        "team": own.team,
        "own": own,
        "owns": owns,
        "members": members,
        "applications": applications,
        "items": [(item, registration_display.chips(item, latest.get(item.pk))) for item in applications.object_list],
        "offers": page_of(request, teams.offers_to(own.team), ASIDE, "offers"),
        "invitations": [
            (item, item.expires_at <= clock.now()) for item in (teams.invitations(own.team)[:ASIDE] if owns else ())
        ],
    }
    return render(request, "teams/team.html", context)


@page(DEVELOPER, "GET POST")
def rename(request: SignedInRequest, team_id: str) -> HttpResponse:
    """Give a team another name."""
    own = own_team(request, team_id, owners_only=True)
    form = TeamForm(posted(request), initial={"name": own.team.name})

    def act() -> HttpResponse:
        services.rename_team(own.team, form.cleaned_data["name"], origin(request))
        messages.success(request, _("The team has its new name."))
        return redirect("teams:team", team_id=team_id)

    context = {"form": form, "team": own.team}
    return answered(request, form, act, lambda: render(request, "teams/rename.html", context))
