"""How an authorization request is answered: to the client, by redirect or form; or to the person, by a page."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from varco.audit.services import record_refusal
from varco.portal.common.redirects import see_other
from varco.portal.common.request import PortalRequest
from varco.portal.errors import problem
from varco.portal.middleware import request_id
from varco.protocol import authorization_response
from varco.protocol.errors import OAuthError

ENDPOINT = "/oauth2/authorize"
_SHOWN = 200  # characters of what was received that a page repeats


@dataclass(frozen=True, slots=True)
class RedirectTarget:
    """Where the client's answer goes, and how; `application_id` is whose trace a refusal goes to."""

    application_id: int
    name: str
    redirect_uri: str
    state: str
    mode: str


def code(request: PortalRequest, way: RedirectTarget, text: str) -> HttpResponse:
    """The successful authorization response (RFC 6749 §4.1.2, RFC 9207)."""
    issuer = settings.VARCO.issuer
    if way.mode == "form_post":
        return _form_post(
            request, way, authorization_response.success_parameters(code=text, state=way.state, issuer=issuer)
        )
    return see_other(authorization_response.success_url(way.redirect_uri, code=text, state=way.state, issuer=issuer))


def error(request: PortalRequest, way: RedirectTarget, refusal: OAuthError) -> HttpResponse:
    """The error authorization response (RFC 6749 §4.1.2.1, RFC 9207), with its line in the developer's trace."""
    _trace(request, refusal, way.application_id)
    issuer = settings.VARCO.issuer
    if way.mode == "form_post":
        return _form_post(
            request, way, authorization_response.error_parameters(refusal, state=way.state, issuer=issuer)
        )
    return see_other(authorization_response.error_url(way.redirect_uri, refusal, state=way.state, issuer=issuer))


def _form_post(request: PortalRequest, way: RedirectTarget, parameters: dict[str, str]) -> HttpResponse:
    """OAuth 2.0 Form Post Response Mode §2: a page whose form goes to the client, by itself or by the person's hand."""
    context = {"way": way, "parameters": parameters}
    request.csp_form_action = [way.redirect_uri]
    return render(request, "authorize/form_post.html", context)


def page(request: PortalRequest, refusal: OAuthError, application_id: int | None = None) -> HttpResponse:
    """The answer to a request that must not be redirected (RFC 6749 §4.1.2.1, RFC 9700 §4.11.2), with its line in the trace."""
    _trace(request, refusal, application_id)
    if refusal.error == "unauthorized_client":
        title = _("This application is not in use")
        person = _(
            "It was suspended or retired, so nobody can sign in with it at the moment. If you need it, ask the people who make it."
        )
    else:
        title = _("This sign-in link does not work")
        person = _(
            "The application sent you here with a link that we cannot accept, so for your safety nothing was done. "
            "Go back to the application and try again; if it happens again, tell the people who make it."
        )
    received = refusal.received[:_SHOWN]
    return problem(request, refusal.status, title, person, refusal.description, refusal=True, received=received)


def _trace(request: PortalRequest, refusal: OAuthError, application_id: int | None) -> None:
    record_refusal(refusal, endpoint=ENDPOINT, request_id=request_id(request), application_id=application_id)
