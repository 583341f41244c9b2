"""The keys that sign tokens."""

from django.db import models


class SigningKey(models.Model):
    """A key, `next → active → retiring → gone`; the private part is sealed under the master key."""

    kid = models.CharField(primary_key=True, max_length=40)
    alg = models.CharField(max_length=10)  # ES256, RS256, PS256, EdDSA
    public_jwk = models.JSONField()
    sealed_private = models.BinaryField()
    published_at = models.BigIntegerField()  # from here it stands in the JWKS
    active_at = models.BigIntegerField()  # from here it may sign
    retires_at = models.BigIntegerField()  # from here it signs no more
    gone_at = models.BigIntegerField()  # from here it is not published and verifies nothing
    revoked_at = models.BigIntegerField(null=True, blank=True, default=None)  # emergency: gone at once

    class Meta:
        db_table = "grants_signingkey"  # it began in the app `grants`; another name would stop a gate that still runs

    def __str__(self) -> str:
        return f"{self.kid} ({self.alg})"
