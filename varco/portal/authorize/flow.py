"""The dispatcher: from an interaction as it stands to the step that comes next, and the answers at its end."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from varco.grants import interactions, services
from varco.grants.consent_request import ConsentDecision
from varco.grants.models import Interaction
from varco.grants.services import ConsentGone, InteractionOver, Parties
from varco.portal.authorize import consent, pages
from varco.portal.authorize import response as answers
from varco.portal.authorize.next_step import Step, barred, next_step, refused, silent_refusal, unmet_acr
from varco.portal.authorize.state import AuthorizationState, load
from varco.portal.common import sign_in as signin
from varco.portal.middleware import allow_form_target, origin
from varco.protocol import fapi
from varco.protocol.errors import OAuthError
from varco.registry.models import Application


def address(interaction: Interaction) -> str:
    """Where an interaction goes on."""
    return reverse("authorize:continue", args=[interaction.pk])


def advance(request: HttpRequest, interaction: Interaction, *, here: bool = True) -> HttpResponse:
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
        return answers.see_other(address(interaction))
    if case.user is not None:
        interactions.bind_user(interaction, case.user)
    if step is Step.CONSENT:
        return consent_page(request, case)
    return pages.other_step(request, case, step)


def _silently(case: AuthorizationState, step: Step) -> OAuthError:
    barrier = case.situation.barrier
    return barred(barrier) if step is Step.EXPLAIN and barrier else silent_refusal(step)


def _sign_in(request: HttpRequest, case: AuthorizationState) -> HttpResponse:
    allow_form_target(request, case.way.redirect_uri)
    query = {"next": address(case.interaction)}
    if case.request.login_hint:
        query["login_hint"] = case.request.login_hint
    response = answers.see_other(f"{reverse('account_login')}?{urlencode(query)}")
    remember_language(request, response, case.request.ui_locales)
    return response


def remember_language(request: HttpRequest, response: HttpResponse, ui_locales: str) -> None:
    """Let the pages that follow speak a language of `ui_locales`, to somebody who has not chosen one: by account or cookie."""
    language = requested_language(ui_locales)
    if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def requested_language(ui_locales: str) -> str:
    """The first language of `ui_locales` (OpenID Connect Core §3.1.2.1) that we speak; empty if there is none."""
    spoken = dict(settings.LANGUAGES)
    return next((tag[:2].lower() for tag in ui_locales.split() if tag.partition("-")[0].lower() in spoken), "")


def _sign_in_again(request: HttpRequest, case: AuthorizationState) -> HttpResponse:
    """The person proves anew who they are; their session, and what they do in other tabs, stays."""
    allow_form_target(request, case.way.redirect_uri)
    query = urlencode({"next": address(case.interaction)})
    return answers.see_other(f"{reverse('account_reauthenticate')}?{query}")


def consent_page(request: HttpRequest, case: AuthorizationState, *, changed: bool = False) -> HttpResponse:
    """The consent page, and the note of which version of the registration it showed."""
    if case.asked.version != case.client.version:
        interactions.update(case.interaction, version=case.client.version)
    membership = case.standing.membership if case.standing else None
    shown = consent.context(case.client, case.ask, case.consent, membership.tenant if membership else None)
    response = render(request, "authorize/consent.html", shown | {"case": case, "changed": changed})
    response.csp_form_action = [case.way.redirect_uri]  # type: ignore[attr-defined]
    return response


def decide(request: HttpRequest, interaction: Interaction) -> HttpResponse:
    """The person pressed a button of the consent page, or of a page that says why they cannot go on.

    Raises `NotRedirectable` and `Redirectable`, as `load` does.
    """
    case = load(request, interaction)
    step, decision = next_step(case.situation), request.POST.get("decision", "")
    # Somebody else's page, or no page of this step at all: what it asks now stands at the interaction's address.
    if case.user is None or interaction.user_id != case.user.pk:
        return answers.see_other(address(interaction))
    if step is Step.EXPLAIN and decision == "refuse" and case.situation.barrier:
        return finish_with(request, case, barred(case.situation.barrier))
    if step is Step.OTHER_ACCOUNT and decision == "refuse":
        return finish_with(request, case, silent_refusal(step))
    if step not in {Step.CONSENT, Step.ISSUE} or decision not in {"accept", "refuse"}:
        return answers.see_other(address(interaction))
    if decision == "refuse":
        return _refuse(request, case, "the person refused")
    if case.asked.version != case.client.version:
        return consent_page(request, case, changed=True)
    answer = case.ask.answer(request.POST.getlist("scope"), request.POST.getlist("claim"))
    if answer is None:
        return _refuse(request, case, "the person accepted nothing, or not what is required")
    return issue(request, case, answer)


def _refuse(request: HttpRequest, case: AuthorizationState, reason: str) -> HttpResponse:
    try:
        services.refuse_consent(case.interaction, _parties(case), case.ask.scopes, origin(request))
    except InteractionOver:
        return pages.over(request, case.interaction)
    return answers.error(request, case.way, refused(case.ask, reason))


def finish_with(request: HttpRequest, case: AuthorizationState, refusal: OAuthError) -> HttpResponse:
    """End the interaction with an error to the client."""
    if not interactions.claim(case.interaction):
        return pages.over(request, case.interaction)
    return answers.error(request, case.way, refusal)


def issue(request: HttpRequest, case: AuthorizationState, answer: ConsentDecision | None) -> HttpResponse:
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
        return answers.see_other(address(case.interaction))
    return answers.code(request, case.way, code)


def _parties(case: AuthorizationState) -> Parties:
    if case.user is None or case.standing is None or case.standing.membership is None:
        raise ValueError("only a member of a clinic can authorize")
    application = Application.objects.get(pk=case.client.application_id)
    return Parties(case.user, case.standing.membership.tenant, application)
