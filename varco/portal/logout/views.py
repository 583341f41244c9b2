"""The end session endpoint (RP-Initiated Logout §2), the page that asks, and the page at the end.

An application sends the browser here. Only an ID token of this very browser session speaks for the person; without one
they are asked, or any page of the web could sign people out.
"""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from varco.accounts.models import User
from varco.audit.services import record_refusal
from varco.portal.authorize.flow import remember_language
from varco.portal.authorize.response import see_other
from varco.portal.common import sign_in
from varco.portal.errors import problem
from varco.portal.logout.request import LogoutState, UnacceptableLogout, checked, seal, unseal
from varco.portal.middleware import request_id
from varco.protocol import parameters
from varco.protocol.errors import OAuthError
from varco.protocol.parameters import Parameters

ENDPOINT = "/oauth2/logout"
_SHOWN = 200  # characters of what was received that a page repeats


# Applications send people here, by a link or by a form of their own (§2), so there is no token of ours in it. Nobody is
# signed out without an ID token of their own session, or else the confirmation, which has the token.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The end session endpoint."""
    try:
        leaving = checked(_parameters(request))
    except OAuthError as refusal:
        return _fault(request, refusal, None)
    except UnacceptableLogout as found:
        return _fault(request, found.refusal, found.client.application_id if found.client else None)
    if request.method == "POST":
        # Browsers keep Lax cookies back from a form of another site. The next request is a plain GET and has them.
        return see_other(f"{reverse('logout:confirm')}?{urlencode({'request': seal(leaving)})}")
    return _proceed(request, leaving)


def _parameters(request: HttpRequest) -> Parameters:
    """The parameters from the bytes as they came. Raises `OAuthError`."""
    if request.method == "POST":
        return parameters.parse_form(request.META.get("CONTENT_TYPE"), request.body, defer=True)
    return parameters.parse_query(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"), defer=True)


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """A checked request on its way: GET goes on as the endpoint does, POST is the person's answer."""
    posted = request.method == "POST"
    leaving = unseal(request.POST.get("request", "") if posted else request.GET.get("request", ""))
    if leaving is None:
        return problem(
            request,
            400,
            _("This took too long"),
            _("Nothing was changed. If you wanted to sign out, do it here, or start again in the application."),
            retry=reverse("account_logout"),
        )
    if not posted:
        return _proceed(request, leaving)
    if request.POST.get("decision") != "leave":
        return see_other(reverse("home"))
    return _leave(request, leaving)


def _proceed(request: HttpRequest, leaving: LogoutState) -> HttpResponse:
    """Sign out and send the browser on, or ask the person first."""
    user = request.user
    if not isinstance(user, User) or not leaving.must_confirm(sub=user.public_id, sid=sign_in.sid(request)):
        return _leave(request, leaving)
    other = bool(leaving.sub) and leaving.sub != user.public_id
    context = {"leaving": leaving, "sealed": seal(leaving), "other": other}
    response = render(request, "logout/confirm.html", context)
    response.csp_form_action = [leaving.return_url] if leaving.return_url else []  # type: ignore[attr-defined]
    return response


def _leave(request: HttpRequest, leaving: LogoutState) -> HttpResponse:
    if request.user.is_authenticated:
        get_adapter().logout(request)
    response = see_other(leaving.return_url or reverse("logout:done"))
    if not leaving.return_url:
        remember_language(request, response, leaving.languages)
    return response


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Signed out, and nowhere else to go."""
    if request.user.is_authenticated:
        return see_other(reverse("home"))
    return render(request, "logout/done.html")


def _fault(request: HttpRequest, refusal: OAuthError, application_id: int | None) -> HttpResponse:
    """400: what is wrong, for whoever wrote the link, and the way to sign out all the same; with its line in the trace."""
    record_refusal(refusal, endpoint=ENDPOINT, request_id=request_id(request), application_id=application_id)
    context = {
        "developer": refusal.description,
        "received": refusal.received[:_SHOWN],
        "reference": request_id(request),
        "status": refusal.status,
    }
    return render(request, "logout/fault.html", context, status=refusal.status)
