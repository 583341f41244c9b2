"""Medical centres and who belongs to them (S5, S22)."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from varco import clock
from varco.tenants.place import DEFAULT_ZONE, known_zone, month_and_day
from varco.validators import ReadableText


def new_tenant_id() -> str:
    """A new public tenant id."""
    return f"tenant-{secrets.token_hex(6)}"


class Tenant(models.Model):
    """One medical centre, production or sandbox. It knows which database holds its clinic data (S24)."""

    class Kind(models.TextChoices):
        """Whether its data is real."""

        PRODUCTION = "production", _("Production")
        SANDBOX = "sandbox", _("Sandbox")

    class State(models.TextChoices):
        """Whether its people may sign in."""

        ACTIVE = "active", _("In operation")
        SUSPENDED = "suspended", _("Suspended by the vendor")
        CLOSED = "closed", _("Closed")

    public_id = models.CharField(max_length=40, unique=True, default=new_tenant_id)
    name = models.CharField(max_length=120, validators=[ReadableText()])
    kind = models.CharField(max_length=10, choices=Kind.choices)
    database = models.CharField(max_length=20)  # alias of the database of its clinic rows: clinic or sandbox
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    # Where it is: its days begin and end by the clocks of its zone, and one day a year is a holiday there alone.
    zone = models.CharField(max_length=40, default=DEFAULT_ZONE, db_default=DEFAULT_ZONE, validators=[known_zone])
    place = models.CharField(max_length=80, blank=True, default="", db_default="", validators=[ReadableText()])
    local_holiday = models.CharField(max_length=5, blank=True, default="", db_default="", validators=[month_and_day])
    # Who watches over its data without working in it, as told to patients; their account, if any, is a membership.
    dpo_name = models.CharField(max_length=120, blank=True, default="", db_default="", validators=[ReadableText()])
    dpo_email = models.EmailField(max_length=254, blank=True, default="", db_default="")
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
    # The one application with which its user may act for the clinic; null: any (S25).
    only_application = models.ForeignKey(
        "registry.Application", null=True, blank=True, default=None, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.user} at {self.tenant}"


class MemberInvitation(models.Model):
    """That somebody may join a clinic by a link sent to their address; the link's secret stands here as a hash alone.

    One a clinic and address: whoever is invited again gets another link. Gone once it was used or taken back. It says
    nothing of whether the address has an account.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20)  # a role of the catalogue
    permissions = models.TextField(default="", blank=True)  # permissions of the catalogue, separated by spaces
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.BigIntegerField()  # epoch seconds
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "email"], name="member_invitation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.tenant}"
