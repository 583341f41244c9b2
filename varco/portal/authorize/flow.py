"""The dispatcher: from an interaction as it stands to the step that comes next, and the answers at its end."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from varco.grants import interactions, services
from varco.grants.consent_request import ConsentDecision
from varco.grants.models import Interaction
from varco.grants.parties import Parties
from varco.grants.services import ConsentGone, InteractionOver
from varco.portal.authorize import pages
from varco.portal.authorize import response as answers
from varco.portal.authorize.next_step import Step, barred, next_step, refused, silent_refusal, unmet_acr
from varco.portal.authorize.state import AuthorizationState, load
from varco.portal.common import consent
from varco.portal.common import sign_in as signin
from varco.portal.common.language import remember_language
from varco.portal.common.redirects import see_other
from varco.portal.common.request import PortalRequest
from varco.portal.middleware import allow_form_target, origin
from varco.protocol import fapi
from varco.protocol.errors import OAuthError
from varco.registry.models import Application


def address(interaction: Interaction) -> str:
    """Where an interaction goes on."""
    return reverse("authorize:continue", args=[interaction.pk])


def advance(request: PortalRequest, interaction: Interaction, *, here: bool = True) -> HttpResponse:
    """Decide the next step and take it; `here` says that this is the interaction's own address, which may show pages.

    Raises `NotRedirectable` and `Redirectable`, as `load` does.
    """
    case = load(request, interaction)
    step = next_step(case.situation)
    if step is Step.ISSUE:
        return issue(request, case, None)
    if "none" in case.request.prompt:
        return finish_with(request, case, _silently(case, step))
    if step is Step.SIGN_IN:
        return _sign_in(request, case)
    if step is Step.SIGN_IN_AGAIN:
        return _sign_in_again(request, case)
    if not here:
        return see_other(address(interaction))
    if case.user is not None:
        interactions.bind_user(interaction, case.user)
    if step is Step.CONSENT:
        return consent_page(request, case)
    return pages.other_step(request, case, step)


def _silently(case: AuthorizationState, step: Step) -> OAuthError:
    barrier = case.situation.barrier
    return barred(barrier) if step is Step.EXPLAIN and barrier else silent_refusal(step)


def _sign_in(request: PortalRequest, case: AuthorizationState) -> HttpResponse:
    allow_form_target(request, case.way.redirect_uri)
    query = {"next": address(case.interaction)}
    if case.request.login_hint:
        query["login_hint"] = case.request.login_hint
    response = see_other(f"{reverse('account_login')}?{urlencode(query)}")
    remember_language(request, response, case.request.ui_locales)
    return response


def _sign_in_again(request: PortalRequest, case: AuthorizationState) -> HttpResponse:
    """The person proves anew who they are; their session, and what they do in other tabs, stays."""
    allow_form_target(request, case.way.redirect_uri)
    query = urlencode({"next": address(case.interaction)})
    return see_other(f"{reverse('account_reauthenticate')}?{query}")


def consent_page(request: PortalRequest, case: AuthorizationState, *, changed: bool = False) -> HttpResponse:
    """The consent page, and the note of which version of the registration it showed."""
    if case.asked.version != case.client.version:
        interactions.update(case.interaction, version=case.client.version)
    membership = case.standing.membership if case.standing else None
    shown = consent.context(case.client, case.ask, case.consent, membership.tenant if membership else None)
    request.csp_form_action = [case.way.redirect_uri]
    return render(request, "authorize/consent.html", shown | {"case": case, "changed": changed})


def decide(request: PortalRequest, interaction: Interaction) -> HttpResponse:
    """The person pressed a button of the consent page, or of a page that says why they cannot go on.

    Raises `NotRedirectable` and `Redirectable`, as `load` does.
    """
    case = load(request, interaction)
    step, decision = next_step(case.situation), request.POST.get("decision", "")
    # Somebody else's page, or no page of this step at all: what it asks now stands at the interaction's address.
    if case.user is None or interaction.user_id != case.user.pk:
        return see_other(address(interaction))
    if step is Step.EXPLAIN and decision == "refuse" and case.situation.barrier:
        return finish_with(request, case, barred(case.situation.barrier))
    if step is Step.OTHER_ACCOUNT and decision == "refuse":
        return finish_with(request, case, silent_refusal(step))
    if step not in {Step.CONSENT, Step.ISSUE} or decision not in {"accept", "refuse"}:
        return see_other(address(interaction))
    if decision == "refuse":
        return _refuse(request, case, "the person refused")
    if case.asked.version != case.client.version:
        return consent_page(request, case, changed=True)
    answer = case.ask.answer(request.POST.getlist("scope"), request.POST.getlist("claim"))
    if answer is None:
        return _refuse(request, case, "the person accepted nothing, or not what is required")
    return issue(request, case, answer)


def _refuse(request: PortalRequest, case: AuthorizationState, reason: str) -> HttpResponse:
    try:
        services.refuse_consent(case.interaction, _parties(case), case.ask.scopes, origin(request))
    except InteractionOver:
        return pages.over(request, case.interaction)
    return answers.error(request, case.way, refused(case.ask, reason))


def finish_with(request: PortalRequest, case: AuthorizationState, refusal: OAuthError) -> HttpResponse:
    """End the interaction with an error to the client."""
    if not interactions.claim(case.interaction):
        return pages.over(request, case.interaction)
    return answers.error(request, case.way, refusal)


def issue(request: PortalRequest, case: AuthorizationState, answer: ConsentDecision | None) -> HttpResponse:
    """Answer with a code: by what the person said now, or, without `answer`, by what they said before."""
    if case.user is None:
        raise ValueError("a code is issued to somebody signed in")
    sign_in = signin.facts(request, case.user)
    unmet = unmet_acr(case.request, sign_in.acr)
    if unmet:
        return finish_with(request, case, unmet)
    try:
        code = services.issue_code(
            case.interaction,
            _parties(case),
            case.request,
            case.ask,
            answer=answer,
            sign_in=sign_in,
            lifetime=fapi.code_lifetime(case.client, settings.VARCO.code_lifetime),
            origin=origin(request),
        )
    except InteractionOver:
        return pages.over(request, case.interaction)
    except ConsentGone:
        if "none" in case.request.prompt:
            return finish_with(request, case, silent_refusal(Step.CONSENT))
        return see_other(address(case.interaction))
    return answers.code(request, case.way, code)


def _parties(case: AuthorizationState) -> Parties:
    if case.user is None or case.standing is None or case.standing.membership is None:
        raise ValueError("only a member of a clinic can authorize")
    application = Application.objects.get(pk=case.client.application_id)
    return Parties(case.user, case.standing.membership.tenant, application)
