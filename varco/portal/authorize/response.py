"""Authorization responses: to the client, by redirect or form; or to the person, by a page."""

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
    """Where the client's answer goes, and how; `application_id` is in whose log a refusal is kept."""

    application_id: int
    name: str
    redirect_uri: str
    state: str
    mode: str


class AuthorizationRefused(Exception):  # noqa: N818 - it is an answer, not a failure
    """An authorization request that is refused: to the client at `target`, or on a page where no target can be trusted.

    `application_id` is in whose log the refusal is kept, if that is known.
    """

    def __init__(
        self, error: OAuthError, target: RedirectTarget | None = None, *, application_id: int | None = None
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.target = target
        self.application_id = target.application_id if target else application_id


def code(request: PortalRequest, target: RedirectTarget, text: str) -> HttpResponse:
    """The successful authorization response (RFC 6749 §4.1.2, RFC 9207)."""
    issuer = settings.VARCO.issuer
    if target.mode == "form_post":
        members = authorization_response.success_parameters(code=text, state=target.state, issuer=issuer)
        return _form_post(request, target, members)
    url = authorization_response.success_url(target.redirect_uri, code=text, state=target.state, issuer=issuer)
    return see_other(url)


def error(request: PortalRequest, target: RedirectTarget, refusal: OAuthError) -> HttpResponse:
    """The error authorization response (RFC 6749 §4.1.2.1, RFC 9207), with its line in the developer's log."""
    _record(request, refusal, target.application_id)
    told = {"state": target.state, "issuer": settings.VARCO.issuer, "request_id": request_id(request)}
    if target.mode == "form_post":
        return _form_post(request, target, authorization_response.error_parameters(refusal, **told))
    return see_other(authorization_response.error_url(target.redirect_uri, refusal, **told))


def refused(request: PortalRequest, refusal: AuthorizationRefused) -> HttpResponse:
    """The response to a refused request: to the client, or on a page (RFC 6749 §4.1.2.1, RFC 9700 §4.11.2)."""
    if refusal.target is not None:
        return error(request, refusal.target, refusal.error)
    return _page(request, refusal.error, refusal.application_id)


def _form_post(request: PortalRequest, target: RedirectTarget, parameters: dict[str, str]) -> HttpResponse:
    """OAuth 2.0 Form Post Response Mode §2: a page whose form goes to the client, by itself or by the person's hand."""
    request.form_may_leave = True
    return render(request, "authorize/form_post.html", {"target": target, "parameters": parameters})


def _page(request: PortalRequest, refusal: OAuthError, application_id: int | None) -> HttpResponse:
    """The page for a request that must not be redirected, with its line in the developer's log."""
    _record(request, refusal, application_id)
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


def _record(request: PortalRequest, refusal: OAuthError, application_id: int | None) -> None:
    record_refusal(refusal, endpoint=ENDPOINT, request_id=request_id(request), application_id=application_id)
