"""The end session endpoint (RP-Initiated Logout §2), the page that asks, and the page at the end.

An application sends the browser here. Only an ID token of this very browser session speaks for the person; without one
they are asked, or any page of the web could sign people out.
"""

from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from varco.accounts.models import User
from varco.audit.services import record_refusal
from varco.portal.common import sign_in
from varco.portal.common.language import remember_language
from varco.portal.common.page import ANYONE, page
from varco.portal.common.parameters import parameters_of
from varco.portal.common.redirects import see_other
from varco.portal.common.request import PortalRequest
from varco.portal.errors import problem
from varco.portal.logout.request import LogoutRefused, LogoutState, check_request, seal, unseal
from varco.portal.middleware import request_id
from varco.protocol.errors import OAuthError

ENDPOINT = "/oauth2/logout"
_SHOWN = 200  # characters of what was received that a page repeats


# Applications send people here, by a link or by a form of their own (§2), so there is no token of ours in it. Nobody is
# signed out without an ID token of their own session, or else the confirmation, which has the token.
@page(ANYONE, "GET POST", csrf_exempt=True)
def start(request: PortalRequest) -> HttpResponse:
    """The end session endpoint."""
    try:
        state = check_request(parameters_of(request))
    except OAuthError as refusal:
        return _refused(request, LogoutRefused(refusal))
    except LogoutRefused as refusal:
        return _refused(request, refusal)
    if request.method == "POST":
        # Browsers keep Lax cookies back from a form of another site. The next request is a plain GET and has them.
        return see_other(f"{reverse('logout:confirm')}?{urlencode({'request': seal(state)})}")
    return _proceed(request, state)


@page(ANYONE, "GET POST")
def confirm(request: PortalRequest) -> HttpResponse:
    """A checked request on its way: GET goes on as the endpoint does, POST is the person's answer."""
    posted = request.method == "POST"
    state = unseal(request.POST.get("request", "") if posted else request.GET.get("request", ""))
    if state is None:
        return problem(
            request,
            400,
            _("This took too long"),
            _("Nothing was changed. If you wanted to sign out, do it here, or start again in the application."),
            retry=reverse("account_logout"),
        )
    if not posted:
        return _proceed(request, state)
    if request.POST.get("decision") != "leave":
        return see_other(reverse("home"))
    return _leave(request, state)


def _proceed(request: PortalRequest, state: LogoutState) -> HttpResponse:
    """Sign out and send the browser on, or ask the person first."""
    user = request.user
    if not isinstance(user, User) or not state.must_confirm(sub=user.public_id, sid=sign_in.sid(request)):
        return _leave(request, state)
    other = bool(state.sub) and state.sub != user.public_id
    context = {"state": state, "sealed": seal(state), "other": other}
    request.form_may_leave = bool(state.return_url)
    return render(request, "logout/confirm.html", context)


def _leave(request: PortalRequest, state: LogoutState) -> HttpResponse:
    if request.user.is_authenticated:
        get_adapter().logout(request)
    response = see_other(state.return_url or reverse("logout:done"))
    if not state.return_url:
        remember_language(request, response, state.languages)
    return response


@page(ANYONE, "GET")
def done(request: PortalRequest) -> HttpResponse:
    """Signed out, and nowhere else to go."""
    if request.user.is_authenticated:
        return see_other(reverse("home"))
    return render(request, "logout/done.html")


def _refused(request: PortalRequest, refusal: LogoutRefused) -> HttpResponse:
    """400: what is wrong, for whoever wrote the link, and the way to sign out all the same; with its line in the log."""
    error = refusal.error
    record_refusal(error, endpoint=ENDPOINT, request_id=request_id(request), application_id=refusal.application_id)
    context = {
        "developer": error.description,
        "received": error.received[:_SHOWN],
        "reference": request_id(request),
        "status": error.status,
    }
    return render(request, "logout/fault.html", context, status=error.status)
