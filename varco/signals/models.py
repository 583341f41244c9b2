"""The tables of this app."""

import secrets
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from varco import clock
from varco.outbox import Outgoing
from varco.protocol.signals.events import Kind
from varco.protocol.signals.streams import POLL, PUSH, Status
from varco.validators import ReadableText

PURPOSE = "signal-authorization"
"""What the proof that a push carries is sealed for; its context is the stream's public id."""


def new_stream_id() -> str:
    """A random public id for a stream."""
    return f"str-{secrets.token_hex(12)}"


class Stream(models.Model):
    """How an application wants to be told, and how that goes. Times in epoch seconds."""

    class State(models.TextChoices):
        """What becomes of events (SSF §8.1.2)."""

        ENABLED = Status.ENABLED.value, _("Enabled")
        PAUSED = Status.PAUSED.value, _("Paused")
        DISABLED = Status.DISABLED.value, _("Disabled")

    class Method(models.TextChoices):
        """How events reach it."""

        PUSH = PUSH, "Push"
        POLL = POLL, "Poll"

    public_id = models.CharField(max_length=40, unique=True, default=new_stream_id)
    application = models.OneToOneField("registry.Application", on_delete=models.CASCADE, related_name="signal_stream")
    method = models.CharField(max_length=24, choices=Method.choices, default=Method.POLL)
    endpoint_url = models.TextField(blank=True, default="")
    sealed_authorization = models.BinaryField(blank=True, default=b"")
    requested = models.TextField(blank=True, default="")  # addresses of the events asked for, separated by spaces
    delivered = models.CharField(max_length=120, blank=True, default="")  # the kinds of them there are, likewise
    description = models.CharField(max_length=200, blank=True, default="", validators=[ReadableText(lines=True)])
    status = models.CharField(max_length=10, choices=State.choices, default=State.ENABLED)
    status_reason = models.CharField(max_length=200, blank=True, default="", validators=[ReadableText()])
    created_at = models.BigIntegerField(default=clock.now)
    verified_at = models.BigIntegerField(default=0)  # when a verification event was asked for last
    polled_at = models.BigIntegerField(default=0)
    taken_at = models.BigIntegerField(default=0)  # when an event was last taken
    failed_at = models.BigIntegerField(default=0)  # when one last was not
    last_fault = models.CharField(max_length=250, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.public_id} ({self.status})"


class Signal(Outgoing):
    """One event for one stream. The token is made when it is sent or fetched, always the same one."""

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="signals")
    jti = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in Kind])
    sub = models.CharField(
        max_length=64, blank=True, default=""
    )  # as ID tokens name the person; empty: about the stream
    sid = models.CharField(max_length=64, blank=True, default="")  # of one session alone
    detail = models.TextField(default="{}")  # members of the event, JSON
    txn = models.CharField(max_length=40)  # the same for all that one act caused

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_try_at"], name="signal_due"),
            models.Index(fields=["stream", "next_try_at"], name="signal_of_stream"),
            models.Index(fields=["created_at"], name="signal_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.jti}"
