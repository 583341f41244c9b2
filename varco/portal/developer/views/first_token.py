"""From the approval of a registration for development to its first token: a sandbox and the first secret, a click each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.people import sandboxes
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.common.sandbox_words import wanted
from varco.portal.developer.access import may_do, own_application, sandboxes_of, working_application
from varco.portal.developer.secret_forms import SecretForm
from varco.portal.middleware import origin
from varco.protocol.client import SECRET_METHODS, AuthMethod
from varco.registry.lifecycle import ApplicationAct
from varco.registry.models import Application, Revision
from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Next:
    """What stands between an application in force and its first token, as its page shows it."""

    sandboxes: Sequence[Tenant]
    may_make_one: bool
    secret: SecretForm | None  # filled in, for the one button that makes the first
    keyless: bool  # it has no secrets, so that the programs of the quick start are next


def what_is_next(application: Application, of_team: Sequence[Tenant], *, works: bool, has_secrets: bool) -> Next | None:
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
    if of_team and not secret and not keyless:
        return None
    return Next(of_team, works, secret, keyless)


@page(DEVELOPER, "GET")
def first_token(request: SignedInRequest, pk: int) -> HttpResponse:
    """What follows the approval and nothing else: the `client_id`, and the way to a first token."""
    application = own_application(request, pk)
    works = may_do(request, application, ApplicationAct.CREATE_SECRET)
    has_secrets = application.secrets.exists()
    following = what_is_next(application, sandboxes_of(application), works=works, has_secrets=has_secrets)
    if following is None:
        return redirect("developer:client", pk=pk)
    return render(request, "developer/first_token.html", {"application": application, "next": following})


@page(DEVELOPER, "POST")
def sandbox(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the team of an application its first sandbox."""
    application = working_application(request, pk)
    made = sandboxes.first(application.team, wanted(_sandbox_name(application)), origin(request))
    messages.success(
        request, _("%(sandbox)s is ready: invented patients, and users to sign in as.") % {"sandbox": made}
    )
    return redirect("developer:first_token", pk=application.pk)


def _sandbox_name(application: Application) -> str:
    return (_("Sandbox of %(name)s") % {"name": application.team or application.name})[:80].strip()


def after_submission(revision: Revision) -> HttpResponse:
    """Where somebody goes who has just submitted it: to the first token where that is next, else to the application's page."""
    approved = revision.state == Revision.State.APPROVED
    return redirect("developer:first_token" if approved else "developer:client", pk=revision.application_id)
