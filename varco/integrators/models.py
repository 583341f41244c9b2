"""Integrator users of clinics, and when their managers last confirmed what is connected (S25, S26, S40)."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock
from varco.scheduled import Scheduled
from varco.tenants.models import Membership
from varco.validators import ReadableText

MAX_PROJECT = 500
"""Characters of what the access is for."""


class IntegratorAccess(Scheduled):
    """One integrator user's time at one clinic. What holds at the gate stands in their membership; this is its story."""

    class State(models.TextChoices):
        """Where it stands."""

        GRANTED = "granted", "Granted"  # waits for its first day, and for whoever is invited
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    class End(models.TextChoices):
        """Why it ended."""

        EXPIRED = "expired", "Its last day is over"
        MANAGER = "manager", "The clinic's manager ended it"
        IDLE = "idle", "Nobody used it"
        UNCONFIRMED = "unconfirmed", "The clinic's manager did not confirm it"
        CLINIC_CLOSED = "clinic_closed", "The clinic was closed"
        ACCOUNT = "account", "The account was closed, or left the clinic"

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    account_made = models.BooleanField(default=False)  # its account was made for it, and ends with it
    project = models.CharField(max_length=MAX_PROJECT, validators=[ReadableText(lines=True)])
    permissions = models.TextField()  # the ceiling: permissions of the catalogue, separated by spaces
    application = models.ForeignKey(
        "registry.Application", null=True, blank=True, default=None, on_delete=models.PROTECT, related_name="+"
    )  # the one it is for; null: any
    first_day = models.DateField()  # both by the clocks of the clinic's zone
    last_day = models.DateField()
    starts_at = models.BigIntegerField()  # epoch seconds, as all moments here
    ends_at = models.BigIntegerField()
    dates_set_at = models.BigIntegerField(default=clock.now)  # warnings of before are not sent any more
    state = models.CharField(max_length=10, choices=State.choices, default=State.GRANTED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    granted_at = models.BigIntegerField(default=clock.now)
    ticket = models.BigIntegerField(null=True, blank=True, default=None)  # number of that in which it was asked for
    invitation = models.CharField(max_length=64, blank=True, default="")  # hash of the secret of the link; empty: none
    invited_at = models.BigIntegerField(null=True, blank=True, default=None)
    switched_on = models.BooleanField(default=False, db_default=False)  # its membership is, unless the manager says no
    accepted_at = models.BigIntegerField(null=True, blank=True, default=None)
    last_used_at = models.BigIntegerField(null=True, blank=True, default=None)
    idle_warned_at = models.BigIntegerField(null=True, blank=True, default=None)
    confirmed_at = models.BigIntegerField(null=True, blank=True, default=None)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    confirm_warned_at = models.BigIntegerField(null=True, blank=True, default=None)
    warned_days = models.PositiveSmallIntegerField(
        null=True, blank=True, default=None
    )  # the last warning: days before the end
    ended_at = models.BigIntegerField(null=True, blank=True, default=None)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    end_reason = models.CharField(max_length=20, choices=End.choices, blank=True, default="")
    end_text = models.CharField(max_length=MAX_PROJECT, blank=True, default="", validators=[ReadableText(lines=True)])
    report = models.JSONField(default=dict, blank=True)  # `report.made`; never contents

    GIVEN = (State.GRANTED, State.ACTIVE)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="integrator_due"),
            models.Index(fields=["tenant", "-granted_at"], name="integrator_of_tenant"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="integrator_ends", condition=models.Q(ends_at__gt=models.F("starts_at"))),
            # Of two forms sent at once, one gives.
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(state__in=["granted", "active"]),
                name="integrator_open_once",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state="active"), name="integrator_user_active_once"
            ),
            models.UniqueConstraint(
                fields=["invitation"], condition=~models.Q(invitation=""), name="integrator_invitation_once"
            ),
        ]

    def __str__(self) -> str:
        return f"access of {self.email} to {self.tenant_id}"

    @property
    def is_given(self) -> bool:
        """Whether it has not ended."""
        return self.state in self.GIVEN

    def is_of(self, membership: Membership | None) -> bool:
        """Whether a membership came of it: one at its clinic that has an end; whoever was made staff there since is no matter of it."""
        return membership is not None and membership.tenant_id == self.tenant_id and membership.expires_at is not None

    @property
    def ceiling(self) -> list[str]:
        """The permissions, as names of the catalogue."""
        return self.permissions.split()


class ConnectedApplication(Scheduled):
    """That people of a clinic use an application, and when its manager last confirmed that they may."""

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="+")
    confirmed_at = models.BigIntegerField(default=clock.now)  # when it was first seen, before anybody confirmed it
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    warned_at = models.BigIntegerField(null=True, blank=True, default=None)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["due_at"], name="connected_due")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "application"], name="connected_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} at {self.tenant_id}"
