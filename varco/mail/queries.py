"""Reading the outbox."""

from collections.abc import Sequence

from django.db.models import QuerySet

from varco import clock
from varco.mail.models import PURPOSE, Message
from varco.sealed_rows import Part, SealedKind


def _replace(message: Message, sealed: Sequence[bytes]) -> None:
    message.put_sealed(sealed)


SEALED = SealedKind(
    "waiting mail",
    PURPOSE,
    ("sealed_text", "sealed_html"),
    lambda: Message.objects.exclude(sealed_text="", sealed_html=""),
    lambda message: [Part(sealed) for sealed in message.sealed_parts()],
    _replace,
)
"""The words of mail that was not sent yet."""


def newest(to: str = "") -> QuerySet[Message]:
    """All mail, or that to one address, the newest first."""
    found = Message.objects.order_by("-created_at", "-pk")
    return found.filter(to__iexact=to) if to else found


def given_up(seconds: int) -> int:
    """How many mails of the last `seconds` will not be tried again."""
    return Message.objects.filter(sent_at=None, next_try_at=None, created_at__gt=clock.now() - seconds).count()


def waiting(seconds: int) -> int:
    """How many mails wait since longer than `seconds`, and nobody has tried to send them."""
    return Message.objects.filter(sent_at=None, tries=0, next_try_at__lt=clock.now() - seconds).count()
