"""The smaller pages of an interaction: which account, why not, and that it is over."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from varco.grants import interactions
from varco.grants.models import Interaction
from varco.portal.authorize.state import AuthorizationState
from varco.portal.common.ineligible import ineligible_words
from varco.portal.common.request import PortalRequest
from varco.portal.errors import problem
from varco.protocol.authorization_step import Step
from varco.registry import queries as registry


def other_step(request: PortalRequest, state: AuthorizationState, step: Step) -> HttpResponse:
    """The page of a step that is neither sign-in nor consent."""
    context: dict[str, str] = {}
    if step is Step.CHOOSE_ACCOUNT:
        template, status = "authorize/account.html", 200
    elif step is Step.OTHER_ACCOUNT:
        template, status = "authorize/other_account.html", 403
    else:
        template, status = "authorize/barrier.html", 403
        context = _why_not(state)
    request.form_may_leave = True
    return render(request, template, {"state": state} | context, status=status)


def _why_not(state: AuthorizationState) -> dict[str, str]:
    if state.ineligible is None:
        raise ValueError("nothing keeps this person out")
    clinic = state.tenant.name if state.tenant else ""
    return ineligible_words(state.ineligible, application=state.client.name, clinic=clinic)


def over(request: PortalRequest, interaction: Interaction) -> HttpResponse:
    """410: answered already, or out of time. The way on starts in the application."""
    context = {
        "application": registry.application(interaction.client_id),
        "finished": interaction.finished_at is not None or interactions.is_finished(interaction),
    }
    return render(request, "authorize/over.html", context, status=410)


def too_many_waiting(request: PortalRequest) -> HttpResponse:
    """429: more sign-ins wait from this network than are kept at a time, and nothing is known of this browser."""
    page = problem(
        request,
        429,
        _("Too many sign-ins are waiting"),
        _(
            "More sign-ins were begun from your network than finished, more than we keep at a time. Wait some minutes, then start "
            "again from the application."
        ),
        _("The interactions begun at this address that wait for an answer reached their limit (429)."),
    )
    page["Retry-After"] = "300"
    return page


def elsewhere(request: PortalRequest) -> HttpResponse:
    """403: no interaction of this browser. Whether it is another's, or none at all, is not told."""
    return problem(
        request,
        403,
        _("This sign-in was not started in this browser"),
        _(
            "For your safety, a sign-in can be finished only in the browser that began it, with cookies allowed. "
            "Go back to the application and start again from there."
        ),
        _("The interaction is unknown, or the cookie of the browser that started it did not come with the request."),
    )
