"""What became of an application: its revisions, and its timeline as the pages show it."""

import datetime as dt

import msgspec

from varco.audit.models import Event
from varco.audit.queries import events_of_application
from varco.audit.tags import Tag
from varco.management.errors import not_found
from varco.management.operations import DEVELOPER, Call, operation
from varco.management.paging import page
from varco.management.representations import RevisionDetail, revision_detail
from varco.management.wording import words
from varco.paging import Page
from varco.registry.models import Revision


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One act. `event` is its code, `title` and `text` its words; `actor` is empty where a developer is not told who it was."""

    at: dt.datetime
    event: str
    title: str
    actor: str
    text: str


@operation("GET", role=DEVELOPER)
def list_revisions(call: Call) -> Page[RevisionDetail]:
    """List all revisions of an application, the first one first."""
    return page(call, call.application.revisions.prefetch_related("remarks"), ("number",), _revisions)


@operation("GET", role=DEVELOPER)
def read_revision(call: Call, number: int) -> RevisionDetail:
    """Read one revision with what was decided about it."""
    found = call.application.revisions.filter(number=number).first()
    if found is None:
        raise not_found()
    return revision_detail(found)


@operation("GET", role=DEVELOPER)
def list_history(call: Call) -> Page[HistoryEntry]:
    """List what was done to an application, the oldest first: the `next` of a page leads on to what comes later."""
    told = [tag for tag in Tag if tag in words().timeline_tags]
    return page(call, events_of_application(call.application.pk, told), ("at", "pk"), _entries)


def _revisions(found: list[Revision]) -> list[RevisionDetail]:
    return [revision_detail(revision) for revision in found]


def _entries(events: list[Event]) -> list[HistoryEntry]:
    worded = zip(events, words().events(events), strict=True)
    return [
        HistoryEntry(
            at=dt.datetime.fromtimestamp(event.at // 1000, dt.UTC),
            event=event.tag,
            title=told[0],
            actor=told[1],
            text=told[2],
        )
        for event, told in worded
        if told
    ]
