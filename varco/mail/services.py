"""Writing mail: a row in the caller's transaction, so that a mail never tells of something that was rolled back."""

from varco.mail.models import Message


def enqueue(to: str, subject: str, text: str, html: str = "") -> Message:
    """Put one mail to one person in the outbox; the maintenance worker of `varco serve` sends it.

    Line breaks in a subject would be headers of the sender's choosing, so they become spaces.
    """
    return Message.objects.create(to=to, subject=" ".join(subject.split())[:250], text=text, html=html)
