"""Sandboxes of teams: clinics with invented data that a team makes, breaks and makes anew by itself (S22 to S24). Times are epoch seconds."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from varco import clock, sealing
from varco.registry.team_models import Team
from varco.scheduled import Scheduled

PASSWORD = "sandbox-password"  # noqa: S105 - the purpose of a key


class Sandbox(Scheduled):
    """A sandbox tenant that belongs to a team, with another one beside it whose people are of the wrong clinic.

    Every user of it has one password, which any member of the team reads: it opens invented data alone, and stands here
    sealed. `due_at`: when to look whether anybody still uses it.
    """

    class Seed(models.TextChoices):
        """What it is filled with."""

        EMPTY = "empty", _("Empty")
        SMALL = "small", _("Small")
        BUSY = "busy", _("Busy")

    team = models.ForeignKey(  # null: its team is gone, and it goes next
        Team, null=True, on_delete=models.SET_NULL, related_name="sandboxes"
    )
    tenant = models.OneToOneField("tenants.Tenant", on_delete=models.PROTECT, related_name="sandbox")
    neighbour = models.OneToOneField("tenants.Tenant", on_delete=models.PROTECT, related_name="sandbox_beside")
    seed = models.CharField(max_length=8, choices=Seed.choices)
    number = models.PositiveIntegerField()  # the same number makes the same data
    sealed_password = models.BinaryField()
    filled_at = models.BigIntegerField(default=clock.now)  # when its data was made
    warned_at = models.BigIntegerField(null=True, blank=True, default=None)  # that it goes because nobody uses it
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        """What is read often."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["due_at"], name="sandbox_due")]

    def __str__(self) -> str:
        return str(self.tenant)

    @property
    def context(self) -> bytes:
        """What its password is bound to, so that no row is taken for another."""
        return f"tenant:{self.tenant_id}".encode()

    @property
    def password(self) -> str:
        """The password of its users. Raises `SealError`."""
        return sealing.open_sealed(settings.MASTER_KEYS, PASSWORD, bytes(self.sealed_password), self.context).decode()

    @password.setter
    def password(self, plain: str) -> None:
        self.sealed_password = sealing.seal(settings.MASTER_KEYS, PASSWORD, plain.encode(), self.context)
