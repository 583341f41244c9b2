"""What the review desk keeps beside a revision: who reads it, what was asked and answered, remarks on its fields."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock
from varco.scheduled import Scheduled
from varco.validators import ReadableText


class Review(Scheduled):
    """The work on one submitted revision. `due_at` is when the desk is next reminded of it."""

    class Reminded(models.IntegerChoices):
        """Of what the desk was told by the clock."""

        NOT = 0, "Not yet"
        HALF = 1, "Half of the time is over"
        OVERDUE = 2, "Overdue"

    revision = models.OneToOneField("registry.Revision", on_delete=models.CASCADE, related_name="review")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    # The first of two who approve, and `registration.stamp` of what they approved: it counts as long as nothing changes.
    first_approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    first_approved_at = models.BigIntegerField(null=True, blank=True, default=None)  # epoch seconds
    first_stamp = models.CharField(max_length=64, blank=True, default="")
    # Who wrote last in the thread since it was submitted, a `lifecycle.Role`; empty: nobody.
    last_word = models.CharField(max_length=10, blank=True, default="")
    reminded = models.PositiveSmallIntegerField(choices=Reminded.choices, default=Reminded.NOT)
    version = models.PositiveIntegerField(default=1)  # counts every change, so that two at once do not both act

    class Meta:
        """What the database itself keeps."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["due_at", "id"], name="review_due")]

    def __str__(self) -> str:
        return f"review of revision {self.revision_id}"


class ReviewMessage(models.Model):
    """Something written at a review. Rows are only added."""

    class Sort(models.TextChoices):
        """Who reads it."""

        MESSAGE = "message", "Message"  # both sides
        NOTE = "note", "Note"  # those who review, and nobody else

    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="review_messages")
    revision = models.ForeignKey("registry.Revision", on_delete=models.CASCADE, related_name="messages")
    sort = models.CharField(max_length=8, choices=Sort.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=254, blank=True, default="")
    side = models.CharField(max_length=10)  # a `lifecycle.Role`
    text = models.TextField(max_length=4000, validators=[ReadableText(lines=True)])
    at_ms = models.BigIntegerField(default=clock.now_ms)

    class Meta:
        """What the database itself keeps."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["application", "sort", "-at_ms", "-id"], name="review_message_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.sort} about {self.revision_id}"


class Remark(models.Model):
    """What a reviewer says of one field of a revision that was sent back or rejected."""

    revision = models.ForeignKey("registry.Revision", on_delete=models.CASCADE, related_name="remarks")
    field = models.CharField(max_length=40)  # of `registration.Registration` or `registration.Details`
    text = models.TextField(max_length=1000, validators=[ReadableText(lines=True)])

    class Meta:
        """What the database itself keeps."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "field"], name="remark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.revision_id}"


class RevisionHost(models.Model):
    """A redirect host of a revision that was handed in, so that whoever uses one too is found by an index.

    A redirect URI without a host, as of a native application, stands here itself.
    """

    revision = models.ForeignKey("registry.Revision", on_delete=models.CASCADE, related_name="hosts", db_index=False)
    host = models.CharField(max_length=255)

    class Meta:
        """What the database itself keeps."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "host"], name="revision_host_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["host", "revision"], name="revision_of_host")]

    def __str__(self) -> str:
        return self.host
