"""Reading streams and what waits in them."""

from collections.abc import Sequence

from django.db.models import QuerySet

from varco.registry.models import Application
from varco.sealed_rows import Part, SealedKind
from varco.signals.models import PURPOSE, Signal, Stream


def stream_of(application: Application) -> Stream | None:
    """The stream of an application."""
    return Stream.objects.filter(application=application).first()


def waiting(stream: Stream) -> int:
    """How many events wait to be sent or fetched."""
    return stream.signals.exclude(next_try_at=None).count()


def latest(stream: Stream) -> QuerySet[Signal]:
    """The events of a stream, the newest first."""
    return stream.signals.order_by("-pk")


def pushes() -> QuerySet[Signal]:
    """The events of every stream that we send them to, but for those that are paused."""
    return Signal.objects.filter(stream__method=Stream.Method.PUSH, stream__status=Stream.State.ENABLED)


def _replace(stream: Stream, sealed: Sequence[bytes]) -> None:
    (stream.sealed_authorization,) = sealed


SEALED = SealedKind(
    "signal streams",
    PURPOSE,
    ("sealed_authorization",),
    lambda: Stream.objects.exclude(sealed_authorization=b""),
    lambda stream: [Part(bytes(stream.sealed_authorization), stream.public_id.encode())],
    _replace,
)
"""What pushes carry in their `Authorization`."""
