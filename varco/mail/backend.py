"""Django's mail goes through the outbox too, so that allauth's messages are transactional and retried like all others."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from varco.mail import services


class OutboxBackend(BaseEmailBackend):
    """The value of `EMAIL_BACKEND`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write one row for each recipient of each message and return the number of messages."""
        for message in email_messages:
            for recipient in message.recipients():
                services.enqueue(recipient, str(message.subject), str(message.body))
        return len(email_messages)
