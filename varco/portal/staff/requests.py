"""Find a request: what was refused to it, whosever application it was, by the id that somebody was told (S33)."""

from django.http import HttpResponse
from django.shortcuts import render

from varco.audit.queries import refusals_of_request
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.refusal_search import RequestIdForm
from varco.portal.common.request import SignedInRequest
from varco.registry import queries

SHOWN = 20  # one request is refused once, seldom twice


@page(OPERATOR, "GET")
def find(request: SignedInRequest) -> HttpResponse:
    """Which rule refused the request of an id, and of which application it was."""
    form = RequestIdForm(request.GET)
    wanted = form.cleaned_data["request_id"] if form.is_valid() else ""
    refusals = list(refusals_of_request(wanted)[:SHOWN]) if wanted else []
    applications = queries.by_ids({refusal.application_id for refusal in refusals if refusal.application_id})
    found = [(refusal, applications.get(refusal.application_id or 0)) for refusal in refusals]
    return render(request, "staff/requests.html", {"form": form, "wanted": wanted, "found": found})
