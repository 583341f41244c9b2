"""Writing mail: a row in the caller's transaction, so that a mail never tells of something that was rolled back."""

from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_language

from varco import clock
from varco.accounts.addresses import reaches_somebody
from varco.mail.letter import as_html
from varco.mail.models import Message

KEPT = 30 * 86400
"""Seconds that a mail is kept after it was sent, and that one that was given up can be tried again."""


def enqueue(to: str, subject: str, text: str, language: str = "", *, at: int | None = None) -> Message:
    """Put one mail to one person in the outbox; the maintenance worker of `varco serve` sends it, as text and as HTML.

    None is kept for an address that reaches nobody: the message then has no key.

    `language` is that of its words; empty: the one in which the caller speaks. `at`: sent no earlier than then. Line breaks in a subject would be headers of
    the sender's choosing, so they become spaces.
    """
    message = Message(to=to, subject=" ".join(subject.split())[:250])
    if not reaches_somebody(to):
        return message  # of nobody who could read it: it is not kept either
    if at is not None:
        message.created_at = message.next_try_at = at  # until then it waits for nobody
    message.text = text
    message.html = as_html(message.subject, text, language or get_language() or settings.LANGUAGE_CODE)
    message.save(force_insert=True)
    return message


def retry(message: Message) -> bool:
    """Have a mail tried at once and as often as a new one; False where it was sent or moved on meanwhile."""
    same = Message.objects.filter(pk=message.pk, sent_at=None, next_try_at=message.next_try_at, tries=message.tries)
    return bool(same.update(next_try_at=clock.now(), tries=0))


def sweep() -> int:
    """Delete mail that was sent, or given up, long ago, and return how many."""
    over = clock.now() - KEPT
    given_up = Q(sent_at=None, next_try_at=None, created_at__lt=over)
    return Message.objects.filter(Q(sent_at__lt=over) | given_up).delete()[0]
