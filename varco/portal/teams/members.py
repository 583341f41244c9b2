"""Who belongs to a team: invitations, roles, removing and leaving."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common import fault_words
from varco.portal.common.forms import answered, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.teams.access import own_team
from varco.portal.teams.forms import RoleForm, TeamInviteForm
from varco.registry import services, teams
from varco.registry.errors import Conflict
from varco.registry.models import TeamMember


@page(DEVELOPER, "GET POST", step_up="POST")
def invite(request: SignedInRequest, team_id: str) -> HttpResponse:
    """Invite a developer by mail."""
    own = own_team(request, team_id, owners_only=True)
    form = TeamInviteForm(posted(request), initial={"role": TeamMember.Role.MAINTAINER})

    def act() -> HttpResponse:
        entered = form.cleaned_data
        made = services.invite_to_team(own.team, entered["email"], entered["role"], origin(request))
        messages.success(request, _("A mail with a link to join is on its way to %(email)s.") % {"email": made.email})
        return redirect("teams:team", team_id=team_id)

    context = {"form": form, "team": own.team}
    return answered(request, form, act, lambda: render(request, "teams/invite.html", context))


@page(DEVELOPER, "POST")
def withdraw_invitation(request: SignedInRequest, team_id: str, pk: int) -> HttpResponse:
    """Let an invitation open nothing any more."""
    own = own_team(request, team_id, owners_only=True)
    try:
        services.withdraw_team_invitation(own.team, pk, origin(request))
    except Conflict as refusal:
        messages.error(request, fault_words.conflict_sentence(refusal))
    else:
        messages.success(request, _("The invitation was taken back."))
    return redirect("teams:team", team_id=team_id)


@page(DEVELOPER, "GET POST", step_up="POST")
def member(request: SignedInRequest, team_id: str, pk: int) -> HttpResponse:
    """Give a member another role."""
    own = own_team(request, team_id, owners_only=True)
    found = _member(own, pk)
    form = RoleForm(posted(request), initial={"role": found.role})

    def act() -> HttpResponse:
        services.change_team_role(own.team, pk, form.cleaned_data["role"], origin(request))
        messages.success(request, _("%(person)s has the new role.") % {"person": found.user.name})
        return redirect("teams:team", team_id=team_id)

    context = {"form": form, "team": own.team, "member": found}
    return answered(request, form, act, lambda: render(request, "teams/member.html", context))


@page(DEVELOPER, "GET POST", step_up="POST")
def remove(request: SignedInRequest, team_id: str, pk: int) -> HttpResponse:
    """Remove a member, or leave, after a page that says what that means."""
    own = own_team(request, team_id)
    found = _member(own, pk)
    leaving = found.pk == own.pk
    if not leaving and own.role != TeamMember.Role.OWNER:
        raise Http404
    if request.method == "POST":
        services.remove_team_member(own.team, pk, origin(request))
        if leaving:
            messages.success(request, _("You are not in the team “%(team)s” any more.") % {"team": own.team.name})
            return redirect("teams:list")
        messages.success(request, _("%(person)s is not in the team any more.") % {"person": found.user.name})
        return redirect("teams:team", team_id=team_id)
    context = {"team": own.team, "member": found, "leaving": leaving}
    return render(request, "teams/remove.html", context)


def _member(own: TeamMember, pk: int) -> TeamMember:
    found = teams.members(own.team).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
