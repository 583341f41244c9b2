"""Devices that wait for a person (RFC 8628)."""

from django.db import models

from varco import clock
from varco.grants.identifiers import new_grant_id
from varco.grants.models.grant import Grant


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
    user_code = models.CharField(max_length=16, unique=True)  # `protocol.device_authorization.stored_user_code`
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
