"""The time in which an application that moved to keys may still send its secrets (S12, S13)."""

from typing import ClassVar

from django.db import models

from varco.scheduled import Scheduled


class SecretOverlap(Scheduled):
    """There while an application that signs with its own keys may also authenticate as it did before, and gone with its end.

    Times are epoch seconds. `due_at` is when its developers are next told: shortly before the end, and at it.
    """

    application = models.OneToOneField("registry.Application", on_delete=models.CASCADE, related_name="secret_overlap")
    method = models.CharField(max_length=30)  # `token_endpoint_auth_method` of before
    begun_at = models.BigIntegerField()
    ends_at = models.BigIntegerField()

    class Meta:
        """What the database itself keeps."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["due_at", "id"], name="secret_overlap_due")]

    def __str__(self) -> str:
        return f"secrets of {self.application_id} until {self.ends_at}"
