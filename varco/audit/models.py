"""The record of everything of weight: who, what, when, on whose behalf, from where (S36). Rows are only added."""

from typing import ClassVar

from django.db import models

from varco import clock
from varco.chains.models import ChainedRow, ChainState, chain_indexes


class Event(ChainedRow):
    """One act. People and things are kept as text too, so the record outlives what it speaks of."""

    at = models.BigIntegerField(default=clock.now_ms, db_index=True)  # epoch milliseconds
    tag = models.CharField(max_length=60)  # a member of `audit.tags.Tag`
    actor = models.CharField(
        max_length=40, blank=True, default=""
    )  # a `sub`, or `os:` and a uid; empty: the system itself
    actor_name = models.CharField(max_length=254, blank=True, default="")
    on_behalf_of = models.CharField(max_length=40, blank=True, default="")
    application_id = models.BigIntegerField(null=True, blank=True, default=None)
    application_name = models.CharField(max_length=80, blank=True, default="")
    user = models.CharField(max_length=40, blank=True, default="")  # the `sub` of the person acted on
    tenant = models.CharField(max_length=40, blank=True, default="")  # public id
    ip = models.CharField(max_length=45, blank=True, default="")
    request_id = models.CharField(max_length=40, blank=True, default="")
    detail = models.JSONField(default=dict, blank=True)  # never secrets, tokens or patient data
    # Of an event that was written in another database first: it may be carried over twice, and must stand here once.
    event_id = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event_id"], condition=~models.Q(event_id=""), name="event_once"),
            models.UniqueConstraint(fields=["seq"], name="event_place_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["application_id", "-at"], name="event_of_application"),
            models.Index(fields=["actor", "-at"], name="event_of_actor"),
            models.Index(fields=["user", "-at"], name="event_of_user"),
            models.Index(fields=["tenant", "-at"], name="event_of_tenant"),
            models.Index(fields=["tag", "-at"], name="event_of_tag"),
            *chain_indexes("event"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} at {self.at}"


class EventChain(ChainState):
    """Where the chain of events ends."""


class ChainKey(models.Model):
    """The key of the digests of all chains, sealed under the master key; one row."""

    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"chain key {self.pk}"


class ChainHead(models.Model):
    """A place of a stream with its digest, signed with the platform's key. Heads of all databases stand here, and are kept."""

    class Kind(models.TextChoices):
        """Why it was signed."""

        DAILY = "daily", "Daily"
        DEMAND = "demand", "On demand"
        CUT = "cut", "Cut"

    stream = models.CharField(max_length=60)
    seq = models.BigIntegerField()
    digest = models.BinaryField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.BigIntegerField(default=clock.now, db_index=True)  # epoch seconds
    kid = models.CharField(max_length=40)  # of the signing key
    jws = models.TextField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["stream", "-seq"], name="head_of_stream")]

    def __str__(self) -> str:
        return f"{self.stream} at {self.seq}"


class RefusedRequest(models.Model):
    """One refused request at authorize, token or API, for the developer's trace (S33). Swept after 30 days."""

    at = models.BigIntegerField(default=clock.now_ms, db_index=True)  # epoch milliseconds
    request_id = models.CharField(max_length=40, db_index=True)
    endpoint = models.CharField(max_length=60)
    application_id = models.BigIntegerField(null=True, blank=True, default=None)
    error = models.CharField(max_length=60)
    rule = models.CharField(max_length=120)  # what refused, with the section of its source
    description = models.TextField(blank=True, default="")
    received = models.TextField(blank=True, default="")
    expected = models.TextField(blank=True, default="")
    status = models.PositiveIntegerField(default=400)

    class Meta:
        db_table = "audit_refusal"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["application_id", "-at"], name="refusal_of_application"),
        ]

    def __str__(self) -> str:
        return f"{self.error} {self.request_id}"
