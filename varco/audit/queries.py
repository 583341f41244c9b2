"""Reading the record: what was done to a thing, and what was refused to an application."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q, QuerySet

from varco.audit.models import Event, RefusedRequest
from varco.audit.tags import DATA, Tag


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


OF_CLINICAL_DATA = ("patient.", "patients.")
"""How the tags begin of what was read and written of a clinic's patients: that is the clinic's to read, not the vendor's."""

PLATFORM_TAGS = tuple(tag for tag in Tag if not tag.value.startswith(OF_CLINICAL_DATA))
"""What operators may search for."""


class EventSearch(NamedTuple):
    """What is looked for; empty: anything. `between` in epoch milliseconds, end excluded."""

    person: str = ""  # a `sub`, or the account of the operating system, as the record keeps it
    tag: Tag | None = None
    tenant: str = ""  # public id
    application_id: int | None = None
    between: tuple[int | None, int | None] = (None, None)


def search_events(wanted: EventSearch, before: tuple[int, int] | None, limit: int) -> list[Event]:
    """The newest `limit` events of the platform that fit and are older than `before` (`at` and key of an event).

    Never counts and never skips, so the last page costs what the first one does. A person is looked for as who acted and as
    whom it was done to, each by an index of its own.
    """
    found = Event.objects.filter(tag=wanted.tag) if wanted.tag else Event.objects.filter(tag__in=PLATFORM_TAGS)
    since, until = wanted.between
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    if wanted.tenant:
        found = found.filter(tenant=wanted.tenant)
    if wanted.application_id is not None:
        found = found.filter(application_id=wanted.application_id)
    if before:
        at, pk = before
        found = found.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk), at__lte=at)
    found = found.order_by("-at", "-pk")
    if not wanted.person:
        return list(found[:limit])
    both = {event.pk: event for event in found.filter(actor=wanted.person)[:limit]}
    both |= {event.pk: event for event in found.filter(user=wanted.person)[:limit]}
    return sorted(both.values(), key=lambda event: (event.at, event.pk), reverse=True)[:limit]


def of_person_at(user: str, tenant: str, tags: Collection[Tag], limit: int) -> list[Event]:
    """The newest events about somebody (a `sub`) at a clinic with one of the tags."""
    found = Event.objects.filter(user=user, tenant=tenant, tag__in=tags)
    return list(found.order_by("-at", "-pk")[:limit])


class Operations(NamedTuple):
    """What one person did through one application: which operation how often, first and last (epoch milliseconds)."""

    application_id: int | None
    application_name: str
    tag: str
    count: int
    first_ms: int
    last_ms: int


def operations_of_person(subject: str, tenant: str, since_ms: int) -> list[Operations]:
    """What a person (`sub`) did with a clinic's data since a moment, by application and operation; never what they saw."""
    acts = Event.objects.filter(actor=subject, tenant=tenant, at__gte=since_ms, tag__in=DATA)
    rows = acts.values_list("application_id", "application_name", "tag").order_by("application_name", "tag")
    return [Operations(*row) for row in rows.annotate(Count("pk"), Min("at"), Max("at"))]


def last_act_of(subject: str) -> int | None:
    """When a person (`sub`) last did anything, by themselves or through an application (epoch milliseconds)."""
    return Event.objects.filter(actor=subject).order_by("-at").values_list("at", flat=True).first()
