"""Medical centres and who belongs to them (S5, S22)."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock
from varco.validators import ReadableText


def new_tenant_id() -> str:
    """A new public tenant id."""
    return f"tenant-{secrets.token_hex(6)}"


class Tenant(models.Model):
    """One medical centre, production or sandbox. It knows which database holds its clinic data (S24)."""

    class Kind(models.TextChoices):
        """Whether its data is real."""

        PRODUCTION = "production", "Production"
        SANDBOX = "sandbox", "Sandbox"

    class State(models.TextChoices):
        """Whether its people may sign in."""

        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        CLOSED = "closed", "Closed"

    public_id = models.CharField(max_length=40, unique=True, default=new_tenant_id)
    name = models.CharField(max_length=120, validators=[ReadableText()])
    kind = models.CharField(max_length=10, choices=Kind.choices)
    database = models.CharField(max_length=20)  # alias of the database of its clinic rows: clinic or sandbox
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # What makes "nothing done in a sandbox can reach production data" a rule of the database.
            models.CheckConstraint(
                name="tenant_kind_has_its_database",
                condition=models.Q(kind="production", database="clinic") | models.Q(kind="sandbox", database="sandbox"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """That a user works for a tenant, as what, and with which permissions. One a user at most (S5)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="membership")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20)  # a role of the catalogue
    permissions = models.TextField(default="", blank=True)  # permissions of the catalogue, separated by spaces
    active = models.BooleanField(default=True)
    # Epoch seconds; null: no end. An integrator user has one (S4, S26).
    expires_at = models.BigIntegerField(null=True, blank=True)
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.user} at {self.tenant}"
