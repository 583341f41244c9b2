"""Where an application is used: by how many people of which clinic, what is missing there, and what to write to them."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from varco import catalog
from varco.catalog import Scope
from varco.grants import clinic_usage
from varco.grants.clinic_usage import ClinicUse
from varco.portal.common.listing import CARDS_PER_PAGE, page_of, words_of
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import own_application
from varco.portal.templatetags.times import plain_moment
from varco.registry.models import Application
from varco.registry.registration import Registration
from varco.tenants.models import Tenant


@page(DEVELOPER, "GET")
def centres(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every clinic that has to do with an application, and how it stands there."""
    application = _approved(request, pk)
    words = words_of(request)
    found = page_of(request, clinic_usage.clinics(application, words), CARDS_PER_PAGE)
    uses = clinic_usage.uses(application, found.object_list, _scopes(application))
    context = {
        "application": application,
        "items": [(use, _chip(use)) for use in uses],
        "page": found,
        "words": words,
    }
    return render(request, "developer/centres.html", context)


@page(DEVELOPER, "GET")
def centre(request: SignedInRequest, pk: int, tenant_id: str) -> HttpResponse:
    """One clinic: as what people use it there, what they have not granted, who blocked it, and a text to send to them."""
    application = _approved(request, pk)
    use = clinic_usage.clinic_use(application, tenant_id, _scopes(application))
    if use is None:
        raise Http404
    roles = catalog.current().roles
    context = {
        "application": application,
        "use": use,
        "chip": _chip(use),
        "roles": [
            (roles[name].label if name in roles else None, name, number) for name, number in use.roles.most_common()
        ],
        "missing": _missing(use),
        "letters": _letters(application, use),
    }
    return render(request, "developer/centre.html", context)


def _approved(request: SignedInRequest, pk: int) -> Application:
    application = own_application(request, pk)
    if not application.client_id:
        raise Http404
    return application


def _scopes(application: Application) -> list[str]:
    """What is in force, in the order of the registration."""
    live = application.live_revision
    return [scope.name for scope in Registration.of(live).scopes] if live else []


def _chip(use: ClinicUse) -> str:
    """What stands in the way at a clinic; empty: nothing."""
    if use.tenant.state != Tenant.State.ACTIVE:
        return "suspended"
    if use.block:
        return "blocked"
    return "" if not use.missing else "missing"


def _missing(use: ClinicUse) -> list[tuple[Scope | None, clinic_usage.Missing]]:
    scopes = catalog.current().scopes
    return [(scopes.get(missing.scope), missing) for missing in use.missing]


def _letters(application: Application, use: ClinicUse) -> list[tuple[str, str, str]]:
    """What to write to the clinic, in each language: its code, its name, the text. Nothing where nothing is to be asked."""
    if use.tenant.state != Tenant.State.ACTIVE or (use.people and not use.missing and not use.block):
        return []
    context = {
        "application": application,
        "use": use,
        "missing": _missing(use),
        "client_page": settings.VARCO.issuer
        + reverse("clinic:application", kwargs={"client_id": application.client_id}),
    }
    letters = []
    for code, name in settings.LANGUAGES:
        with translation.override(code):
            since = plain_moment(use.block.created_at) if use.block else ""
            text = render_to_string("developer/centre_letter.txt", context | {"blocked_since": since})
            letters.append((code, name, text.strip() + "\n"))
    return letters
