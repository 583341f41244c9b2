"""Writing events, in the transaction of what caused them: for streams of applications in force, of the kinds they asked for."""

import secrets
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from varco.audit.services import Origin
from varco.protocol.signals.events import Kind
from varco.registry.models import Application
from varco.signals.models import Signal, Stream


class About(NamedTuple):
    """What one application is to be told: of a person as its tokens name them, and of one session or all."""

    application_id: int
    sub: str
    sid: str = ""
    detail: dict[str, object] | None = None


def tell(kind: Kind, told: Iterable[About], origin: Origin) -> int:
    """Let the events wait for whoever has a stream; how many there are."""
    facts = list(dict.fromkeys(_hashable(item) for item in told))
    streams = listening({item.application_id for item, _ in facts}, kind) if facts else {}
    signals = [
        signal(streams[item.application_id], kind, origin, sub=item.sub, sid=item.sid, detail=detail)
        for item, detail in facts
        if item.application_id in streams
    ]
    Signal.objects.bulk_create(signals)
    return len(signals)


def listening(applications: Iterable[int], kind: Kind) -> dict[int, Stream]:
    """The streams, by application, of those that are to hear of a kind of event: in force, and not switched off."""
    found = Stream.objects.filter(application_id__in=set(applications), application__state=Application.State.ACTIVE)
    found = found.exclude(status=Stream.State.DISABLED).exclude(application__live_revision=None)
    return {stream.application_id: stream for stream in found if kind in stream.delivered.split()}


def signal(stream: Stream, kind: Kind, origin: Origin, *, sub: str = "", sid: str = "", detail: str = "{}") -> Signal:
    """An event of a stream, not written yet."""
    txn = origin.request_id or secrets.token_hex(8)
    return Signal(stream=stream, jti=secrets.token_hex(16), kind=kind, sub=sub, sid=sid, detail=detail, txn=txn)


def entity(origin: Origin, sub: str) -> dict[str, object]:
    """Who caused it, as CAEP tells it (§2): the person, somebody who may, a rule, or the system."""
    if origin.actor is not None:
        return {"initiating_entity": "user" if origin.actor.public_id == sub else "admin"}
    if origin.machine is not None:
        return {"initiating_entity": "admin"}
    return {"initiating_entity": "policy" if origin.policy else "system"}


def _hashable(item: About) -> tuple[About, str]:
    return item._replace(detail=None), msgspec.json.encode(item.detail or {}).decode()
