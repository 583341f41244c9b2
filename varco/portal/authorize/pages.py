"""The smaller pages of an interaction: which account, why not, and that it is over."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from varco.grants.models import Interaction
from varco.grants.queries import Barrier
from varco.portal.authorize.next_step import Step
from varco.portal.authorize.state import AuthorizationState
from varco.portal.common.barriers import barrier_words
from varco.portal.common.request import PortalRequest
from varco.portal.errors import problem
from varco.registry.models import Application


def other_step(request: PortalRequest, case: AuthorizationState, step: Step) -> HttpResponse:
    """The page of a step that is neither sign-in nor consent."""
    context: dict[str, str]
    if step is Step.CHOOSE_ACCOUNT:
        template, context, status = "authorize/account.html", {}, 200
    elif step is Step.OTHER_ACCOUNT:
        template, context, status = "authorize/other_account.html", {}, 403
    else:
        template, context, status = "authorize/barrier.html", _words_of(case), 403
    request.csp_form_action = [case.way.redirect_uri]
    return render(request, template, {"case": case} | context, status=status)


def _words_of(case: AuthorizationState) -> dict[str, str]:
    clinic = case.standing.membership.tenant.name if case.standing and case.standing.membership else ""
    return barrier_words(case.situation.barrier or Barrier.NO_CLINIC, application=case.client.name, clinic=clinic)


def over(request: PortalRequest, interaction: Interaction) -> HttpResponse:
    """410: answered already, or out of time. The way on starts in the application."""
    application = Application.objects.filter(client_id=interaction.client_id).first()
    context = {"application": application, "finished": interaction.finished_at is not None or _finished(interaction)}
    return render(request, "authorize/over.html", context, status=410)


def _finished(interaction: Interaction) -> bool:
    """Whether another request has finished it since this one read it."""
    return Interaction.objects.filter(pk=interaction.pk, finished_at__isnull=False).exists()


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
