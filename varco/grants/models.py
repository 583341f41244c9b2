"""Authorizations: the steps a person is in, what they consented to, the grants that live, and the keys that sign."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock
from varco.outbox import Outgoing


def new_grant_id() -> int:
    """A random positive 63-bit id, so that the `gid` in a token tells nothing about how many there are."""
    return secrets.randbits(62) | (1 << 62)


def new_interaction_id() -> str:
    """A new id for the URL of a sign-in in progress."""
    return secrets.token_urlsafe(24)


class Interaction(models.Model):
    """One authorization request on its way through sign-in and consent; the dispatcher decides the next step from it."""

    id = models.CharField(primary_key=True, max_length=40, default=new_interaction_id)
    # SHA-256 of the cookie of the browser that started it: another browser cannot go on with it.
    browser = models.CharField(max_length=64)
    client_id = models.CharField(max_length=60)
    parameters = models.JSONField()  # the request as parsed, to be checked again at every step
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.BigIntegerField(default=clock.now)
    expires_at = models.BigIntegerField(db_index=True)
    finished_at = models.BigIntegerField(null=True, blank=True, default=None)

    def __str__(self) -> str:
        return f"{self.client_id} since {self.created_at}"


class Consent(models.Model):
    """What a user has accepted from an application, at their clinic, until they withdraw it (S21)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="consents")
    # The clinic it was given for: at another one, the person is asked anew. None: of an older row, at every one.
    tenant = models.ForeignKey(
        "tenants.Tenant", null=True, blank=True, default=None, on_delete=models.CASCADE, related_name="+"
    )
    scopes = models.TextField(default="", blank=True)  # accepted, separated by spaces
    refused = models.TextField(default="", blank=True)  # asked for and refused, separated by spaces
    claims = models.TextField(default="", blank=True)  # claim groups, separated by spaces
    given_at = models.BigIntegerField(default=clock.now)
    withdrawn_at = models.BigIntegerField(null=True, blank=True, default=None)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "application"], name="consent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} to {self.application}"


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


class DeviceRequest(models.Model):
    """A device waiting for a person (RFC 8628). Its own polling state; approval makes a grant in state `active`-to-be."""

    class State(models.TextChoices):
        """Where it stands; `redeemed` is final, and so are `denied` and the passing of `expires_at`."""

        PENDING = "pending", "Waiting for a person"
        APPROVED = "approved", "Approved"
        DENIED = "denied", "Denied"
        REDEEMED = "redeemed", "Redeemed"

    id = models.BigIntegerField(primary_key=True, default=new_grant_id)
    device_code_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    user_code = models.CharField(max_length=16, unique=True)  # normalised, without the hyphen
    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="device_requests")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    scopes = models.TextField(default="", blank=True)  # asked for, separated by spaces; fixed at request time
    resource = models.TextField(default="", blank=True)  # RFC 8707, separated by spaces
    code_challenge = models.CharField(max_length=128, blank=True, default="")
    dpop_jkt = models.CharField(max_length=64, blank=True, default="")
    ip = models.CharField(max_length=45, blank=True, default="")  # where the request came from (RFC 8628 §5.4)
    user_agent = models.CharField(max_length=200, blank=True, default="")
    grant = models.ForeignKey(Grant, null=True, blank=True, default=None, on_delete=models.CASCADE, related_name="+")
    interval = models.PositiveIntegerField(default=5)  # seconds a client must wait between polls; grows by slow_down
    polled_at = models.BigIntegerField(default=0)  # epoch milliseconds of the last poll
    created_at = models.BigIntegerField(default=clock.now)
    expires_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.application} ({self.state})"


class PushedRequest(models.Model):
    """The parameters of one authorization request, pushed beforehand (RFC 9126); used once."""

    request_uri_hash = models.CharField(primary_key=True, max_length=64)  # SHA-256 of the `request_uri`, hexadecimal
    client_id = models.CharField(max_length=60)
    parameters = models.JSONField()  # as received, checked once at PAR and again at authorize
    dpop_jkt = models.CharField(max_length=64, blank=True, default="")
    created_at = models.BigIntegerField(default=clock.now)
    expires_at = models.BigIntegerField(db_index=True)
    used_at = models.BigIntegerField(null=True, blank=True, default=None)

    def __str__(self) -> str:
        return f"{self.client_id} at {self.created_at}"


class UsedJti(models.Model):
    """A `jti` seen once; the unique key is what makes a second use impossible, races included."""

    id = models.CharField(primary_key=True, max_length=64)  # SHA-256 of kind, owner and jti: kinds never mix
    kind = models.CharField(max_length=12)  # assertion or dpop
    expires_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.id[:8]}"


class LogoutNotice(Outgoing):
    """An application to be told that a session is over (OpenID Connect Back-Channel Logout 1.0).

    What it is told, and where, is decided when it is sent: by then another revision may be in force (S13).
    """

    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    sid = models.CharField(max_length=64)
    request_id = models.CharField(max_length=40)  # of the request that ended the session, for trace and audit

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["next_try_at"], name="logout_notice_due")]

    def __str__(self) -> str:
        return f"{self.application} about {self.user}"


class SigningKey(models.Model):
    """A key of the calendar `next → active → retiring → gone`; the private part is sealed under the master key."""

    kid = models.CharField(primary_key=True, max_length=40)
    alg = models.CharField(max_length=10)  # ES256, RS256, PS256, EdDSA
    public_jwk = models.JSONField()
    sealed_private = models.BinaryField()
    published_at = models.BigIntegerField()  # from here it stands in the JWKS
    active_at = models.BigIntegerField()  # from here it may sign
    retires_at = models.BigIntegerField()  # from here it signs no more
    gone_at = models.BigIntegerField()  # from here it is not published and verifies nothing
    revoked_at = models.BigIntegerField(null=True, blank=True, default=None)  # emergency: gone at once

    def __str__(self) -> str:
        return f"{self.kid} ({self.alg})"
