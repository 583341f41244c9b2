"""Client secrets: created, shown once, revoked (S12)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from varco import clock
from varco.grants.services import answer_leak
from varco.portal.common.forms import answered, check_possible, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import sandboxes_of, working_application
from varco.portal.developer.samples import in_further_languages, listener, samples
from varco.portal.developer.secret_forms import LeakForm, SecretForm
from varco.portal.middleware import origin
from varco.registry import queries, services
from varco.registry.lifecycle import ApplicationAct, Role, may
from varco.registry.models import Application
from varco.registry.services import NewSecret

HOUR, DAY = 3600, 86400


@page(DEVELOPER, "GET POST", step_up="GET POST")
def new_secret(request: SignedInRequest, pk: int) -> HttpResponse:
    """Create a secret. Its text exists in the one response to this POST and is kept nowhere.

    A redirect would need to keep it somewhere; instead, the form names the newest secret it knew of, so that a reload
    of the response creates nothing.
    """
    application = working_application(request, pk)
    check_possible(application.state, ApplicationAct.CREATE_SECRET, Role.DEVELOPER)
    newest = application.secrets.order_by("-pk").values_list("pk", flat=True).first() or 0
    form = SecretForm(posted(request), initial={"after": newest})

    @sensitive_variables("made")
    def act() -> HttpResponse:
        days = form.cleaned_data["lifetime"]
        made = services.create_secret(
            application,
            origin(request),
            label=form.cleaned_data["label"],
            expires_at=clock.now() + days * DAY if days else None,
            after=form.cleaned_data["after"],
        )
        return _answer_with(request, application, made)

    def show() -> HttpResponse:
        return render(request, "developer/secret_new.html", {"application": application, "form": form})

    return answered(request, form, act, show)


@sensitive_variables("made")
def _answer_with(request: SignedInRequest, application: Application, made: NewSecret) -> HttpResponse:
    """The one page that shows a secret."""
    client = queries.client_of(application)
    filled = samples(client, made.text, further=False) if application.state == Application.State.ACTIVE else []
    shown = {
        "application": application,
        "made": made,
        "samples": filled,
        "further": in_further_languages(client),
        "listener": listener(client),
        "sandboxes": sandboxes_of(application),
    }
    return render(request, "developer/secret_shown.html", shown)


@page(DEVELOPER, "GET POST", step_up="GET POST")
def leaked(request: SignedInRequest, pk: int, secret_pk: int) -> HttpResponse:
    """Answer the leak of a secret: another one, the end of the old one and, if wanted, of what people have granted."""
    application = working_application(request, pk)
    check_possible(application.state, ApplicationAct.CREATE_SECRET, Role.DEVELOPER)
    secret = application.secrets.filter(pk=secret_pk).first()
    if secret is None:
        raise Http404
    newest = application.secrets.order_by("-pk").values_list("pk", flat=True).first() or 0
    form = LeakForm(posted(request), initial={"after": newest, "label": secret.label})

    @sensitive_variables("made")
    def act() -> HttpResponse:
        entered, now = form.cleaned_data, clock.now()
        made = answer_leak(
            secret,
            origin(request),
            label=entered["label"],
            expires_at=now + entered["lifetime"] * DAY if entered["lifetime"] else None,
            ends_at=now + entered["ends"] * HOUR,
            grants=entered["grants"],
            after=entered["after"],
        )
        return _answer_with(request, application, made)

    def show() -> HttpResponse:
        shown = {"application": application, "secret": secret, "form": form}
        return render(request, "developer/secret_leaked.html", shown)

    return answered(request, form, act, show)


@page(DEVELOPER, "GET POST")
def revoke_secret(request: SignedInRequest, pk: int, secret_pk: int) -> HttpResponse:
    """Revoke a secret, after a page that says what stops."""
    application = working_application(request, pk)
    secret = application.secrets.filter(pk=secret_pk).first()
    if secret is None or not may(application.state, ApplicationAct.REVOKE_SECRET, Role.DEVELOPER):
        raise Http404
    if request.method == "POST":
        services.revoke_secret(secret, origin(request))
        messages.success(request, _("The secret “%(label)s” is revoked.") % {"label": secret.label})
        return redirect("developer:client", pk=application.pk)
    return render(request, "developer/secret_revoke.html", {"application": application, "secret": secret})
