"""The device page: enter the code, read what is asked, decide (RFC 8628 §3.3). The one address is `/device`.

A confirmed request is at `/device?request=…`, an id that opens nothing outside the session that confirmed it.
"""

from dataclasses import replace

from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from varco.accounts.models import User
from varco.audit.services import record_refusal
from varco.grants import device_approval
from varco.grants.device_approval import DeviceRequestOver
from varco.grants.models import DeviceRequest
from varco.grants.parties import Parties, SessionOver
from varco.portal.common import consent, sign_in
from varco.portal.common.attempts import TooManyFailuresError
from varco.portal.common.ineligible import ineligible_error
from varco.portal.common.page import ANYONE, page
from varco.portal.common.redirects import see_other
from varco.portal.common.request import PortalRequest
from varco.portal.device import confirmed_code, pages
from varco.portal.device import user_code as user_codes
from varco.portal.device.confirmed_code import ConfirmedCode
from varco.portal.device.state import DeviceState, load_state
from varco.portal.errors import too_many
from varco.portal.middleware import origin, request_id
from varco.protocol.errors import Fixer, unauthorized_client

ENDPOINT = "/device"


def _address(**query: str | int) -> str:
    given = urlencode({name: value for name, value in query.items() if value})
    return reverse("device:page") + (f"?{given}" if given else "")


@page(ANYONE, "GET POST")
def device(request: PortalRequest) -> HttpResponse:
    """Whatever comes next for the person at this address."""
    user, posted = request.user, request.method == "POST"
    user_code = request.POST.get("user_code", "") if posted else request.GET.get("user_code", "")
    if not isinstance(user, User):
        return _sign_in(user_code)
    if posted and request.POST.get("choice") == "switch":
        get_adapter().logout(request)
        return _sign_in(user_code)
    if "request" in request.GET:
        return _confirmed(request, user, request.GET["request"])
    return _entered(request, user) if posted else user_codes.page(request)


def _sign_in(user_code: str) -> HttpResponse:
    """Sign in first, and come back to the code, which is looked up for nobody unknown."""
    back = _address(user_code=user_codes.prefill(user_code))
    return see_other(f"{reverse('account_login')}?{urlencode({'next': back})}")


def _entered(request: PortalRequest, user: User) -> HttpResponse:
    """The person has typed a code, or compared the one of the address and gone on."""
    try:
        form = user_codes.entered(request)
    except user_codes.WrongCodeError as wrong:
        return user_codes.page(request, wrong.form)
    except TooManyFailuresError:
        return too_many(request)
    confirmed = ConfirmedCode(form.found.pk, form.cleaned_data["user_code"])
    confirmed_code.keep(request, user, confirmed)
    return see_other(_address(request=confirmed.request_id))


def _confirmed(request: PortalRequest, user: User, request_id_text: str) -> HttpResponse:
    """A request whose code was entered: its consent page, the answer to it, or what became of it."""
    confirmed = confirmed_code.find(request, user, request_id_text)
    if confirmed is None:
        return pages.elsewhere(request)
    posted = request.method == "POST"
    if confirmed.decision:
        if posted:
            return see_other(_address(request=confirmed.request_id))
        return pages.done(request, confirmed.request_id, confirmed.decision)
    waiting = device_approval.still_waiting(confirmed.request_id)
    if waiting is None:
        return pages.over(request, confirmed.request_id)
    state = load_state(waiting, user, confirmed.user_code)
    if state is None:
        return _not_in_use(request, waiting)
    if posted:
        return _decide(request, state, confirmed)
    return _show(request, state)


def _not_in_use(request: PortalRequest, waiting: DeviceRequest) -> HttpResponse:
    """The application was suspended or retired, or lost what its device asks for; the developer reads it in the trace."""
    refusal = unauthorized_client(
        "The application is not in use, or its approved registration no longer has what the device asked for.",
        rule="S16 application in force",
        fixer=Fixer.ADMINISTRATOR,
        received=f"application {waiting.application.state}, asking for {waiting.scopes}",
        expected="an active application with the device flow and one of these scopes",
    )
    record_refusal(refusal, endpoint=ENDPOINT, request_id=request_id(request), application_id=waiting.application_id)
    return pages.not_in_use(request)


def _show(request: PortalRequest, state: DeviceState) -> HttpResponse:
    """The consent page, or why it cannot be given."""
    if state.ineligible is not None:
        return pages.why_not(request, state, state.ineligible)
    return pages.consent_page(request, state, changed=False)


def _decide(request: PortalRequest, state: DeviceState, confirmed: ConfirmedCode) -> HttpResponse:
    """The person pressed a button. Consent is asked for in full every time: who holds the device, nobody can prove."""
    decision = request.POST.get("decision", "")
    reason = state.ineligible
    if decision == "refuse":
        if reason is not None:
            why = ineligible_error(reason)
            record_refusal(
                why, endpoint=ENDPOINT, request_id=request_id(request), application_id=state.client.application_id
            )
        return _refuse(request, state, confirmed)
    if decision != "accept" or reason is not None:
        return see_other(_address(request=confirmed.request_id))
    if consent.is_outdated(request.POST, state.client):
        return pages.consent_page(request, state, changed=True)
    answer = state.consent_request.answer(request.POST.getlist("scope"))
    if answer is None:  # everything was switched off, or something required
        return _refuse(request, state, confirmed)
    if state.tenant is None:
        raise ValueError("only a member of a clinic can approve")
    parties = Parties(state.user, state.tenant, state.application)
    try:
        device_approval.approve(
            state.waiting,
            parties,
            answer,
            sign_in.facts(request, state.user),
            origin(request),
            still_signed_in=lambda: sign_in.hold(request),
        )
    except SessionOver:
        return see_other(_address(request=confirmed.request_id))  # where nobody is signed in any more
    except DeviceRequestOver:
        return pages.over(request, confirmed.request_id)
    return _end(request, state, confirmed, "accept")


def _refuse(request: PortalRequest, state: DeviceState, confirmed: ConfirmedCode) -> HttpResponse:
    try:
        device_approval.deny(state.waiting, state.user, state.tenant, origin(request))
    except DeviceRequestOver:
        return pages.over(request, confirmed.request_id)
    return _end(request, state, confirmed, "refuse")


def _end(request: PortalRequest, state: DeviceState, confirmed: ConfirmedCode, decision: str) -> HttpResponse:
    confirmed_code.keep(request, state.user, replace(confirmed, decision=decision))
    return see_other(_address(request=confirmed.request_id))
