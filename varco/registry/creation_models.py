"""Registrations that are not made twice; `models` exports the class."""

from django.db import models


class CreationKey(models.Model):
    """What a call with an `Idempotency-Key` has registered: the same call again finds it. Swept when it is over."""

    id = models.CharField(max_length=64, primary_key=True)  # SHA-256 of who asks, through what, and the key
    fingerprint = models.CharField(max_length=64)  # SHA-256 of what was asked
    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="+")
    expires_at = models.BigIntegerField(db_index=True)  # epoch seconds

    def __str__(self) -> str:
        return self.id[:12]
