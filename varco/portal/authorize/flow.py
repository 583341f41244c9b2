"""The dispatcher: from the state of an authorization to the step that comes next, and the answers at its end."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from varco.grants import interactions, services
from varco.grants.consent_request import ConsentDecision
from varco.grants.models import Interaction
from varco.grants.parties import Parties, SessionOver
from varco.grants.services import ConsentGone, InteractionOver
from varco.portal.authorize import pages, response, sign_in_again, waiting_application
from varco.portal.authorize.state import AuthorizationState
from varco.portal.authorize.step_refusals import refused, silent_refusal, unconfirmed
from varco.portal.common import consent, sign_in
from varco.portal.common.ineligible import ineligible_error
from varco.portal.common.language import remember_language
from varco.portal.common.redirects import place, see_other
from varco.portal.common.request import PortalRequest
from varco.portal.middleware import origin, sign_in_may_leave
from varco.protocol import fapi
from varco.protocol.authorization_step import Step, next_step, unmet_acr
from varco.protocol.errors import OAuthError


def address(interaction: Interaction) -> str:
    """Where an interaction goes on."""
    return reverse("authorize:continue", args=[interactions.handle(interaction)])


def go_on(interaction: Interaction) -> HttpResponse:
    """On to the interaction's own address, which finds it stored. Raises as `interactions.keep` does."""
    interactions.keep(interaction)
    return see_other(address(interaction))


def advance(request: PortalRequest, state: AuthorizationState, *, here: bool = True) -> HttpResponse:
    """Decide the next step and take it; `here` says that this is the interaction's own address, which may show pages."""
    step = next_step(state)
    if step is Step.ISSUE:
        return _issue(request, state, None)
    if "none" in state.request.prompt:
        explained = state.ineligible if step is Step.EXPLAIN else None
        return _finish_with(request, state, ineligible_error(explained) if explained else silent_refusal(step))
    if step is Step.SIGN_IN:
        return _sign_in(request, state)
    if not here:
        return go_on(state.interaction)
    if step is Step.SECOND_STEP:
        return see_other(f"{reverse('account:second_step')}?{urlencode({'next': address(state.interaction)})}")
    if step is Step.SIGN_IN_AGAIN:
        return sign_in_again.show(request, state)
    if step is Step.CONSENT:
        return _consent_page(request, state)
    if state.user is not None:
        interactions.bind_user(state.interaction, state.user)
    return pages.other_step(request, state, step)


def _sign_in(request: PortalRequest, state: AuthorizationState) -> HttpResponse:
    interactions.keep(state.interaction)
    sign_in_may_leave(request)
    after = address(state.interaction)
    waiting_application.remember(request, after, state.client.name)
    query = {"next": after}
    if state.request.login_hint:
        query["login_hint"] = state.request.login_hint
    redirect = see_other(f"{reverse('account_login')}?{urlencode(query)}")
    remember_language(request, redirect, state.request.ui_locales)
    return redirect


def confirm(request: PortalRequest, state: AuthorizationState) -> HttpResponse:
    """Take what the person proves anew: the page again with what is wrong or comes next, or on to the next step."""
    mine = state.user is not None and state.interaction.user_id == state.user.pk
    if mine and next_step(state) is Step.SIGN_IN_AGAIN and "none" not in state.request.prompt:
        fault = sign_in_again.prove(request, state)
        if fault is not None:
            return fault
    return go_on(state.interaction)


def _consent_page(request: PortalRequest, state: AuthorizationState, *, changed: bool = False) -> HttpResponse:
    """The consent page, and the note of whom it was shown to; `changed` once more, as the person had left it."""
    if state.user is not None:
        interactions.bind_user(state.interaction, state.user)
    sent = consent.sent(request.POST) if changed else None
    context = consent.context(
        state.application, state.client, state.consent_request, state.consent, state.tenant, sent=sent
    )
    request.form_may_leave = True
    return render(
        request,
        "authorize/consent.html",
        context | {"state": state, "changed": changed, "returns_to": place(state.target.redirect_uri)},
    )


def decide(request: PortalRequest, state: AuthorizationState) -> HttpResponse:
    """Do what the button says that the person pressed, on the consent page or one that says why they cannot go on."""
    step, decision = next_step(state), request.POST.get("decision", "")
    # Somebody else's page, or no page of this step at all: what it asks now stands at the interaction's address.
    if state.user is None or state.interaction.user_id != state.user.pk:
        return go_on(state.interaction)
    if step is Step.EXPLAIN and decision == "refuse" and state.ineligible:
        return _finish_with(request, state, ineligible_error(state.ineligible))
    if step is Step.OTHER_ACCOUNT and decision == "refuse":
        return _finish_with(request, state, silent_refusal(step))
    if step is Step.SIGN_IN_AGAIN and decision == "refuse":
        return _finish_with(request, state, unconfirmed())
    if step not in {Step.CONSENT, Step.ISSUE} or decision not in {"accept", "refuse"}:
        return go_on(state.interaction)
    if decision == "refuse":
        return _refuse(request, state, "the person refused")
    if consent.is_outdated(request.POST, state.client):
        return _consent_page(request, state, changed=True)
    accepted = state.consent_request.answer(request.POST.getlist("scope"), request.POST.getlist("claim"))
    if accepted is None:
        return _refuse(request, state, "the person accepted nothing, or not what is required")
    return _issue(request, state, accepted)


def _refuse(request: PortalRequest, state: AuthorizationState, reason: str) -> HttpResponse:
    try:
        services.refuse_consent(state.interaction, _parties(state), state.consent_request.scopes, origin(request))
    except InteractionOver:
        return pages.over(request, state.interaction)
    return response.error(request, state.target, refused(state.consent_request, reason))


def _finish_with(request: PortalRequest, state: AuthorizationState, refusal: OAuthError) -> HttpResponse:
    """End the interaction with an error to the client."""
    if not interactions.claim(state.interaction):
        return pages.over(request, state.interaction)
    return response.error(request, state.target, refusal)


def _issue(request: PortalRequest, state: AuthorizationState, decision: ConsentDecision | None) -> HttpResponse:
    """Answer with a code: by what the person decided now, or, without `decision`, by what they accepted before."""
    parties = _parties(state)
    facts = sign_in.facts(request, parties.user)
    unmet = unmet_acr(state.request, facts.acr)
    if unmet:
        return _finish_with(request, state, unmet)
    try:
        code = services.issue_code(
            state.interaction,
            parties,
            state.request,
            state.consent_request,
            answer=decision,
            sign_in=facts,
            still_signed_in=lambda: sign_in.hold(request),
            lifetime=fapi.code_lifetime(state.client, settings.VARCO.code_lifetime),
            origin=origin(request),
        )
    except InteractionOver:
        return pages.over(request, state.interaction)
    except SessionOver:
        return go_on(state.interaction)  # where nobody is signed in any more
    except ConsentGone:
        if "none" in state.request.prompt:
            return _finish_with(request, state, silent_refusal(Step.CONSENT))
        return go_on(state.interaction)
    return response.code(request, state.target, code)


def _parties(state: AuthorizationState) -> Parties:
    if state.user is None or state.tenant is None:
        raise ValueError("only a member of a clinic can authorize")
    return Parties(state.user, state.tenant, state.application)
