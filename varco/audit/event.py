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


def event_columns(
    tag: Tag,
    at_ms: int,
    about: Subject,
    *,
    actor: str,
    actor_name: str,
    ip: str,
    request_id: str,
    detail: Mapping[str, Any] | str,
    on_behalf_of: str = "",
) -> dict[str, Any]:
    """Columns of `audit.models.Event` with their values. `actor` and `on_behalf_of` are a `sub`; empty: the system itself.

    `detail` is as its writer needs it: the gate has it as JSON text.
    """
    return {
        "at": at_ms,
        "tag": tag.value,
        "actor": actor,
        "actor_name": actor_name,
        "on_behalf_of": on_behalf_of,
        "application_id": about.application_id,
        "application_name": about.application_name,
        "user": about.user,
        "tenant": about.tenant,
        "ip": ip,
        "request_id": request_id,
        "detail": detail,
    }
