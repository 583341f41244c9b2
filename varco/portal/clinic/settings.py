"""What a clinic says of itself: name, place for holidays and time zone, data protection officer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco import clock
from varco.people import clinics
from varco.portal.clinic.forms import SettingsForm
from varco.portal.common.forms import answered, posted
from varco.portal.common.page import MANAGER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.tenants import queries
from varco.tenants.models import Tenant
from varco.tenants.place import next_holiday


@page(MANAGER, "GET POST")
def settings(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """Show and change them; who sees the clinic's logs, and the next holiday, stand beside."""
    names = ("name", "place", "zone", "local_holiday", "dpo_name", "dpo_email")
    form = SettingsForm(posted(request), initial={name: getattr(tenant, name) for name in names})

    def act() -> HttpResponse:
        changed = clinics.change_settings(tenant, origin(request), **{name: form.cleaned_data[name] for name in names})
        messages.success(request, _("The settings are saved.") if changed else _("Nothing was different."))
        return redirect("clinic:settings")

    officers = [item.user for item in queries.log_readers(tenant)[:5]]
    holiday = next_holiday(clock.now(), tenant.zone, tenant.local_holiday)
    context = {"tenant": tenant, "form": form, "officers": officers, "holiday": holiday}
    return answered(request, form, act, lambda: render(request, "clinic/settings.html", context))
