"""Reading the record: what was done to a thing, and what was refused to an application."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

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


def done_since(actor: str, tag: Tag, since_ms: int) -> int:
    """How often somebody, by their `sub`, did a thing since a moment (epoch milliseconds)."""
    return Event.objects.filter(actor=actor, tag=tag, at__gt=since_ms).count()


def events_of_person(subject: str) -> QuerySet[Event]:
    """What a person did and what was done to them, by their `sub`, the oldest first."""
    return Event.objects.filter(Q(actor=subject) | Q(user=subject)).order_by("at", "pk")


def refusals_of_application(application_id: int) -> QuerySet[RefusedRequest]:
    """What was refused to an application, the newest first (S33)."""
    return RefusedRequest.objects.filter(application_id=application_id).order_by("-at", "-pk")


def every_event() -> QuerySet[Event]:
    """All events, for what counts them."""
    return Event.objects.all()


def every_refusal() -> QuerySet[RefusedRequest]:
    """All of the log of refused requests, for what counts it."""
    return RefusedRequest.objects.all()


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


def refused_since(applications: QuerySet[Any, Any], since_ms: int, limit: int) -> list[tuple[int, int]]:
    """The applications (a query of their keys) of which most was refused since a moment (epoch milliseconds): key and how often."""
    found = RefusedRequest.objects.filter(application_id__in=applications, at__gte=since_ms).order_by()
    counted = found.values_list("application_id").annotate(number=Count("pk")).order_by("-number", "application_id")
    return [(key, number) for key, number in counted[:limit] if key is not None]


def noted_since(error: str, since_ms: int) -> tuple[int, int]:
    """How many rows of the log have this code since a moment, and when the first of them was (epoch milliseconds; 0 of none)."""
    found = RefusedRequest.objects.filter(at__gt=since_ms, error=error).aggregate(number=Count("pk"), first=Min("at"))
    return found["number"], found["first"] or 0


def refusals_of_request(request_id: str) -> QuerySet[RefusedRequest]:
    """What was refused to one request, of whatever application; for operators."""
    return RefusedRequest.objects.filter(request_id=request_id).order_by("at", "pk")


OF_CLINICAL_DATA = ("patient.", "patients.", "log.")
"""How the tags begin of what was read and written of a clinic's patients, and of what a clinic looked for among its own records.

That is the clinic's to read, not the vendor's.
"""

PLATFORM_TAGS = tuple(tag for tag in Tag if not tag.value.startswith(OF_CLINICAL_DATA))
"""What operators may search for."""


class EventSearch(NamedTuple):
    """What is looked for; empty: anything. `between` in epoch milliseconds, end excluded."""

    person: str = ""  # a `sub`, or the account of the operating system, as the record keeps it
    tag: Tag | None = None
    tenant: str = ""  # public id
    application_id: int | None = None
    between: tuple[int | None, int | None] = (None, None)


SCANNED = (200, 5_000)
"""Events that one search looks at: first so many, and where too few of them fit so many at most.

One that finds little ends there, and is gone on with from where it ended.
"""

_LOOKED_AT = ("pk", "at", "tag", "tenant", "application_id")
Position = tuple[int, int]
"""Where a search stands: `at` and key of the last event looked at."""


class FoundEvents(NamedTuple):
    """What was found, the newest first; `older` is where to go on, None at the end."""

    events: list[Event]
    older: Position | None


def search_events(wanted: EventSearch, before: Position | None, limit: int) -> FoundEvents:
    """The newest `limit` events of the platform that fit and are older than `before`.

    What narrows most is looked for by its index, newest first, and the rest compared: so no search looks at more rows than
    `SCANNED` says, however many there are. A person is who acted as well as whom it was done to.
    """
    fitting: list[Position] = []
    older = before
    for most in SCANNED:
        rows, older = _candidates(wanted, before, most)
        fitting = [(at, pk) for pk, at, *rest in rows if _fits(wanted, *rest)]
        if older is None or len(fitting) > limit:
            break
    if len(fitting) > limit:
        fitting = fitting[:limit]
        older = fitting[-1]
    events = Event.objects.in_bulk([pk for _at, pk in fitting])
    return FoundEvents([events[pk] for _at, pk in fitting if pk in events], older)


def _fits(wanted: EventSearch, tag: str, tenant: str, application_id: int | None) -> bool:
    return (
        not tag.startswith(OF_CLINICAL_DATA)
        and (wanted.tag is None or tag == wanted.tag)
        and (not wanted.tenant or tenant == wanted.tenant)
        and (wanted.application_id is None or application_id == wanted.application_id)
    )


def _candidates(
    wanted: EventSearch, before: Position | None, most: int
) -> tuple[list[tuple[Any, ...]], Position | None]:
    """At most so many events by the narrowest index, the newest first, and where they end unless they are all."""
    rows = Event.objects.all()
    since, until = wanted.between
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    if before:
        at, pk = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk), at__lte=at)
    rows = rows.order_by("-at", "-pk")
    if not wanted.person:
        found = list(_narrowest(wanted, rows).values_list(*_LOOKED_AT)[:most])
        return found, _end(found, most)
    as_actor, as_subject = (
        list(rows.filter(**{column: wanted.person}).values_list(*_LOOKED_AT)[:most]) for column in ("actor", "user")
    )
    ends = [end for end in (_end(as_actor, most), _end(as_subject, most)) if end]
    horizon = max(ends, default=None)
    both = sorted({*as_actor, *as_subject}, key=lambda row: (row[1], row[0]), reverse=True)
    return [row for row in both if horizon is None or (row[1], row[0]) >= horizon], horizon


def _narrowest(wanted: EventSearch, rows: QuerySet[Event]) -> QuerySet[Event]:
    """By what most likely narrows most: an application, a clinic, a tag, or time alone."""
    if wanted.application_id is not None:
        return rows.filter(application_id=wanted.application_id)
    if wanted.tenant:
        return rows.filter(tenant=wanted.tenant)
    return rows.filter(tag=wanted.tag) if wanted.tag else rows


def _end(rows: list[tuple[Any, ...]], most: int) -> Position | None:
    return (rows[-1][1], rows[-1][0]) if len(rows) == most else None


def of_person_at(user: str, tenant: str, tags: Collection[Tag], limit: int) -> list[Event]:
    """The newest events about somebody (a `sub`) at a clinic with one of the tags."""
    found = Event.objects.filter(user=user, tenant=tenant, tag__in=tags)
    return list(found.order_by("-at", "-pk")[:limit])


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


def events_of_tickets(tenant: str, numbers: Collection[int], tags: Collection[Tag]) -> QuerySet[Event]:
    """What was done to some tickets of a clinic (public id), with one of the tags, the oldest first."""
    found = Event.objects.filter(tenant=tenant, tag__in=tags, detail__number__in=list(numbers))
    return found.order_by("at", "pk")


def last_act_of(subject: str) -> int | None:
    """When a person (`sub`) last did anything of weight themselves (epoch milliseconds); calls of programs for them are access records."""
    return Event.objects.filter(actor=subject).order_by("-at").values_list("at", flat=True).first()
