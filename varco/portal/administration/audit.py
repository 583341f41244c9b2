"""Searching the record of the platform by person, act, centre, application and time (S36)."""

import re

from django.http import HttpResponse
from django.shortcuts import render

from varco.accounts import queries as accounts
from varco.audit.queries import EventSearch, FoundEvents, Position, search_events
from varco.audit.tags import Tag
from varco.portal.administration.event_words import event_rows
from varco.portal.administration.forms import AuditForm
from varco.portal.common.listing import ROWS_PER_PAGE
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.registry import queries as registry

_POSITION = re.compile(r"(\d{1,15})-(\d{1,15})", re.ASCII)


@page(OPERATOR, "GET")
def audit(request: SignedInRequest) -> HttpResponse:
    """What was done, the newest first; what patients' data is concerned stands in the clinics' own logs."""
    form = AuditForm(request.GET)
    wanted = _wanted(form)
    found = search_events(wanted, _position(request), ROWS_PER_PAGE) if wanted else FoundEvents([], None)
    older = ""
    if found.older:
        query = request.GET.copy()
        query["before"] = "{}-{}".format(*found.older)
        older = f"?{query.urlencode()}"
    newest = request.GET.copy()
    newest.pop("before", None)
    context = {
        "form": form,
        "events": event_rows(found.events),
        "older": older,
        "newest": f"?{newest.urlencode()}" if "before" in request.GET else "",
    }
    return render(request, "administration/audit.html", context)


def _position(request: SignedInRequest) -> Position | None:
    found = _POSITION.fullmatch(request.GET.get("before", ""))
    return (int(found[1]), int(found[2])) if found else None


def _wanted(form: AuditForm) -> EventSearch | None:
    """What is looked for; None where somebody or something was named that does not exist."""
    entered = form.narrowing()
    person, client_id = str(entered.get("person", "")).strip(), str(entered.get("application", "")).strip()
    if "@" in person:
        account = accounts.by_email(person)
        if account is None:
            return None
        person = account.public_id
    application_id = None
    if client_id:
        application = registry.application(client_id)
        if application is None:
            return None
        application_id = application.pk
    tag = entered.get("tag")
    return EventSearch(
        person=person[:40],
        tag=Tag(tag) if tag else None,
        tenant=str(entered.get("tenant", "")).strip(),
        application_id=application_id,
        between=form.between(),
    )
