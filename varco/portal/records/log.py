"""The access log: who has seen and changed what of the clinic, through which application (S36, S41)."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.audit.services import record
from varco.audit.tags import Tag
from varco.clinical.access import records
from varco.clinical.access.records import COUNTED, Wanted
from varco.grants.application_usage import used_applications
from varco.portal.common.days import midnight, sound
from varco.portal.common.page import RECORDS, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.records import presentation, table
from varco.registry import queries as registry
from varco.tenants.models import Tenant

PER_PAGE = 25
OFFERED = 20
"""Applications in the choice; the log of another one is a link of its chain of evidence."""
NARROWING = ("person", "application_id", "patient", "since", "until")
"""What the record says of an export: ids, and no fiscal code that somebody typed."""
NAMED = 20
"""People that a name is looked for among."""


class LogForm(forms.Form):
    """What is looked for in the log."""

    person = forms.CharField(
        label=gettext_lazy("Person"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Name or e-mail address"),
    )
    patient = forms.CharField(
        label=gettext_lazy("Patient"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Number or fiscal code"),
    )
    application = forms.ChoiceField(label=gettext_lazy("Application"), required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        label=gettext_lazy("To and including"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any, tenant: Tenant) -> None:
        super().__init__(data)
        used = [(each.client_id or "", each.name) for each in used_applications(tenant)[:OFFERED]]
        asked = str(self.data.get("application", ""))
        if asked and asked not in dict(used) and (found := registry.application(asked)):
            used.append((asked, found.name))
        choice = self.fields["application"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - as declared above
        choice.choices = [("", _("Any application")), *used]


@dataclass(slots=True)
class Search:
    """What the form asks for: the records, or why there are none; `people` are those that a name may mean."""

    wanted: Wanted
    nothing: str = ""
    people: list[User] = field(default_factory=list)


def search(form: LogForm, tenant: Tenant) -> Search:
    """Read the form. What it cannot mean is told, and finds nothing."""
    found = Search(Wanted(tenant.database, tenant.public_id))
    if not form.is_valid():
        found.nothing = _("Something in the search is not right; nothing was looked for.")
        return found
    said = form.cleaned_data
    if said["application"] and (application := registry.application(said["application"])):
        found.wanted = replace(found.wanted, application_id=application.pk)
    found.wanted = replace(found.wanted, since=_beginning(said["since"]), until=_beginning(said["until"], after=1))
    if said["patient"]:
        number = records.patient_number(tenant.database, tenant.public_id, said["patient"])
        if number is None:
            found.nothing = _("The centre has no patient with this number or fiscal code.")
        found.wanted = replace(found.wanted, patient=number)
    if said["person"]:
        _of_person(found, said["person"])
    return found


def _of_person(found: Search, words: str) -> None:
    if records.seen(Wanted(found.wanted.alias, found.wanted.tenant_id), words):  # an id, of whoever may be gone by now
        found.wanted = replace(found.wanted, person=words)
        return
    everywhere = Wanted(found.wanted.alias, found.wanted.tenant_id)
    here = [user for user in accounts.named(words, NAMED) if records.seen(everywhere, user.public_id)]
    exact = [user for user in here if user.email == words.lower()]
    if len(exact or here) == 1:
        found.wanted = replace(found.wanted, person=(exact or here)[0].public_id)
    elif here:
        found.people = here
        found.nothing = _("Several people of the log have this name: choose one.")
    else:
        found.nothing = _("Nobody of this name stands in the log.")


def _beginning(day: dt.date | None, after: int = 0) -> int | None:
    return midnight(day, after=after) if day is not None and sound(day) else None


def _position(text: str) -> tuple[int, int] | None:
    at, _dot, pk = text.partition(".")
    return (int(at), int(pk)) if at.isdecimal() and pk.isdecimal() and len(text) < 40 else None


@page(RECORDS, "GET")
def log(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """The log, the newest first, narrowed by person, patient, application and time."""
    form = LogForm(request.GET, tenant)
    found = search(form, tenant)
    position = _position(request.GET.get("before", ""))
    part = [] if found.nothing else found.wanted.newest(PER_PAGE + 1, position)
    asked = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    more = f"?{urlencode(asked | {'before': f'{part[-2].at}.{part[-2].pk}'})}" if len(part) > PER_PAGE else ""
    number = 0 if found.nothing else found.wanted.counted()
    context = {
        "tenant": tenant,
        "form": form,
        "search": found,
        "items": [presentation.displayed(each) for each in part[:PER_PAGE]],
        "number": min(number, COUNTED),
        "above": number > COUNTED,
        "more": more,
        "newest": f"?{urlencode(asked)}" if position else "",
        "asked": asked,
        "export": urlencode(asked),
    }
    return render(request, "records/log.html", context)


@page(RECORDS, "GET", step_up="GET")
def export(request: SignedInRequest, tenant: Tenant) -> HttpResponse | StreamingHttpResponse:
    """What the same search finds, all of it, as a table for other programs."""
    found = search(LogForm(request.GET, tenant), tenant)
    if found.nothing:
        return render(request, "records/nothing.html", {"tenant": tenant, "search": found}, status=422)
    wanted = found.wanted
    said = {name: value for name in NARROWING if (value := getattr(wanted, name)) not in {"", None}}
    record(Tag.LOG_EXPORTED, origin(request), tenant=tenant, search=said)
    return table.answer(
        f"access-log-{tenant.public_id}.csv", presentation.heading(), presentation.exported(found.wanted)
    )
