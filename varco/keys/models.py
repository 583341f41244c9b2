"""The keys that sign tokens, and what is known of the master keys that seal them."""

from django.db import models


class MasterKeyUse(models.Model):
    """When a master key, by the public name of what is derived from it, was known to a server, and stood in front."""

    kid = models.CharField(primary_key=True, max_length=8)
    first_seen = models.BigIntegerField()  # epoch seconds
    in_front_until = models.BigIntegerField(
        null=True, blank=True, default=None
    )  # a server signed with it then, at least

    def __str__(self) -> str:
        return self.kid


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
