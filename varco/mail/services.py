"""Writing mail: a row in the caller's transaction, so that a mail never tells of something that was rolled back."""

from varco import clock
from varco.mail.models import Message

KEPT = 30 * 86400
"""Seconds that a mail is kept after it was sent."""


def enqueue(to: str, subject: str, text: str, html: str = "") -> Message:
    """Put one mail to one person in the outbox; the maintenance worker of `varco serve` sends it.

    Line breaks in a subject would be headers of the sender's choosing, so they become spaces.
    """
    message = Message(to=to, subject=" ".join(subject.split())[:250])
    message.text, message.html = text, html
    message.save(force_insert=True)
    return message


def sweep() -> int:
    """Delete mail that was sent long ago, and return how many."""
    return Message.objects.filter(sent_at__lt=clock.now() - KEPT).delete()[0]
