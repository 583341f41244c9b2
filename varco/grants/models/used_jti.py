"""What was presented once and must not be accepted again: the gate's replay detection."""

from django.db import models


class UsedJti(models.Model):
    """A `jti` seen once; the unique key is what makes a second use impossible, races included."""

    id = models.CharField(primary_key=True, max_length=64)  # SHA-256 of kind, owner and jti: kinds never mix
    kind = models.CharField(max_length=12)  # assertion or dpop
    expires_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.id[:8]}"
