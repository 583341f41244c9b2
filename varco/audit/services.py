"""Recording audited acts, inside the transaction of the act itself."""

import logging
from dataclasses import dataclass
from typing import Any, Protocol

from varco import clock
from varco.accounts.models import User
from varco.audit.event import Subject, event_columns
from varco.audit.models import ChainHead, Event, RefusedRequest
from varco.audit.tags import Tag
from varco.compiled import Added
from varco.protocol.errors import OAuthError
from varco.protocol.refusal_log import KEPT_A_MINUTE, RefusalRow, flood, refused

REFUSALS_KEPT = 30 * 86400
"""Seconds that a refused request is kept (S33)."""

_log = logging.getLogger("varco.refusals")


@dataclass(frozen=True, slots=True)
class MachineUser:
    """An account of the operating system. No `sub` begins as its `actor` does."""

    uid: int
    name: str

    @property
    def actor(self) -> str:
        """What the record keeps in the place of a `sub`."""
        return f"os:{self.uid}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from: the person, the address and the request. `Origin()` is the system itself.

    `machine` is who acted on the machine itself, by a command: an account of its operating system. `policy` names the rule of
    the vendor's that decided; who caused it is in an event before. `through` is the `client_id` of the program that acted in the
    person's name.
    """

    actor: User | None = None
    ip: str = ""
    request_id: str = ""
    machine: MachineUser | None = None
    policy: str = ""
    through: str = ""


class HasName(Protocol):
    """What an event keeps of an application."""

    @property
    def pk(self) -> int:
        """Key of its row."""

    @property
    def name(self) -> str:
        """What people call it."""


class HasPublicId(Protocol):
    """What an event keeps of a tenant."""

    @property
    def public_id(self) -> str:
        """Its public id."""


def record(
    tag: Tag,
    origin: Origin,
    *,
    application: HasName | None = None,
    user: User | None = None,
    tenant: HasPublicId | None = None,
    on_behalf_of: User | None = None,
    **detail: Any,
) -> None:
    """Add one event. Call it in the transaction of the act, so that neither stands without the other."""
    about = Subject(
        application_id=application.pk if application else None,
        application_name=application.name if application else "",
        user=user.public_id if user else "",
        tenant=tenant.public_id if tenant else "",
    )
    actor, actor_name = _actor(origin)
    columns = event_columns(
        tag,
        clock.now_ms(),
        about,
        actor=actor,
        actor_name=actor_name,
        on_behalf_of=on_behalf_of.public_id if on_behalf_of else "",
        ip=origin.ip,
        request_id=origin.request_id,
        detail=detail | ({"through": origin.through} if origin.through else {}),
    )
    _ADDED(Event(**columns))


_ADDED = Added(Event)


def _actor(origin: Origin) -> tuple[str, str]:
    """Who acted, as the record keeps them: `sub` and name, or the account of the operating system."""
    if origin.actor:
        return origin.actor.public_id, origin.actor.name
    if origin.machine:
        return origin.machine.actor, origin.machine.name
    if origin.policy:
        return f"policy:{origin.policy}", ""
    return "", ""


def record_refusal(error: OAuthError, *, endpoint: str, request_id: str, application_id: int | None = None) -> None:
    """Record a refused request for the developers of the application (S33)."""
    record_refusal_row(refused(error), endpoint=endpoint, request_id=request_id, application_id=application_id)


def record_refusal_row(row: RefusalRow, *, endpoint: str, request_id: str, application_id: int | None = None) -> None:
    """Record a row of the log of refused requests.

    Under a flood the log loses what goes over `KEPT_A_MINUTE` and says so in a row of its own.
    """
    _log.info("refused", extra={"request_id": request_id, "endpoint": endpoint, "error": row.error, "rule": row.rule})
    now = clock.now_ms()
    recent = RefusedRequest.objects.filter(application_id=application_id, at__gt=now - 60_000).count()
    if recent > KEPT_A_MINUTE:
        return
    if recent == KEPT_A_MINUTE:
        row = flood()
    RefusedRequest.objects.create(
        at=now, request_id=request_id, endpoint=endpoint, application_id=application_id, **row._asdict()
    )


def sweep() -> int:
    """Delete refused requests that are older than the developer's log keeps them, and return how many (S33)."""
    return RefusedRequest.objects.filter(at__lt=clock.now_ms() - REFUSALS_KEPT * 1000).delete()[0]


def keep_head(head: ChainHead) -> None:
    """Keep a signed head."""
    head.save(force_insert=True)


def remove_heads(stream: str, after: int) -> int:
    """Remove the heads of a stream that stand after a place; for a database that was restored to before it reached them."""
    return ChainHead.objects.filter(stream=stream, seq__gt=after).delete()[0]
