"""The columns of an event, built here for Django's ORM and for the gate's SQL alike; so there is no Django here."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from varco.audit.tags import Tag


class Subject(NamedTuple):
    """Whom an event is about, as text, so that the record outlives them."""

    application_id: int | None = None
    application_name: str = ""
    user: str = ""  # the person's `sub`
    tenant: str = ""  # public id
    user_name: str = ""  # of the person, where they are the actor too


class Actor(NamedTuple):
    """Who did it, from where. Nobody: the system itself."""

    user: str = ""  # the person's `sub`
    name: str = ""
    on_behalf_of: str = ""  # the `sub` of another person
    ip: str = ""
    request_id: str = ""


def event_columns(tag: Tag, at_ms: int, actor: Actor, about: Subject, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of `audit.models.Event` with their values; `detail` as it is, for its engine to encode."""
    return {
        "at": at_ms,
        "tag": tag.value,
        "actor": actor.user,
        "actor_name": actor.name,
        "on_behalf_of": actor.on_behalf_of,
        "application_id": about.application_id,
        "application_name": about.application_name,
        "user": about.user,
        "tenant": about.tenant,
        "ip": actor.ip,
        "request_id": actor.request_id,
        "detail": detail,
    }
