"""Teams as operators see them; one that nobody can act for gets an owner from them, whose own team it is not (S15)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common import registration_display
from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import ASIDE, ROWS_PER_PAGE, page_of, words_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.staff.forms import AppointForm
from varco.registry import access, queries, services, teams


@page(OPERATOR, "GET")
def index(request: SignedInRequest) -> HttpResponse:
    """All teams, searchable; or those that nobody can act for."""
    words, deserted = words_of(request), request.GET.get("show") == "deserted"
    found = page_of(request, teams.search(words, deserted=deserted), ROWS_PER_PAGE)
    return render(request, "staff/teams.html", {"page": found, "words": words, "deserted": deserted})


@page(OPERATOR, "GET POST", step_up="POST")
def team(request: SignedInRequest, team_id: str) -> HttpResponse:
    """One team; with the form, a developer becomes its owner."""
    found = teams.search().filter(public_id=team_id).first()
    if found is None:
        raise Http404
    form = AppointForm(posted(request))

    def act() -> HttpResponse:
        entered = form.cleaned_data
        made = services.appoint_owner(found, entered["email"], origin(request), reason=entered["text"])
        messages.success(request, _("%(person)s owns the team now.") % {"person": made.user.name})
        return redirect("staff:team", team_id=team_id)

    applications = page_of(request, teams.applications_of(found), ASIDE, "applications")
    latest = queries.latest_revisions(applications.object_list, *queries.LISTED)
    own = access.team_role_in(request.user, found.pk) is not None
    context = {
        "team": found,
        "form": form,
        "members": page_of(request, teams.members(found), ROWS_PER_PAGE, "members"),
        "applications": applications,
        "items": [(item, registration_display.chips(item, latest.get(item.pk))) for item in applications.object_list],
        "deserted": not access.workers_of(found.pk, owners=True),
        "own": own,
    }
    return answered(request, form, act, lambda: render(request, "staff/team.html", context))
