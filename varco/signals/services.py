"""Setting a stream up, pausing and removing it, and asking for a verification event, as its developer; forgetting what is over.

The application itself does the same with its own credentials at the gate (`varco.gate.oauth.signals`).
"""

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction

from varco import clock, sealing
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.protocol.client import AuthMethod
from varco.protocol.fault import Fault
from varco.protocol.signals import events
from varco.protocol.signals.events import Kind
from varco.protocol.signals.streams import VERIFICATION_INTERVAL, StreamSettings, is_authorization, is_receivers_address
from varco.registry.errors import Conflict, Faults, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import Role
from varco.registry.models import Application
from varco.registry.services.limits import check_often
from varco.registry.services.locking import lock
from varco.signals import causes
from varco.signals.faults import StreamFault
from varco.signals.models import PURPOSE, Signal, Stream

WAITING = 7 * 86400
"""Seconds an event waits for whoever does not fetch it, or has paused."""

KEPT = 30 * 86400
"""Seconds an event is kept after it was taken or given up."""

OLD = "nobody took it within 7 days"


def may_have(application: Application) -> bool:
    """Whether an application can have a stream: it is in force, and proves who it is (a public client cannot)."""
    live = application.live_revision
    in_force = application.state == Application.State.ACTIVE and live is not None
    return in_force and live is not None and live.token_endpoint_auth_method != AuthMethod.NONE


@transaction.atomic
def save(
    application: Application, wanted: StreamSettings, origin: Origin, *, keep_authorization: bool = False
) -> Stream:
    """Make the stream of an application, or set it anew. Raises `Denied`, `Conflict` where the application can have none, `Invalid`.

    `keep_authorization`: where none is given, what its pushes carry stays as it is, at the same address: whoever sets another
    one may not be who knows it, and would be sent it.
    """
    application = lock(application, origin, side=Role.DEVELOPER).application
    if not may_have(application):
        raise Conflict(ConflictFault.NOT_POSSIBLE)
    _check(wanted)
    stream = _locked(application)
    made = stream is None
    stream = stream or Stream(application=application)
    same = keep_authorization and (stream.method, stream.endpoint_url) == (wanted.method, wanted.endpoint_url)
    stream.method, stream.endpoint_url, stream.description = wanted.method, wanted.endpoint_url, wanted.description
    stream.requested = " ".join(wanted.requested)
    stream.delivered = " ".join(events.delivered(wanted.requested))
    if wanted.authorization:
        stream.sealed_authorization = sealing.seal(
            settings.MASTER_KEYS, PURPOSE, wanted.authorization.encode(), stream.public_id.encode()
        )
    elif not same:
        stream.sealed_authorization = b""
    try:
        with transaction.atomic():
            stream.save()
    except IntegrityError:  # the application has made one at this moment
        raise Conflict(ConflictFault.STALE) from None
    tag = Tag.STREAM_CREATED if made else Tag.STREAM_CHANGED
    record(
        tag, origin, application=application, stream=stream.public_id, method=stream.method, address=stream.endpoint_url
    )
    return stream


def _check(wanted: StreamSettings) -> None:
    found: Faults = {}
    if not events.delivered(wanted.requested):
        found["events"] = [Fault(StreamFault.NO_EVENTS)]
    if wanted.method == Stream.Method.PUSH and not is_receivers_address(wanted.endpoint_url):
        found["endpoint_url"] = [Fault(StreamFault.ADDRESS)]
    if not is_authorization(wanted.authorization):
        found["authorization"] = [Fault(StreamFault.AUTHORIZATION)]
    if found:
        raise Invalid(found)


@transaction.atomic
def set_status(application: Application, status: str, origin: Origin) -> None:
    """Pause a stream or let it go on; its receiver is told by an event of its own (SSF §8.1.5). Raises `Denied` and `Conflict`."""
    lock(application, origin, side=Role.DEVELOPER)
    stream = _locked(application)
    if stream is None or stream.status == status:
        raise Conflict(ConflictFault.STALE)
    check_often(Tag.STREAM_CHANGED, origin)
    stream.status, stream.status_reason = status, ""
    stream.save(update_fields=["status", "status_reason"])
    detail = msgspec.json.encode({"status": status}).decode()
    causes.signal(stream, Kind.STREAM_UPDATED, origin, detail=detail).save()
    record(Tag.STREAM_CHANGED, origin, application=application, stream=stream.public_id, status=status)


@transaction.atomic
def verify(application: Application, origin: Origin) -> None:
    """Send a verification event (SSF §8.1.4). Raises `Denied`, and `Conflict` without a stream or as often as the gate would refuse."""
    lock(application, origin, side=Role.DEVELOPER)
    stream = _locked(application)
    if stream is None:
        raise Conflict(ConflictFault.STALE)
    if stream.status == Stream.State.DISABLED:  # it holds nothing for later
        raise Conflict(ConflictFault.NOT_POSSIBLE)
    if stream.verified_at > clock.now() - VERIFICATION_INTERVAL:
        raise Conflict(ConflictFault.VERIFIED_JUST_NOW, seconds=VERIFICATION_INTERVAL)
    stream.verified_at = clock.now()
    stream.save(update_fields=["verified_at"])
    causes.signal(stream, Kind.VERIFICATION, origin).save()


@transaction.atomic
def remove(application: Application, origin: Origin) -> None:
    """Remove a stream with all that waits in it. Raises `Denied`, and `Conflict` without one."""
    lock(application, origin, side=Role.DEVELOPER)
    stream = _locked(application)
    if stream is None:
        raise Conflict(ConflictFault.STALE)
    waiting = stream.signals.exclude(next_try_at=None).count()
    stream.delete()
    record(Tag.STREAM_REMOVED, origin, application=application, stream=stream.public_id, waiting=waiting)


def sweep() -> int:
    """Give up what waits too long, and forget what is over long ago; how many events are gone."""
    now = clock.now()
    old = Signal.objects.filter(next_try_at__isnull=False, created_at__lte=now - WAITING)
    old.update(next_try_at=None, last_error=OLD)
    gone, _ = Signal.objects.filter(next_try_at=None, created_at__lte=now - KEPT).delete()
    return gone


def _locked(application: Application) -> Stream | None:
    return Stream.objects.select_for_update().filter(application=application).first()
