"""What needs two operators: one proposes it with a reason, another one confirms it in time, and nobody about themselves."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock
from varco.validators import ReadableText

MAX_REASON = 500
"""Characters of the reason of an act."""


class Proposal(models.Model):
    """An act on an account that one operator has proposed. It is open until it was decided or `expires_at` has come."""

    class Kind(models.TextChoices):
        """What would be done."""

        MAKE_OPERATOR = "make_operator", "Make an operator"
        END_OPERATOR = "end_operator", "Take the operator role away"
        RESET_FACTORS = "reset_factors", "Reset second factors"

    class State(models.TextChoices):
        """What became of it. One that expired may still be called open."""

        OPEN = "open", "Open"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Refused"
        EXPIRED = "expired", "Expired"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=MAX_REASON, validators=[ReadableText(lines=True)])
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.BigIntegerField(null=True, blank=True, default=None)  # epoch seconds
    expires_at = models.BigIntegerField()  # epoch seconds
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=models.Q(state="open"), name="proposal_open_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-created_at", "-id"], name="proposal_newest")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"

    @property
    def is_open(self) -> bool:
        """Whether somebody can still decide."""
        return self.state == self.State.OPEN and self.expires_at > clock.now()
