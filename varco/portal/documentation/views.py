"""Reading the documentation, looking for words in it, and finding what an error code means. It is in English."""

from typing import TypeVar

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from varco.documentation import errors, pages
from varco.documentation.searching import MOST, search
from varco.portal.common.listing import words_of
from varco.portal.common.page import ANYONE, page
from varco.portal.common.request import PortalRequest
from varco.portal.documentation.samples import CLIENT_ID, applications_of, filled

_KEPT = "public, max-age=86400"
_Found = TypeVar("_Found")


@page(ANYONE, "GET")
def index(request: PortalRequest) -> HttpResponse:
    """The pages by whom they are for; or the sections that a search finds."""
    words = words_of(request)
    found = search(words) if words else []
    context = {"groups": pages.index(), "words": words, "found": found, "most": MOST}
    return render(request, "documentation/index.html", context)


@page(ANYONE, "GET")
def document(request: PortalRequest, name: str) -> HttpResponse:
    """One page, its samples with what the reader's own application is called."""
    found = _there(pages.document(name))
    applications = applications_of(request) if CLIENT_ID in found.html else ()
    chosen = next((each for each in applications if each.client_id == request.GET.get("client_id")), None)
    if chosen is None and applications:
        chosen = applications[0]
    context = {
        "document": found,
        "applications": applications,
        "chosen": chosen,
        "content": mark_safe(filled(found.html, chosen)),  # noqa: S308 - our own pages, and an escaped client_id
    }
    return render(request, "documentation/page.html", context)


@page(ANYONE, "GET")
def as_markdown(_request: PortalRequest, name: str) -> HttpResponse:
    """The same as its author wrote it."""
    found = _there(pages.document(name))
    return HttpResponse(found.source, content_type="text/markdown; charset=utf-8")


@page(ANYONE, "GET")
def error(request: PortalRequest, code: str) -> HttpResponse:
    """What one error code means, and who can fix it."""
    found = _there(errors.meanings().get(code))
    meanings = [
        {"where": each.where, "status": each.status, "text": mark_safe(each.html)}  # noqa: S308 - of our own page
        for each in found
    ]
    return render(request, "documentation/error.html", {"code": code, "meanings": meanings})


@page(ANYONE, "GET")
def picture(_request: PortalRequest, name: str) -> HttpResponse:
    """A picture of a page."""
    found = _there(pages.image(name))
    return HttpResponse(found, content_type="image/png", headers={"Cache-Control": _KEPT})


@page(ANYONE, "GET")
def attached(_request: PortalRequest, name: str) -> HttpResponse:
    """A file that pages lead to, such as one to copy, as text."""
    found = _there(pages.attachment(name))
    return HttpResponse(found, content_type="text/plain; charset=utf-8")


def _there(found: _Found | None) -> _Found:
    """What was found. Raises `Http404` for nothing."""
    if found is None:
        raise Http404
    return found
