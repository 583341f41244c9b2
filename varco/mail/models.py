"""The outbox: mail is a row written in the transaction of what it tells, and sent by a worker afterwards."""

from typing import ClassVar

from django.db import models

from varco.outbox import Outgoing


class Message(Outgoing):
    """One mail to one person."""

    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["next_try_at"], name="message_due")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
