"""Reading the outbox."""

from collections.abc import Sequence

from django.db.models import QuerySet

from varco import clock
from varco.mail.models import PURPOSE, Message
from varco.mail.services import KEPT
from varco.mail.worker import LEASE
from varco.sealed_rows import Part, SealedKind

STATES = ("waiting", "failed", "given_up", "sent")
"""What may have become of a mail: nobody tried yet, tried and to be tried again, not to be tried again, sent."""


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


def state(message: Message) -> str:
    """One of `STATES`."""
    if message.sent_at is not None:
        return "sent"
    if message.next_try_at is None:
        return "given_up"
    return "failed" if message.tries else "waiting"


def search(to: str = "", wanted: str = "") -> QuerySet[Message]:
    """Mail whose address has a part, and in one of `STATES`, the newest first."""
    found = Message.objects.order_by("-created_at", "-pk")
    if to:
        found = found.filter(to__icontains=to)
    match wanted:
        case "sent":
            return found.exclude(sent_at=None)
        case "given_up":
            return found.filter(sent_at=None, next_try_at=None)
        case "failed":
            return found.filter(sent_at=None, next_try_at__isnull=False, tries__gt=0)
        case "waiting":
            return found.filter(sent_at=None, next_try_at__isnull=False, tries=0)
    return found


def by_id(pk: int) -> Message | None:
    """One mail."""
    return Message.objects.filter(pk=pk).first()


def may_retry(message: Message) -> bool:
    """Whether it makes sense to have it tried now: it was not sent, has words, and no worker may have it in hand."""
    if message.sent_at is not None or not message.sealed_text or message.created_at < clock.now() - KEPT:
        return False
    return message.next_try_at is None or message.next_try_at > clock.now() + LEASE


def given_up(seconds: int) -> int:
    """How many mails of the last `seconds` will not be tried again."""
    return Message.objects.filter(sent_at=None, next_try_at=None, created_at__gt=clock.now() - seconds).count()


def waiting(seconds: int) -> int:
    """How many mails wait since longer than `seconds`, and nobody has tried to send them."""
    return Message.objects.filter(sent_at=None, tries=0, next_try_at__lt=clock.now() - seconds).count()
