"""Applications that change hands: offered by an owner of one team, accepted by an owner of the other (S45)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.grants.stopping import concerned
from varco.portal.common import fault_words, registration_difference
from varco.portal.common.forms import answered, check_possible, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import working_application
from varco.portal.middleware import origin
from varco.portal.teams.access import own_team
from varco.portal.teams.forms import TransferForm
from varco.registry import services, teams
from varco.registry.errors import Conflict
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.registration import Registration


@page(DEVELOPER, "GET POST", step_up="POST")
def offer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Offer an application to another team, on a page that says what that will mean."""
    application = working_application(request, pk, ApplicationAct.OFFER)
    check_possible(application.state, ApplicationAct.OFFER, Role.DEVELOPER)
    form = TransferForm(posted(request))

    def act() -> HttpResponse:
        made = services.offer_transfer(application, form.cleaned_data["team"], origin(request))
        messages.success(request, _("The team “%(team)s” is asked by mail.") % {"team": made.team.name})
        return redirect("developer:client", pk=pk)

    context = {"application": application, "form": form, "offer": teams.offer_of(application)}
    return answered(request, form, act, lambda: render(request, "teams/transfer.html", context))


@page(DEVELOPER, "POST")
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an offer back."""
    application = working_application(request, pk, ApplicationAct.OFFER)
    try:
        services.withdraw_transfer(application, origin(request))
    except Conflict as refusal:
        messages.error(request, fault_words.conflict_sentence(refusal))
    else:
        messages.success(request, _("The offer is taken back."))
    return redirect("developer:client", pk=pk)


@page(DEVELOPER, "GET POST", step_up="POST")
def answer(request: SignedInRequest, team_id: str, pk: int) -> HttpResponse:
    """Read what the team is offered, and accept or decline it."""
    own = own_team(request, team_id, owners_only=True)
    found = teams.offers_to(own.team).select_related("application__live_revision").filter(pk=pk).first()
    if found is None:
        raise Http404
    application = found.application
    if request.method == "POST":
        name = {"name": application.name}
        if request.POST.get("decision") == "accept":
            services.accept_transfer(own.team, pk, origin(request))
            messages.success(request, _("“%(name)s” is your team’s now.") % name)
            return redirect("developer:client", pk=application.pk)
        if request.POST.get("decision") == "decline":
            services.decline_transfer(own.team, pk, origin(request))
            messages.success(request, _("“%(name)s” stays where it is.") % name)
            return redirect("teams:team", team_id=team_id)
    live = application.live_revision
    context = {
        "team": own.team,
        "offer": found,
        "application": application,
        "live": live,
        "rows": registration_difference.rows(Registration.of(live)) if live else [],
        "concerned": concerned(application),
    }
    return render(request, "teams/offer.html", context)
