"""`/developer/teams/join/?token=…`: where a developer who was invited reads what that means, and joins the team.

The secret stands in the query, which no log of ours keeps. Whoever only opens the page has used nothing up.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.portal.common import fault_words
from varco.portal.common.page import ANYONE, page
from varco.portal.middleware import origin
from varco.portal.teams.forms import ROLE_HELP
from varco.registry import services
from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault
from varco.registry.services import teams

GONE, CONFLICT = 410, 409


@page(ANYONE, "GET POST")
def join(request: HttpRequest) -> HttpResponse:
    """Show the invitation; with the form, join the team."""
    secret = request.GET.get("token", "")
    invitation = teams.opened(secret)
    if invitation is None:
        return render(request, "teams/invitation_over.html", status=GONE)
    user = request.user if isinstance(request.user, User) else None
    invited = accounts.by_email(invitation.email)
    context: dict[str, object] = {
        "invitation": invitation,
        "team": invitation.team,
        "role_help": ROLE_HELP,
        "here": request.get_full_path(),
        "signed_out": user is None,
        "known": invited is not None and invited.has_usable_password(),
        "other": user is not None and user.email != invitation.email,
        "no_developer": user is not None and not user.is_developer,
    }
    if request.method != "POST" or user is None or context["other"] or context["no_developer"]:
        return render(request, "teams/join.html", context)
    try:
        team = services.join_team(secret, origin(request))
    except Conflict as refusal:
        if refusal.fault.code == ConflictFault.TEAM_INVITATION_OVER:  # used in another tab at this moment
            return render(request, "teams/invitation_over.html", status=GONE)
        fault = fault_words.conflict_sentence(refusal)
        return render(request, "teams/join.html", context | {"fault": fault}, status=CONFLICT)
    messages.success(request, _("You are in the team “%(team)s” now.") % {"team": team.name})
    return redirect("teams:team", team_id=team.public_id)
