"""The pages of a confirmed device request: consent, why not, and the three ends."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from varco.grants import device_approval
from varco.portal.common import consent
from varco.portal.common.ineligible import ineligible_words
from varco.portal.common.request import PortalRequest
from varco.portal.device.state import DeviceState
from varco.portal.errors import problem
from varco.protocol.eligibility import Ineligible


def consent_page(request: PortalRequest, state: DeviceState, *, changed: bool) -> HttpResponse:
    """Application, scopes, where the request came from, and the question whether the person began it (RFC 8628 §5.4).

    `changed`: once more, as they had left it.
    """
    sent = consent.sent(request.POST) if changed else None
    context = consent.context(
        state.application, state.client, state.consent_request, state.consent, state.tenant, sent=sent
    )
    return render(request, "device/consent.html", context | {"state": state, "changed": changed})


def why_not(request: PortalRequest, state: DeviceState, reason: Ineligible) -> HttpResponse:
    """403: why this person cannot use the application."""
    clinic = state.tenant.name if state.tenant else ""
    words = ineligible_words(reason, application=state.client.name, clinic=clinic)
    return render(request, "device/barrier.html", {"state": state} | words, status=403)


def done(request: PortalRequest, request_id: int, decision: str) -> HttpResponse:
    """What the person decided, and that they can turn to the device again."""
    found = device_approval.by_id(request_id)
    if found is None:  # long past, and cleared away
        return elsewhere(request)
    context = {"application": found.application, "approved": decision == "accept"}
    return render(request, "device/done.html", context)


def over(request: PortalRequest, request_id: int) -> HttpResponse:
    """410: answered elsewhere, or out of time. A new code starts at the device."""
    found = device_approval.by_id(request_id)
    answered = found is not None and found.state != found.State.PENDING
    return render(request, "device/over.html", {"answered": answered}, status=410)


def elsewhere(request: PortalRequest) -> HttpResponse:
    """403: not confirmed by this person in this browser. Whether somebody else has, or there is none at all, is not told."""
    return problem(
        request,
        403,
        _("This approval does not belong to your sign-in"),
        _(
            "For your safety, a device can be approved only by the account and in the browser that entered its code. "
            "Nothing was changed. If the device still waits, enter its code here yourself."
        ),
        _("The device request is unknown, or its code was not entered in this browser session by this account."),
        retry=reverse("device:page"),
    )


def not_in_use(request: PortalRequest) -> HttpResponse:
    """400: the application was suspended or retired, or lost what the device asks for."""
    return problem(
        request,
        400,
        _("This application is not in use"),
        _(
            "It was suspended or retired, so nobody can sign in with it at the moment. If you need it, ask the people who make it."
        ),
        _("The application is not active, or its approved registration no longer has what the device asked for."),
    )
