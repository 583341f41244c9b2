"""The applications that a clinic's people use, and the clinic's own no to one of them (S21)."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco import catalog
from varco.catalog import Scope, Words
from varco.grants import application_usage
from varco.grants.application_usage import ApplicationUse
from varco.portal.common.forms import LenientForm, answered, posted
from varco.portal.common.listing import CARDS_PER_PAGE, page_of, words_of
from varco.portal.common.page import MANAGER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.registry import services
from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault
from varco.registry.services.blocking import MAX_REASON
from varco.tenants.models import Tenant


class BlockForm(LenientForm):
    """The reason of a block."""

    text = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stays beside the application and in the record. Its publisher does not see it."),
    )


@page(MANAGER, "GET")
def applications(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """Every application in use at the clinic and every blocked one."""
    words = words_of(request)
    found = page_of(request, application_usage.used_applications(tenant, words), CARDS_PER_PAGE)
    items = [(use, _sentences(use)) for use in application_usage.uses(tenant, found.object_list)]
    context = {"tenant": tenant, "items": items, "page": found, "words": words}
    return render(request, "clinic/applications.html", context)


@page(MANAGER, "GET")
def application(request: SignedInRequest, tenant: Tenant, client_id: str) -> HttpResponse:
    """One of them: what it may do, and who of the clinic uses it since when."""
    use = _use(tenant, client_id)
    words = words_of(request)
    found = page_of(request, application_usage.users(tenant, use.application, words))
    context = {
        "tenant": tenant,
        "use": use,
        "scopes": _scopes(use),
        "people": application_usage.people(found.object_list),
        "page": found,
        "words": words,
    }
    return render(request, "clinic/application.html", context)


@page(MANAGER, "GET POST")
def block(request: SignedInRequest, tenant: Tenant, client_id: str) -> HttpResponse:
    """Block one, after a page that says what stops working and for how many people."""
    use = _use(tenant, client_id)
    if use.block:
        raise Conflict(ConflictFault.BLOCKED_ALREADY)
    form = BlockForm(posted(request))

    def act() -> HttpResponse:
        services.block(use.application, origin(request), reason=form.cleaned_data["text"])
        return _done(request, _("%(name)s is blocked, with effect at once."), use)

    context = {"tenant": tenant, "use": use, "sentences": _sentences(use), "form": form}
    return answered(request, form, act, lambda: render(request, "clinic/block.html", context))


@page(MANAGER, "GET POST")
def unblock(request: SignedInRequest, tenant: Tenant, client_id: str) -> HttpResponse:
    """Lift the block, after a page that says what works again."""
    use = _use(tenant, client_id)
    if use.block is None:
        raise Conflict(ConflictFault.NOT_BLOCKED)
    if request.method == "POST":
        services.unblock(use.application, origin(request))
        return _done(request, _("%(name)s can be used again."), use)
    context = {"tenant": tenant, "use": use, "sentences": _sentences(use)}
    return render(request, "clinic/unblock.html", context)


def _done(request: SignedInRequest, text: str, use: ApplicationUse) -> HttpResponse:
    messages.success(request, text % {"name": use.application.name})
    return redirect("clinic:applications")


def _use(tenant: Tenant, client_id: str) -> ApplicationUse:
    """An application in use at the clinic or blocked there; 404 for any other, whoever else uses it."""
    found = application_usage.application_use(tenant, client_id)
    if found is None:
        raise Http404
    return found


def _scopes(use: ApplicationUse) -> list[tuple[Scope, int]]:
    """What people of the clinic let it do, in the order of the catalogue, and how many of them."""
    return [(scope, use.scopes[name]) for name, scope in catalog.current().scopes.items() if name in use.scopes]


def _sentences(use: ApplicationUse) -> list[Words]:
    """What people of the clinic let it do, in the order of the catalogue."""
    known = catalog.current().scopes.values()
    return [scope.sentence_of_others for scope in known if scope.name in use.scopes]
