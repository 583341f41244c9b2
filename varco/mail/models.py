"""The outbox: mail is a row written in the transaction of what it tells, and sent by a worker afterwards."""

from typing import ClassVar

from django.db import models

from varco import clock


class Message(models.Model):
    """One mail to one person. `next_try_at` is when the worker looks at it again; null: sent, or given up."""

    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    created_at = models.BigIntegerField(default=clock.now)
    sent_at = models.BigIntegerField(null=True, blank=True, default=None)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.BigIntegerField(null=True, blank=True, default=clock.now)
    last_error = models.CharField(max_length=250, blank=True, default="")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["next_try_at"], name="message_due")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
