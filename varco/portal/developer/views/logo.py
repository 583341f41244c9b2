"""The logo of an application: another one, or none. It holds at once."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.portal.common.forms import LenientForm, answered, check_possible, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import working_application
from varco.portal.middleware import origin
from varco.protocol.fault import Fault
from varco.registry import services
from varco.registry.errors import Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.logo import FORMATS, MAX_BYTES


class LogoForm(LenientForm):
    """An image; what it must be, `registry.logo` says."""

    logo = forms.Field(
        label=gettext_lazy("Image"),
        widget=forms.FileInput(attrs={"accept": ",".join(f"image/{name.lower()}" for name in FORMATS)}),
        help_text=gettext_lazy(
            "PNG, JPEG, WebP or GIF, up to 1 MB and 2048 pixels a side. We draw it anew with 256 pixels a side; square images look best."
        ),
    )


@page(DEVELOPER, "GET POST")
def logo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the logo, and take another one or take it away."""
    application = working_application(request, pk)
    check_possible(application.state, ApplicationAct.EDIT, Role.DEVELOPER)
    form = LogoForm(posted(request))

    def act() -> HttpResponse:
        if "remove" in request.POST:
            services.remove_logo(application, origin(request))
            messages.success(request, _("The logo is removed."))
        else:
            services.set_logo(application, _sent(request), origin(request))
            messages.success(request, _("The logo is saved."))
        return redirect("developer:client", pk=pk)

    def show() -> HttpResponse:
        context = {"application": application, "form": form, "forms": (form,), "faulty": bool(form.errors)}
        return render(request, "developer/logo.html", context)

    return answered(request, form, act, show)


def _sent(request: SignedInRequest) -> bytes:
    """The file that was sent, never more of it than is told apart from too much."""
    file = request.FILES.get("logo")
    if file is None:
        raise Invalid({"logo": [Fault(RegistrationFault.LOGO_MISSING)]})
    content: bytes = file.read(MAX_BYTES + 1)
    return content
