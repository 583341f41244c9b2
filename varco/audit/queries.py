"""Reading the record: what was done to a thing, and what was refused to an application."""

from collections.abc import Collection

from django.db.models import QuerySet

from varco.audit.models import Event, RefusedRequest
from varco.audit.tags import Tag


def events_of_application(application_id: int, tags: Collection[Tag]) -> QuerySet[Event]:
    """The events of an application with one of the tags, the newest first.

    The tags are asked for one by one because some events of an application name its users, whom a developer may not see.
    """
    return Event.objects.filter(application_id=application_id, tag__in=tags).order_by("-at", "-pk")


def refusals_of_application(application_id: int) -> QuerySet[RefusedRequest]:
    """What was refused to an application, the newest first (S33)."""
    return RefusedRequest.objects.filter(application_id=application_id).order_by("-at", "-pk")
