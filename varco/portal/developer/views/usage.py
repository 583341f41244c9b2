"""What an application did in the last 30 days: the figures, drawn and in tables."""

from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.portal.common.operation_words import OPERATIONS
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import own_application
from varco.usage import queries
from varco.usage.queries import Usage


@page(DEVELOPER, "GET")
def usage(request: SignedInRequest, pk: int) -> HttpResponse:
    """Authorizations, tokens, calls and errors by day, calls by operation, errors by address, answers by status."""
    application = own_application(request, pk)
    if not application.client_id:
        raise Http404
    found = queries.usage(application.pk)
    return render(
        request,
        "developer/usage.html",
        {
            "application": application,
            "usage": found,
            "charts": _charts(found),
            "operations": [(OPERATIONS.get(tag, tag), number) for tag, number in found.operations],
            "statuses": [(status, _phrase(status), number) for status, number in found.statuses],
        },
    )


def _charts(found: Usage) -> list[dict[str, object]]:
    """The bars of each figure of which there is something, under what it is and how many there were on the day with most."""
    names = [date_format(day.date, "MONTH_DAY_FORMAT") for day in found.days]
    charts: list[dict[str, object]] = []
    for figure, title in _TITLES.items():
        numbers = [getattr(day, figure) for day in found.days]
        if any(numbers):
            told = _("%(figure)s, %(first)s to %(last)s: at most %(most)d a day")
            facts = {"figure": title, "first": names[0], "last": names[-1], "most": max(numbers)}
            charts.append({"title": told % facts, "points": list(zip(names, numbers, strict=True))})
    return charts


_TITLES: dict[str, Promise] = {
    "calls": gettext_lazy("Calls"),
    "errors": gettext_lazy("Errors"),
    "tokens": gettext_lazy("Tokens"),
    "authorizations": gettext_lazy("Authorizations"),
}


def _phrase(status: int) -> str:
    """The name of a status (RFC 9110 §15); empty for one that has none, and for success, which stands for several."""
    try:
        return "" if status == HTTPStatus.OK else HTTPStatus(status).phrase
    except ValueError:
        return ""
