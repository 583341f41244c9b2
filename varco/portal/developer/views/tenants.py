"""The clinics an application is limited to: added by id, taken off after a page that says what that does (S19)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varco.portal.common import fault_words
from varco.portal.common.forms import check_possible, posted
from varco.portal.developer.access import developer_page, own_application
from varco.portal.developer.forms import TenantForm
from varco.portal.middleware import origin
from varco.registry import queries, services
from varco.registry.errors import Conflict, Invalid
from varco.registry.lifecycle import ApplicationAct, Role

UNPROCESSABLE, STALE = 422, 409


@developer_page
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Name a clinic by its id; the page says what the first one does to all others."""
    application = own_application(request, pk)
    check_possible(application.state, ApplicationAct.LIMIT_TENANTS, Role.DEVELOPER)
    listed = queries.allowed_tenants(application)
    form = TenantForm(posted(request), initial={"stamp": services.tenants_stamp(listed)})
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            entered = form.cleaned_data
            try:
                added = services.add_tenant(
                    application, origin(request), tenant_id=entered["tenant_id"], stamp=entered["stamp"]
                )
            except Invalid as invalid:
                form.show(invalid.faults)
            except Conflict as conflict:
                status = STALE
                form.add_error(None, fault_words.conflict_sentence(conflict))
                listed = queries.allowed_tenants(application)
                form.restamp(services.tenants_stamp(listed))
            else:
                messages.success(request, _("%(name)s is on the list.") % {"name": added.tenant.name})
                return redirect("developer:client", pk=application.pk)
    context = {"application": application, "form": form, "first": not listed}
    return render(request, "developer/tenant_add.html", context, status=status)


@developer_page
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int, tenant_id: str) -> HttpResponse:
    """Take a clinic off the list, after a page that says who may use the application then."""
    application = own_application(request, pk)
    check_possible(application.state, ApplicationAct.LIMIT_TENANTS, Role.DEVELOPER)
    listed = queries.allowed_tenants(application)
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
