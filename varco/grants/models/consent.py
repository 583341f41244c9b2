"""What people have accepted."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock


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
        # Asked for each application of a clinic's list: whether anybody there has accepted it.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant", "application", "user"],
                condition=models.Q(withdrawn_at=None),
                name="consent_in_use",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} to {self.application}"
