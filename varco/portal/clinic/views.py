"""The applications that a clinic's people use, and the clinic's own no to one of them (S21)."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from varco import catalog
from varco.catalog import Words
from varco.grants import application_use
from varco.grants.application_use import ApplicationUse
from varco.portal.clinic.access import manager_page
from varco.portal.common.forms import LenientForm, posted, show_faults
from varco.portal.middleware import origin
from varco.registry import services
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.services.blocking import MAX_REASON
from varco.tenants.models import Tenant

UNPROCESSABLE = 422


class BlockForm(LenientForm):
    """The reason of a block."""

    text = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stays beside the application and in the record. Its publisher does not see it."),
    )


@manager_page
@require_safe
def applications(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Every application in use at the clinic and every blocked one."""
    items = [(use, _sentences(use)) for use in application_use.application_uses(tenant)]
    return render(request, "clinic/applications.html", {"tenant": tenant, "items": items})


@manager_page
@require_http_methods(["GET", "HEAD", "POST"])
def block(request: HttpRequest, tenant: Tenant, client_id: str) -> HttpResponse:
    """Block one, after a page that says what stops working and for how many people."""
    use = _use(tenant, client_id)
    if use.block:
        raise Conflict(ConflictFault.BLOCKED_ALREADY)
    form = BlockForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            services.block(use.application, origin(request), reason=form.cleaned_data["text"])
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            return _done(request, _("%(name)s is blocked, with effect at once."), use)
    status = UNPROCESSABLE if form.is_bound else 200
    context = {"tenant": tenant, "use": use, "sentences": _sentences(use), "form": form}
    return render(request, "clinic/block.html", context, status=status)


@manager_page
@require_http_methods(["GET", "HEAD", "POST"])
def unblock(request: HttpRequest, tenant: Tenant, client_id: str) -> HttpResponse:
    """Lift the block, after a page that says what works again."""
    use = _use(tenant, client_id)
    if use.block is None:
        raise Conflict(ConflictFault.NOT_BLOCKED)
    if request.method == "POST":
        services.unblock(use.application, origin(request))
        return _done(request, _("%(name)s can be used again."), use)
    context = {"tenant": tenant, "use": use, "sentences": _sentences(use)}
    return render(request, "clinic/unblock.html", context)


def _done(request: HttpRequest, text: str, use: ApplicationUse) -> HttpResponse:
    messages.success(request, text % {"name": use.application.name})
    return redirect("clinic:applications")


def _use(tenant: Tenant, client_id: str) -> ApplicationUse:
    """An application in use at the clinic or blocked there; 404 for any other, whoever else uses it."""
    found = application_use.application_use(tenant, client_id)
    if found is None:
        raise Http404
    return found


def _sentences(use: ApplicationUse) -> list[Words]:
    """What people of the clinic let it do, in the order of the catalogue."""
    known = catalog.load(settings.VARCO.catalog).scopes.values()
    return [scope.sentence for scope in known if scope.name in use.scopes]
