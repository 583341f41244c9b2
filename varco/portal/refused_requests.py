"""Find a refused request by its id: `error_uri` leads here (RFC 6749 §5.2, S33).

A developer finds those of their own applications; operators and support, whom people tell the id, those of all. Whoever is
signed out, or is told of a request that is not theirs, learns nothing but what such an id is for: not whether it exists.
"""

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.audit.queries import refusals_of_request
from varco.portal.common.page import ANYONE, page
from varco.portal.common.refusal_search import RequestIdForm
from varco.portal.common.refusal_words import advice
from varco.portal.common.request import PortalRequest
from varco.registry import access, queries
from varco.registry.models import Application

SHOWN = 20  # one request is refused once, seldom twice


class Found(NamedTuple):
    """A refusal, of which application it was, and where the reader has a page of that one."""

    refusal: RefusedRequest
    application: Application | None
    address: str


@page(ANYONE, "GET")
def find(request: PortalRequest, request_id: str = "") -> HttpResponse:
    """Which rule refused the request of an id, and of which application it was."""
    form = RequestIdForm(request.GET if "request_id" in request.GET else {"request_id": request_id})
    wanted = form.cleaned_data["request_id"] if form.is_valid() else ""
    reader = request.user if isinstance(request.user, User) else None
    may_find = reader is not None and (reader.is_developer or reader.answers_for_all)
    found = _found(reader, wanted) if reader and may_find and wanted else []
    told = advice(each.refusal.error for each in found)
    context = {"form": form, "wanted": wanted, "found": found, "may_find": may_find, "advice": told}
    return render(request, "refused_requests.html", context)


def _found(reader: User, request_id: str) -> list[Found]:
    refusals = list(_visible_to(reader, request_id)[:SHOWN])
    applications = queries.by_ids({refusal.application_id for refusal in refusals if refusal.application_id})
    own = access.own_among(reader, applications.values()) if reader.is_developer else set()
    found = []
    for refusal in refusals:
        application = applications.get(refusal.application_id or 0)
        found.append(Found(refusal, application, _address(reader, application, own) if application else ""))
    return found


def _visible_to(reader: User, request_id: str) -> QuerySet[RefusedRequest]:
    refusals = refusals_of_request(request_id)
    if reader.answers_for_all:
        return refusals
    return refusals.filter(application_id__in=access.of_developer(reader).values("pk"))


def _address(reader: User, application: Application, own: set[int]) -> str:
    if application.pk in own:
        return reverse("developer:client", kwargs={"pk": application.pk})
    return reverse("staff:application", kwargs={"pk": application.pk}) if reader.is_operator else ""
