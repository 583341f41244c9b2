"""Reading the record: what was done to a thing, and what was refused to an application."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from varco.audit.models import ChainHead, Event, EventChain, RefusedRequest
from varco.audit.tags import Tag
from varco.chains.kinds import ChainedKind

CHUNK = 2000
"""Events read at once where all are wanted."""


def events_of_application(application_id: int, tags: Collection[Tag]) -> QuerySet[Event]:
    """The events of an application with one of the tags, the newest first.

    The tags are asked for one by one because some events of an application name its users, whom a developer may not see.
    """
    return Event.objects.filter(application_id=application_id, tag__in=tags).order_by("-at", "-pk")


def refusals_of_application(application_id: int) -> QuerySet[RefusedRequest]:
    """What was refused to an application, the newest first (S33)."""
    return RefusedRequest.objects.filter(application_id=application_id).order_by("-at", "-pk")


def search_refusals(
    application_id: int, words: str = "", between: tuple[int, int] | None = None
) -> QuerySet[RefusedRequest]:
    """Refusals of an application by their request id, error code or path, and by time (epoch milliseconds, end excluded).

    A part of the path or the code will do; an application keeps so few that looking through them costs nothing.
    """
    found = refusals_of_application(application_id)
    if words:
        found = found.filter(Q(request_id=words) | Q(error__icontains=words) | Q(endpoint__icontains=words))
    if between:
        found = found.filter(at__gte=between[0], at__lt=between[1])
    return found


def noted_since(error: str, since_ms: int) -> tuple[int, int]:
    """How many rows of the log have this code since a moment, and when the first of them was (epoch milliseconds; 0 of none)."""
    found = RefusedRequest.objects.filter(at__gt=since_ms, error=error).aggregate(number=Count("pk"), first=Min("at"))
    return found["number"], found["first"] or 0


def refusals_of_request(request_id: str) -> QuerySet[RefusedRequest]:
    """What was refused to one request, of whatever application; for operators."""
    return RefusedRequest.objects.filter(request_id=request_id).order_by("at", "pk")


EVENT_COLUMNS = (
    "at", "tag", "actor", "actor_name", "on_behalf_of", "application_id", "application_name", "user", "tenant", "ip",
    "request_id", "detail", "event_id",
)  # fmt: skip
"""What the digests of events speak of."""

EVENTS = ChainedKind(
    alias="default",
    prefix="platform",
    records=Event.objects.all,
    states=EventChain.objects.all,
    columns=EVENT_COLUMNS,
)
"""Events as one chain."""


def heads(stream: str = "") -> QuerySet[ChainHead]:
    """Every signed head, or those of one stream, from the first place on."""
    found = ChainHead.objects.order_by("stream", "seq", "pk")
    return found.filter(stream=stream) if stream else found


def streams_signed(since: int) -> set[str]:
    """The streams that were signed since a moment (epoch seconds)."""
    return set(ChainHead.objects.filter(at__gte=since).values_list("stream", flat=True))


def last_signed(streams: Collection[str]) -> dict[str, int]:
    """The last signed place of each of some streams."""
    found = ChainHead.objects.filter(stream__in=streams).values("stream").annotate(last=Max("seq"))
    return {row["stream"]: row["last"] for row in found}


def events_in_parts(
    column: str, value: str | int, since: int, until: int, *, without: str = ""
) -> Iterator[tuple[Any, ...]]:
    """Events with a value in one of the indexed columns, from a moment on and before another (epoch ms), oldest first, read in parts.

    As values of key, place, digest and `EVENT_COLUMNS`. `without`: nothing that this person did, where that is told already.
    """
    at, pk = since, 0
    while True:
        later = Q(at__gt=at) | Q(at=at, pk__gt=pk)
        rows = Event.objects.filter(later, at__gte=at, at__lt=until, **{column: value}).order_by("at", "pk")
        if without:
            rows = rows.exclude(actor=without)
        part = list(rows.values_list("pk", "seq", "digest", *EVENT_COLUMNS)[:CHUNK])
        yield from part
        if len(part) < CHUNK:
            return
        at, pk = part[-1][3], part[-1][0]


def acts_on_person(person: str, tags: Collection[Tag]) -> QuerySet[Event]:
    """What was done to somebody (`sub`), with one of the tags, the oldest first."""
    return Event.objects.filter(user=person, tag__in=tags).order_by("at", "pk")
