"""Authorization requests that are not answered yet: on their way through the pages, or pushed beforehand (RFC 9126)."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock


def new_interaction_id() -> str:
    """A new id for the URL of a sign-in in progress."""
    return secrets.token_urlsafe(24)


class Interaction(models.Model):
    """One authorization request on its way through sign-in and consent; the dispatcher decides the next step from it."""

    id = models.CharField(primary_key=True, max_length=40, default=new_interaction_id)
    # SHA-256 of the cookie of the browser that started it: another browser cannot go on with it.
    browser = models.CharField(max_length=64)
    # Where it was begun (`network.client_network`), by which those that wait are counted.
    place = models.CharField(max_length=45, blank=True, default="", db_default="")
    client_id = models.CharField(max_length=60)
    parameters = models.JSONField()  # the request as parsed, to be checked again at every step
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.BigIntegerField(default=clock.now)
    expires_at = models.BigIntegerField(db_index=True)
    finished_at = models.BigIntegerField(null=True, blank=True, default=None)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["browser", "expires_at"], name="interaction_of_browser"),
            models.Index(fields=["place", "expires_at"], name="interaction_of_place"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} since {self.created_at}"


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
