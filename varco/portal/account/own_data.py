"""`/account/data/` and `/account/close/`: the file of all that is kept about oneself, and the end of one's account."""

import json

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco import clock
from varco.people import closing, personal_data
from varco.people.errors import PeopleFault, Refused
from varco.people.models import MAX_REASON
from varco.portal import middleware
from varco.portal.common.forms import CONFLICT, UNPROCESSABLE, posted
from varco.portal.common.page import SIGNED_IN, page
from varco.portal.common.people_words import sentence
from varco.portal.common.request import SignedInRequest
from varco.protocol.fault import Fault
from varco.tenants.queries import tenant_of
from varco.validators import ReadableText


class CloseForm(forms.Form):
    """Why, if the person wants to say."""

    text = forms.CharField(
        label=gettext_lazy("Why do you close it?"),
        required=False,
        max_length=MAX_REASON,
        help_text=gettext_lazy("It is kept in the record, and read by whoever runs this service."),
        validators=[ReadableText(lines=True)],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@page(SIGNED_IN, "GET POST", step_up="POST")
def data(request: SignedInRequest) -> HttpResponse:
    """Say what the file holds; with the form, hand it over."""
    if request.method != "POST":
        return render(request, "account/data.html")
    text = json.dumps(personal_data.export(request.user, middleware.origin(request)), ensure_ascii=False, indent=2)
    name = f"varco-{request.user.public_id}-{clock.now()}.json"
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page(SIGNED_IN, "GET POST", step_up="POST")
def close(request: SignedInRequest) -> HttpResponse:
    """Say what ends, or why it cannot; with the form, end it."""
    form = CloseForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            closing.close(request.user, middleware.origin(request), reason=form.cleaned_data["text"])
        except Refused as refusal:
            return _page(request, form, refusal.fault, CONFLICT)
        get_adapter(request).logout(request)
        messages.success(request, _("Your account is closed."))
        return redirect("account_login")
    status = UNPROCESSABLE if request.method == "POST" else 200
    return _page(request, form, closing.obstacle(request.user), status)


def _page(request: SignedInRequest, form: CloseForm, obstacle: Fault | None, status: int) -> HttpResponse:
    why = _why_not(obstacle) if obstacle else ""
    context = {"form": form, "why_not": why, "tenant": tenant_of(request.user)}
    return render(request, "account/close.html", context, status=status)


def _why_not(obstacle: Fault) -> str:
    """Why somebody cannot close their account, and what they can do about it."""
    match obstacle.code:
        case PeopleFault.LAST_OPERATOR:
            return _(
                "You are the only operator: nobody could decide about anything any more. Have another one made first."
            )
        case PeopleFault.LAST_MANAGER:
            return _(
                "You are the only manager of your medical centre: nobody would answer for its data. Make somebody else a "
                "manager first, or have the centre closed."
            )
        case PeopleFault.OWNS_APPLICATIONS:
            return _(
                "Applications are yours that are not retired, and nobody would answer for them. Retire them first."
            )
    return sentence(obstacle)
