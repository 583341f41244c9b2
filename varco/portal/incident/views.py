"""Making a pack: what it is about, from when to when, and why it is made."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.accounts import queries as accounts
from varco.audit.services import record
from varco.audit.tags import Tag
from varco.portal.common.days import midnight, today
from varco.portal.common.forms import ServiceForm, posted
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.proof import pack as packs
from varco.proof.heads import NoKeyError
from varco.proof.pack import Window
from varco.registry import queries as registry
from varco.tenants import queries as tenants
from varco.validators import ReadableText

ABOUT = (
    ("person", gettext_lazy("A person, by e-mail address or id")),
    ("application", gettext_lazy("An application, by client_id")),
    ("tenant", gettext_lazy("A centre, by its id")),
)


class PackForm(ServiceForm):
    """What a pack is about."""

    about = forms.ChoiceField(label=gettext_lazy("About"), choices=ABOUT, widget=forms.RadioSelect, initial="person")
    named = forms.CharField(
        label=gettext_lazy("Which one"),
        max_length=254,
        error_messages={"required": gettext_lazy("Say which person, application or centre.")},
    )
    since = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("To and including"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        validators=[ReadableText(lines=True)],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stands in the record, with who made the pack and when."),
        error_messages={"required": gettext_lazy("Write why the pack is made.")},
    )

    def clean(self) -> dict[str, Any]:
        """The window that is meant, as `window`."""
        said = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if since and until and not dt.date(1970, 1, 2) <= since <= until < dt.date(9999, 1, 1):
            self.add_error("until", _("The last day must not be before the first."))
        elif since and until and said.get("named") and said.get("about"):
            said["window"] = self._window(said)
        return said

    def _window(self, said: dict[str, Any]) -> Window | None:
        since, until = midnight(said["since"]), midnight(said["until"], after=1)
        named = said["named"]
        if said["about"] == "person":
            found = accounts.by_email(named) if "@" in named else None
            if found or "@" not in named:
                return Window(since, until, person=found.public_id if found else named)
            self.add_error("named", _("There is no account with this address."))
        elif said["about"] == "application":
            if application := registry.application(named):
                return Window(since, until, application=(application.pk, application.client_id or ""))
            self.add_error("named", _("There is no application with this client_id."))
        else:
            if tenant := tenants.of_any_state(named):
                return Window(since, until, tenant=(tenant.database, tenant.public_id))
            self.add_error("named", _("There is no centre with this id."))
        return None


@page(OPERATOR, "GET POST", step_up="POST")
def pack(request: SignedInRequest) -> HttpResponse | StreamingHttpResponse:
    """The form, and for a right one the file, written while it is read."""
    form = PackForm(posted(request), initial={"until": today()})
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "incident/pack.html", {"form": form}, status=status)
    window = form.cleaned_data["window"]
    try:
        lines = packs.lines(window)
    except NoKeyError:
        form.add_error(None, _("There is no key now by which a pack could be signed; see the signing keys."))
        return render(request, "incident/pack.html", {"form": form}, status=503)
    record(Tag.PACK_MADE, origin(request), reason=form.cleaned_data["reason"], about=window.said())
    response = StreamingHttpResponse(lines, content_type="application/jsonl")
    response["Content-Disposition"] = 'attachment; filename="varco-pack.jsonl"'
    return response
