"""From the approval of a registration for development to its first token: a sandbox and the first secret, a click each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from varco.people import registration
from varco.people.errors import Refused
from varco.portal.common import people_words
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.common.sandbox_words import sandbox_of
from varco.portal.developer.access import working_application
from varco.portal.developer.secret_forms import SecretForm
from varco.portal.middleware import origin
from varco.protocol.client import SECRET_METHODS, AuthMethod
from varco.registry.models import Application
from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class FirstToken:
    """What stands between an application in force and its first token, as its page shows it."""

    sandboxes: Sequence[Tenant]
    may_have_sandbox: bool
    secret: SecretForm | None  # filled in, for the one button that makes the first
    keyless: bool  # it has no secrets, so that the programs of the quick start are next


def first_token(
    request: SignedInRequest, application: Application, sandboxes: Sequence[Tenant], *, works: bool, has_secrets: bool
) -> FirstToken | None:
    """What is next for an application that works in sandboxes alone; None for any other, and where nothing is.

    `works` says whether the person may make a secret of it.
    """
    live = application.live_revision
    if application.state != Application.State.ACTIVE or live is None or not live.sandboxes_only:
        return None
    secret = None
    keyless = live.token_endpoint_auth_method == AuthMethod.NONE
    if live.token_endpoint_auth_method in SECRET_METHODS and works and not has_secrets:
        secret = SecretForm(initial={"after": 0, "label": _("Development")})
    if sandboxes and not secret and not keyless:
        return None
    return FirstToken(sandboxes, works and registration.may_have_sandbox(request.user), secret, keyless)


@page(DEVELOPER, "POST")
def sandbox(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give whoever works on an application, and belongs to no medical centre, a sandbox of their own."""
    application = working_application(request, pk)
    if not registration.may_have_sandbox(request.user):
        raise Http404
    try:
        made = registration.give_sandbox(request.user, origin(request), sandbox_of(request.user.name))
    except Refused as refusal:  # pressed twice
        messages.info(request, people_words.sentence(refusal.fault))
    else:
        messages.success(
            request, _("%(sandbox)s is yours: invented patients, and you as its manager.") % {"sandbox": made.name}
        )
    return redirect("developer:client", pk=application.pk)
