"""Whether the contacts of an application are reached: a code is sent to one, and what they tell is entered here."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.portal.common.forms import ServiceForm, answered, check_possible, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import working_application
from varco.portal.middleware import origin
from varco.registry import services
from varco.registry.contacts import MAX_TRIES, ContactState, contacts_of
from varco.registry.lifecycle import ApplicationAct, Role

CHIPS: dict[ContactState, tuple[str, Promise]] = {
    ContactState.NEVER_ASKED: ("neutral", gettext_lazy("Not checked")),
    ContactState.ASKED: ("waiting", gettext_lazy("Code sent")),
    ContactState.NOT_CONFIRMED: ("waiting", gettext_lazy("Not confirmed")),
    ContactState.UNREACHED: ("danger", gettext_lazy("Mail did not arrive")),
    ContactState.CONFIRMED: ("success", gettext_lazy("Confirmed")),
}
"""How each state of a contact looks."""


class CodeForm(ServiceForm):
    """The code that a contact was sent."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=20)


class SendForm(ServiceForm):
    """The button beside a contact."""

    send = forms.CharField(max_length=254, widget=forms.HiddenInput)


@page(DEVELOPER, "GET POST")
def contacts(request: SignedInRequest, pk: int) -> HttpResponse:
    """The contacts with what is known of each; sends a code to one, and takes the code of any."""
    application = working_application(request, pk)
    if not application.client_id:
        raise Http404
    check_possible(application.state, ApplicationAct.EDIT, Role.DEVELOPER)
    sending = SendForm(posted(request) if "send" in request.POST else None)
    code = CodeForm(None if sending.is_bound else posted(request))

    def send() -> HttpResponse:
        check = services.check_contact(application, origin(request), address=sending.cleaned_data["send"])
        messages.success(request, _("A code was sent to %(address)s.") % {"address": check.address})
        return redirect("developer:contacts", pk=application.pk)

    def enter() -> HttpResponse:
        address = services.confirm_contact(application, origin(request), code=code.cleaned_data["code"])
        if address:
            messages.success(request, _("%(address)s is confirmed.") % {"address": address})
            return redirect("developer:contacts", pk=application.pk)
        wrong = _(
            "This is the code of no contact, or it has expired. After %(limit)d wrong ones a new code has to be sent."
        )
        code.add_error("code", wrong % {"limit": MAX_TRIES})
        response = show()
        response.status_code = 422
        return response

    def show() -> HttpResponse:
        items = [(contact, CHIPS[contact.state]) for contact in contacts_of(application)]
        waits = any(contact.state in {ContactState.ASKED, ContactState.UNREACHED} for contact, _chip in items)
        context = {"application": application, "items": items, "sending": sending, "form": code, "waits": waits}
        return render(request, "developer/contacts.html", context)

    return answered(request, sending if sending.is_bound else code, send if sending.is_bound else enter, show)
