"""The changelog of the API for developers: a page, and feeds of it in Atom (RFC 4287) and JSON Feed 1.1.

Feeds are in English, or in Italian with `?language=it`: whoever reads a feed is a program, which sends no cookie and is not to be
answered by what language its user happens to have. Addresses come from the settings, never from what a request says of itself.
"""

import datetime as dt
import json
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import get_language, gettext, gettext_lazy

from varco import catalog
from varco.catalog import LANGUAGES, Change, Deprecation
from varco.portal.common.page import ANYONE, page
from varco.portal.common.request import PortalRequest

KINDS: dict[str, tuple[str, Promise]] = {
    "added": ("success", gettext_lazy("Added")),
    "changed": ("info", gettext_lazy("Changed")),
    "deprecated": ("waiting", gettext_lazy("Deprecated")),
    "removed": ("danger", gettext_lazy("Removed")),
    "fixed": ("neutral", gettext_lazy("Fixed")),
}
"""The chip and the word of each kind of change."""

NEWEST = 50
"""Entries in a feed."""

_KEPT = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class Entry:
    """A change in the reader's language; operations come with the deprecation that leads to it, if there is one."""

    id: str
    date: dt.date
    chip: str
    kind: str
    title: str
    text: str
    operations: tuple[tuple[str, Deprecation | None], ...]

    @property
    def address(self) -> str:
        """Where people read it, absolute."""
        return f"{_absolute('documentation:changes')}#{self.id}"

    @property
    def moment(self) -> dt.datetime:
        """The beginning of its day (UTC), for what knows no days."""
        return dt.datetime.combine(self.date, dt.time(tzinfo=dt.UTC))

    @property
    def whole_text(self) -> str:
        """What a feed says of it: the text, what it touches, and when something ends."""
        lines = [self.text]
        if self.operations:
            lines.append(", ".join(operation for operation, _deprecation in self.operations))
        lines += [_ending(operation, item.sunset) for operation, item in self.operations if item and item.sunset]
        return "\n\n".join(lines)


def entries() -> list[Entry]:
    """Every change, the newest first, in the language in force."""
    known, language = catalog.current(), get_language() or LANGUAGES[0]
    return [_entry(change, known, language) for change in known.changes.values()]


def _entry(change: Change, known: catalog.Catalog, language: str) -> Entry:
    chip, kind = KINDS[change.kind]
    found = ((operation, known.deprecations.get(operation)) for operation in change.operations)
    return Entry(
        id=change.id,
        date=change.date,
        chip=chip,
        kind=str(kind),
        title=change.title.in_language(language),
        text=change.text.in_language(language),
        operations=tuple((operation, item if item and item.change == change.id else None) for operation, item in found),
    )


def _ending(operation: str, sunset: dt.date) -> str:
    return gettext("%(operation)s may cease to answer on %(day)s.") % {
        "operation": operation,
        "day": formats.date_format(sunset, "DATE_FORMAT"),
    }


@page(ANYONE, "GET")
def changes(request: PortalRequest) -> HttpResponse:
    """All changes, each under an anchor that headers and feeds lead to."""
    context = {
        "entries": entries(),
        "atom": _absolute("documentation:atom", get_language()),
        "json_feed": _absolute("documentation:json_feed", get_language()),
    }
    return render(request, "documentation/changes.html", context)


@page(ANYONE, "GET")
def atom(request: PortalRequest) -> HttpResponse:
    """The newest changes as Atom."""
    language = _language(request)
    with translation.override(language):
        feed = Atom1Feed(
            title=_title(),
            link=_absolute("documentation:changes"),
            description="",
            subtitle=_about(),
            language=language,
            author_name=settings.VARCO.vendor,
            feed_url=_absolute("documentation:atom", language),
        )
        for entry in entries()[:NEWEST]:
            feed.add_item(
                title=entry.title,
                link=entry.address,
                description=escape(entry.whole_text).replace("\n\n", "<br><br>"),
                unique_id=entry.address,
                pubdate=entry.moment,
                updateddate=entry.moment,
                categories=(entry.kind,),
            )
        return _feed(feed.writeString("utf-8"), "application/atom+xml; charset=utf-8")


@page(ANYONE, "GET")
def json_feed(request: PortalRequest) -> HttpResponse:
    """The newest changes as JSON Feed."""
    language = _language(request)
    with translation.override(language):
        items = [
            {
                "id": entry.address,
                "url": entry.address,
                "title": entry.title,
                "content_text": entry.whole_text,
                "date_published": entry.moment.isoformat(),
                "tags": [entry.kind],
            }
            for entry in entries()[:NEWEST]
        ]
        content = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": _title(),
            "description": _about(),
            "home_page_url": _absolute("documentation:changes"),
            "feed_url": _absolute("documentation:json_feed", language),
            "language": language,
            "authors": [{"name": settings.VARCO.vendor}],
            "items": items,
        }
    return _feed(json.dumps(content, ensure_ascii=False), "application/feed+json; charset=utf-8")


def _feed(content: str, content_type: str) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Cache-Control": _KEPT})


def _title() -> str:
    return gettext("Changes to the API of %(vendor)s") % {"vendor": settings.VARCO.vendor}


def _about() -> str:
    return gettext("What was added, changed, deprecated and removed, for those who write software for it.")


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def _absolute(name: str, language: str | None = None) -> str:
    query = f"?language={language}" if language in LANGUAGES[1:] else ""
    return f"{settings.VARCO.issuer}{reverse(name)}{query}"
