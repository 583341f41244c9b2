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
from varco.network import client_network
from varco.portal.authorize import browser_binding, flow, pages, response
from varco.portal.authorize.response import AuthorizationRefused
from varco.portal.authorize.state import check_request, load_state, state_of
from varco.portal.common.page import ANYONE, page
from varco.portal.common.parameters import parameters_of
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
        received = parameters_of(request)
    except OAuthError as refusal:
        return response.refused(request, AuthorizationRefused(refusal))
    try:
        return _begin(request, received)
    except AuthorizationRefused as refusal:
        again = _begun_before(request, received) if refusal.target is None else None
        return flow.go_on(again) if again else response.refused(request, refusal)


def _begin(request: PortalRequest, received: Parameters) -> HttpResponse:
    """Start an interaction and take its first step. Raises `AuthorizationRefused`."""
    pushed = _pushed(received)
    if pushed is not None:
        received = interactions.parameters_of(pushed)
    checked = check_request(received, pushed=pushed is not None)
    known, secret = browser_binding.browser_of(request), ""
    posted = request.method == "POST"
    if not known and not posted:
        secret = browser_binding.new_browser_secret()
        known = browser_hash(secret)
    interaction = interactions.begin(
        received,
        client_id=checked.client.client_id,
        browser=known,
        place=client_network(str(request.META["REMOTE_ADDR"])),
        user=request.user if isinstance(request.user, User) else None,
        pushed=pushed,
    )
    try:
        if posted:
            # Browsers keep Lax cookies back from a form of another site. The next request is a plain GET and has them.
            return flow.go_on(interaction)
        state = state_of(request, interaction, interactions.stored_request(interaction), checked)
        answer = flow.advance(request, state, here=False)
    except OAuthError as refusal:
        raise AuthorizationRefused(refusal, application_id=checked.application.pk) from None
    except interactions.TooManyWaiting:
        return pages.too_many_waiting(request)
    if secret:
        browser_binding.remember_browser(answer, secret)
    return answer


def _begun_before(request: PortalRequest, received: Parameters) -> Interaction | None:
    """The interaction of a pushed request whose page this browser loads again before it is answered."""
    reference, known = pushed_request.reference_of(received), browser_binding.browser_of(request)
    if not reference or not known:
        return None
    return interactions.begun_with(reference, client_id=received.get("client_id", ""), browser=known)


def _pushed(received: Parameters) -> PushedRequest | None:
    """The request behind a `request_uri` of ours (RFC 9126 §4); None for one that came in the browser itself.

    Raises `AuthorizationRefused`.
    """
    reference = pushed_request.reference_of(received)
    if not reference:
        return None
    client_id = ""
    try:
        client_id = authorization_request.client_id_of(received)
        return interactions.pushed_request(client_id, reference)
    except OAuthError as refusal:
        application = registry.application(client_id) if client_id else None
        raise AuthorizationRefused(refusal, application_id=application.pk if application else None) from None


View = Callable[[PortalRequest, Interaction], HttpResponse]


def of_this_browser(view: View) -> Callable[[PortalRequest, str], HttpResponse]:
    """Give the view its interaction, if it belongs to this browser and is not over; answer what it refuses."""

    @wraps(view)
    def answered(request: PortalRequest, handle: str) -> HttpResponse:
        interaction = interactions.find(handle)
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
        answer = _answer(view, request, interaction)
        if secret:
            browser_binding.remember_browser(answer, secret)
        return answer

    return answered


def _answer(view: View, request: PortalRequest, interaction: Interaction) -> HttpResponse:
    try:
        return view(request, interaction)
    except AuthorizationRefused as refusal:
        if refusal.target is not None and not interactions.claim(interaction):
            return pages.over(request, interaction)
        return response.refused(request, refusal)


@page(ANYONE, "GET POST")
@of_this_browser
def proceed(request: PortalRequest, interaction: Interaction) -> HttpResponse:
    """One interaction: GET shows or takes the next step, POST is the answer to its page."""
    state = load_state(request, interaction)
    return flow.decide(request, state) if request.method == "POST" else flow.advance(request, state)


@page(ANYONE, "POST")
@of_this_browser
def account(request: PortalRequest, interaction: Interaction) -> HttpResponse:
    """Go on as the person signed in (`choice=continue`), or sign out and in as somebody else ("Not you?")."""
    user = request.user
    if request.POST.get("choice") == "continue" and isinstance(user, User):
        interactions.choose_account(interaction, user)
    elif request.POST.get("choice") == "switch":
        get_adapter().logout(request)
    return flow.go_on(interaction)


@page(ANYONE, "GET POST")
@of_this_browser
def confirm(request: PortalRequest, interaction: Interaction) -> HttpResponse:
    """Prove anew who one is (prompt=login, max_age). The page stands at the interaction's own address."""
    if request.method == "POST":
        return flow.confirm(request, load_state(request, interaction))
    return flow.go_on(interaction)
