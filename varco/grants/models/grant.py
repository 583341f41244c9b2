"""One authorization, from its code to its end."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock
from varco.grants.identifiers import new_grant_id


class Grant(models.Model):
    """The state machine of one authorization: `code → active → ended`, with all that its tokens need in this one row."""

    class State(models.TextChoices):
        """Where it stands."""

        CODE = "code", "Code issued"
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    id = models.BigIntegerField(primary_key=True, default=new_grant_id)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CODE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="grants")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="grants")
    scopes = models.TextField(default="", blank=True)  # granted, separated by spaces; withdrawal narrows it (S21)
    claims = models.TextField(default="", blank=True)  # claim groups granted, separated by spaces
    created_at = models.BigIntegerField(default=clock.now)
    ended_at = models.BigIntegerField(null=True, blank=True, default=None)
    end_reason = models.CharField(max_length=40, blank=True, default="")

    # The code and its proof (RFC 6749 §4.1.3, RFC 7636 §4.6). The hash stays after redemption: a replay must be known.
    code_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, default=None)
    code_expires_at = models.BigIntegerField(null=True, blank=True, default=None)
    redirect_uri = models.TextField(blank=True, default="")
    redirect_uri_sent = models.BooleanField(default=True)
    code_challenge = models.CharField(max_length=128, blank=True, default="")
    code_challenge_method = models.CharField(max_length=8, blank=True, default="")

    # What ID tokens say about the sign-in.
    nonce = models.TextField(blank=True, default="")
    auth_time = models.BigIntegerField(default=0)
    acr = models.CharField(max_length=60, blank=True, default="")
    amr = models.CharField(max_length=60, blank=True, default="")  # separated by spaces
    sid = models.CharField(max_length=64, blank=True, default="")  # the browser session, until that is over
    claims_request = models.TextField(blank=True, default="")  # the `claims` parameter as accepted, JSON

    # Refresh (0: the grant has none). `n` is the number of the one valid refresh token.
    rid = models.CharField(max_length=32, unique=True, null=True, blank=True, default=None)  # 128 bits, hexadecimal
    n = models.BigIntegerField(default=0)
    rotated_at = models.BigIntegerField(default=0)  # epoch milliseconds
    idle_expires_at = models.BigIntegerField(default=0)  # epoch seconds
    expires_at = models.BigIntegerField(default=0)  # epoch seconds, absolute; also of a grant without refresh
    dpop_jkt = models.CharField(max_length=64, blank=True, default="")
    last_used_at = models.BigIntegerField(default=0)  # epoch seconds, of the last token issued

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "application", "state"], name="grant_of_user"),
            models.Index(fields=["application", "state"], name="grant_of_application"),
            models.Index(fields=["user", "sid"], name="grant_of_session"),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.application} ({self.state})"
