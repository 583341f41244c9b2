"""Whether somebody who lost a second factor is who they say: a manager of their clinic confirms it, or says that it is not them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common import step_up
from varco.portal.common.forms import answered, posted
from varco.portal.common.page import SIGNED_IN, page
from varco.portal.common.request import SignedInRequest
from varco.portal.common.ticket_forms import ProofForm, version_of
from varco.portal.middleware import origin
from varco.portal.tickets.views import find
from varco.protocol.fault import Fault
from varco.registry.errors import Invalid
from varco.tickets import access, services
from varco.tickets.errors import TicketFault


@page(SIGNED_IN, "GET POST")
def confirm(request: SignedInRequest, number: int) -> HttpResponse:
    """Confirm it or deny it, with how one knows."""
    found, _side = find(request, number)
    if not access.may_confirm(request.user, found):
        raise Http404
    asked = step_up.required(request) if request.method == "POST" else None
    if asked is not None:
        return asked
    form = ProofForm(posted(request))

    def act() -> HttpResponse:
        text, version = form.cleaned_data["text"], version_of(form)
        match request.POST.get("decision"):
            case "confirm":
                services.confirm(found, origin(request), text=text, version=version)
                messages.success(request, _("Confirmed. Support decides now."))
            case "deny":
                services.deny(found, origin(request), text=text, version=version)
                messages.success(request, _("The ticket is refused, and support knows that it was not them."))
            case _other:
                raise Invalid({"": [Fault(TicketFault.DECISION_MISSING)]})
        return redirect("tickets:ticket", number=number)

    def show() -> HttpResponse:
        context = {"ticket": found, "form": form, "stamp": form.data.get("stamp") or found.version}
        return render(request, "tickets/confirm.html", context)

    return answered(request, form, act, show)
