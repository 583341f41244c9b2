"""An application's own keys in the place of secrets: registered by their public half (RFC 7517, RFC 7523)."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.key_sets import JwksError
from varco.portal.common import fault_words
from varco.portal.common.forms import answered, check_possible, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import current_stamp, working_application
from varco.portal.developer.key_forms import KeysForm, SecretsEndForm
from varco.portal.middleware import origin
from varco.protocol import fapi
from varco.protocol.client import SECRET_METHODS
from varco.protocol.jose.algorithms import FAPI_ALGORITHMS
from varco.registry import key_change, queries, secret_overlap, services
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.jwks import MAX_KEYS
from varco.registry.lifecycle import ApplicationAct, Role, may
from varco.registry.models import Application, Revision
from varco.registry.registration import Registration, stamp

GENERATED = ("ES256", "PS256", "RS256")
"""Algorithms that a pair is made for in the browser: those that every browser knows; the first is offered first."""


@page(DEVELOPER, "GET POST")
def keys(request: SignedInRequest, pk: int) -> HttpResponse:
    """Register public keys: a draft that is handed in for review like any other change, while what is approved stays in force."""
    application = working_application(request, pk)
    check_possible(application.state, ApplicationAct.REVISE, Role.DEVELOPER)
    latest = queries.latest_revision(application)
    base = key_change.base_of(application, latest)
    initial = KeysForm.initial_of(base) | {"stamp": stamp(application, latest)}
    form = KeysForm(posted(request), initial=initial)

    def act() -> HttpResponse:
        if not key_change.can_hold_keys(base):
            raise Conflict(ConflictFault.NO_KEYS)
        entered, reading = form.cleaned_data, request.POST.get("then") == "read"
        jwks = None if reading else entered["jwks"]
        requested = key_change.with_keys(base, jwks=jwks, jwks_uri=entered["jwks_uri"])
        if faults := key_change.faults(requested):
            raise Invalid(faults)
        if reading:
            return show(_at_the_address(request, application, requested.jwks_uri))
        services.save_draft(application, requested, origin(request), stamp=entered["stamp"])
        if request.POST.get("then") == "check":
            return redirect("developer:submit", pk=application.pk)
        messages.success(request, _("The draft is saved. Nobody reviews it until you submit it."))
        return redirect("developer:client", pk=application.pk)

    def show(found: dict[str, object] | None = None) -> HttpResponse:
        context = _context(application, latest, base) | {"form": form} | (found or {})
        return render(request, "developer/keys.html", context)

    return answered(request, form, act, show, stamp=lambda: current_stamp(application))


def _at_the_address(request: SignedInRequest, application: Application, uri: str) -> dict[str, object]:
    """What the gate would find at the address just now; nothing of it is kept."""
    try:
        found = services.read_keys(application, uri, origin(request), private_allowed=settings.VARCO.demo)
    except JwksError as fault:
        return {"unread": str(fault)}
    return {"published": [(key, fault_words.sentence(key.fault) if key.fault else "") for key in found]}


def _context(application: Application, latest: Revision | None, base: Registration) -> dict[str, object]:
    live = application.live_revision
    return overlap_of(application) | {
        "application": application,
        "live": live,
        "waits": bool(latest and latest.state == Revision.State.SUBMITTED),
        "possible": key_change.can_hold_keys(base),
        "leaves_secrets": bool(live and live.token_endpoint_auth_method in SECRET_METHODS),
        "algorithms": [name for name in GENERATED if base.profile != fapi.PROFILE or name in FAPI_ALGORITHMS],
        "max_keys": MAX_KEYS,
        "may": {ApplicationAct.REVOKE_SECRET: may(application.state, ApplicationAct.REVOKE_SECRET, Role.DEVELOPER)},
    }


def overlap_of(application: Application) -> dict[str, object]:
    """What pages say while an application that signs may still send its secrets."""
    overlap = secret_overlap.of(application)
    return {"overlap": overlap, "secrets_last_used": secret_overlap.last_use(application) if overlap else None}


@page(DEVELOPER, "GET POST")
def secrets_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose when the secrets of an application that signs end, after a page that says what stops."""
    application = working_application(request, pk)
    overlap = secret_overlap.of(application)
    if overlap is None or not may(application.state, ApplicationAct.REVOKE_SECRET, Role.DEVELOPER):
        raise Http404
    form = SecretsEndForm(posted(request), latest=overlap.begun_at + secret_overlap.LONGEST)

    def act() -> HttpResponse:
        running = services.set_overlap_end(application, origin(request), ends_at=form.ends_at())
        ended = _("The secrets have ended and are revoked: the application authenticates with its keys alone.")
        messages.success(request, _("The end of the secrets is set.") if running else ended)
        return redirect("developer:client", pk=application.pk)

    def show() -> HttpResponse:
        shown = overlap_of(application) | {"application": application, "form": form}
        return render(request, "developer/secrets_end.html", shown)

    return answered(request, form, act, show)
