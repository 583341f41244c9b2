"""The authorization endpoint and the addresses of one interaction."""

from collections.abc import Callable
from functools import wraps

from allauth.account.adapter import get_adapter
from django.http import HttpResponse

from varco import clock
from varco.accounts.models import User
from varco.grants import interactions
from varco.grants.interactions import browser_hash
from varco.grants.models import Interaction, PushedRequest
from varco.portal.authorize import browser_binding, flow, pages
from varco.portal.authorize import response as answers
from varco.portal.authorize.state import NotRedirectable, Redirectable, checked, client_and_way
from varco.portal.common.page import ANYONE, page
from varco.portal.common.parameters import parameters_of
from varco.portal.common.redirects import see_other
from varco.portal.common.request import PortalRequest
from varco.protocol import authorization_request, pushed_request
from varco.protocol.errors import OAuthError
from varco.protocol.parameters import Parameters
from varco.registry import queries as registry


# Clients send people here, by a link or by a form of their own (OpenID Connect Core §3.1.2.1), so there is no token of
# ours in it; nothing is done here but to look at the request.
@page(ANYONE, "GET POST", csrf_exempt=True)
def start(request: PortalRequest) -> HttpResponse:
    """The authorization endpoint (RFC 6749 §3.1)."""
    try:
        return _begin(request, parameters_of(request))
    except OAuthError as refusal:
        return answers.page(request, refusal)
    except NotRedirectable as found:
        return answers.page(request, found.refusal, found.application_id)
    except Redirectable as found:
        return answers.error(request, found.way, found.refusal)


def _begin(request: PortalRequest, received: Parameters) -> HttpResponse:
    try:
        return _begin_anew(request, received)
    except NotRedirectable:
        again = _begun_here(request, received)
        if again is None:
            raise
        return see_other(flow.address(again))


def _begin_anew(request: PortalRequest, received: Parameters) -> HttpResponse:
    pushed = _pushed(received)
    if pushed is not None:
        received = interactions.parameters_of(pushed)
    client, way = client_and_way(received)
    checked(received, client, way, pushed=pushed is not None)
    known, secret = browser_binding.browser_of(request), ""
    posted = request.method == "POST"
    if not known and not posted:
        secret = browser_binding.new_browser_secret()
        known = browser_hash(secret)
    try:
        interaction = interactions.begin(
            received, client_id=client.client_id, version=client.version, browser=known, pushed=pushed
        )
    except OAuthError as refusal:
        raise NotRedirectable(refusal, client) from None
    if posted:
        # Browsers keep Lax cookies back from a form of another site. The next request is a plain GET and has them.
        return see_other(flow.address(interaction))
    response = flow.advance(request, interaction, here=False)
    if secret:
        browser_binding.remember_browser(response, secret)
    return response


def _begun_here(request: PortalRequest, received: Parameters) -> Interaction | None:
    """The interaction of a pushed request whose page this browser loads again before it is answered."""
    reference, known = pushed_request.reference_of(received), browser_binding.browser_of(request)
    if not reference or not known:
        return None
    return interactions.begun_with(reference, client_id=received.get("client_id", ""), browser=known)


def _pushed(received: Parameters) -> PushedRequest | None:
    """The request behind a `request_uri` of ours (RFC 9126 §4); None for one that came in the browser itself."""
    reference = pushed_request.reference_of(received)
    if not reference:
        return None
    client_id = authorization_request.client_id_of(received)
    client = registry.client(client_id)
    try:
        return interactions.pushed_request(client_id, reference)
    except OAuthError as refusal:
        raise NotRedirectable(refusal, client) from None


View = Callable[[PortalRequest, Interaction], HttpResponse]


def of_this_browser(view: View) -> Callable[[PortalRequest, str], HttpResponse]:
    """Give the view its interaction, if it belongs to this browser and is not over; turn what it raises into an answer."""

    @wraps(view)
    def handle(request: PortalRequest, interaction_id: str) -> HttpResponse:
        interaction = Interaction.objects.filter(pk=interaction_id).first()
        known, secret = browser_binding.browser_of(request), ""
        if interaction is not None and not interaction.browser and request.method == "GET":
            if not known:
                secret = browser_binding.new_browser_secret()
                known = browser_hash(secret)
            interactions.bind_browser(interaction, known)
        if interaction is None or not known or interaction.browser != known:
            return pages.elsewhere(request)
        if interaction.finished_at is not None or interaction.expires_at <= clock.now():
            return pages.over(request, interaction)
        response = _answer(view, request, interaction)
        if secret:
            browser_binding.remember_browser(response, secret)
        return response

    return handle


def _answer(view: View, request: PortalRequest, interaction: Interaction) -> HttpResponse:
    try:
        return view(request, interaction)
    except NotRedirectable as found:
        return answers.page(request, found.refusal, found.application_id)
    except Redirectable as found:
        if not interactions.claim(interaction):
            return pages.over(request, interaction)
        return answers.error(request, found.way, found.refusal)


@page(ANYONE, "GET POST")
@of_this_browser
def proceed(request: PortalRequest, interaction: Interaction) -> HttpResponse:
    """One interaction: GET shows or takes the next step, POST is the answer to its page."""
    if request.method == "POST":
        return flow.decide(request, interaction)
    return flow.advance(request, interaction)


@page(ANYONE, "POST")
@of_this_browser
def account(request: PortalRequest, interaction: Interaction) -> HttpResponse:
    """Go on as the person signed in (`choice=continue`), or sign out and in as somebody else ("Not you?")."""
    user = request.user
    if request.POST.get("choice") == "continue" and isinstance(user, User):
        interactions.bind_user(interaction, user)
        interactions.update(interaction, chosen=user.public_id)
    elif request.POST.get("choice") == "switch":
        get_adapter().logout(request)
    return see_other(flow.address(interaction))
