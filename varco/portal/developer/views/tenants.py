"""The clinics an application is limited to: added by id, taken off after a page that says what that does (S19)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common.forms import answered, check_possible, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import working_application
from varco.portal.developer.forms import TenantForm
from varco.portal.middleware import origin
from varco.registry import queries, services
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.models import Application


@page(DEVELOPER, "GET POST")
def add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Name a clinic by its id; the page says what the first one does to all others."""
    application = working_application(request, pk)
    check_possible(application.state, ApplicationAct.LIMIT_TENANTS, Role.DEVELOPER)
    form = TenantForm(posted(request), initial={"stamp": _stamp(application)})

    def act() -> HttpResponse:
        entered = form.cleaned_data
        added = services.add_tenant(
            application, origin(request), tenant_id=entered["tenant_id"], stamp=entered["stamp"]
        )
        messages.success(request, _("%(name)s is on the list.") % {"name": added.tenant.name})
        return redirect("developer:client", pk=application.pk)

    def show() -> HttpResponse:
        context = {"application": application, "form": form, "first": not queries.allowed_tenants(application).exists()}
        return render(request, "developer/tenant_add.html", context)

    return answered(request, form, act, show, stamp=lambda: _stamp(application))


def _stamp(application: Application) -> str:
    return services.tenants_stamp(queries.allowed_tenants(application))


@page(DEVELOPER, "GET POST")
def remove(request: SignedInRequest, pk: int, tenant_id: str) -> HttpResponse:
    """Take a clinic off the list, after a page that says who may use the application then."""
    application = working_application(request, pk)
    check_possible(application.state, ApplicationAct.LIMIT_TENANTS, Role.DEVELOPER)
    listed = list(queries.allowed_tenants(application))
    item = next((item for item in listed if item.tenant.public_id == tenant_id), None)
    if item is None:
        raise Http404
    if request.method == "POST":
        services.remove_tenant(application, origin(request), tenant_id=tenant_id, stamp=request.POST.get("stamp", ""))
        messages.success(request, _("%(name)s is off the list.") % {"name": item.tenant.name})
        return redirect("developer:client", pk=application.pk)
    context = {
        "application": application,
        "tenant": item.tenant,
        "last": len(listed) == 1,
        "stamp": services.tenants_stamp(listed),
    }
    return render(request, "developer/tenant_remove.html", context)
