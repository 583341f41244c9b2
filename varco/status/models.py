"""What checks found: counted by day, and how it stands now."""

from enum import StrEnum
from typing import ClassVar

from django.db import models


class Part(StrEnum):
    """A part of the service, as people know it; in the order in which they are shown."""

    SIGN_IN = "sign_in"
    CLINICS = "clinics"
    SANDBOXES = "sandboxes"
    MAIL = "mail"


class State(StrEnum):
    """How a check found a part; the worst last."""

    GOOD = "good"
    DEGRADED = "degraded"
    DOWN = "down"


class CheckedDay(models.Model):
    """How often a part was found in each state on a day (of `TIME_ZONE`), and in which of its hours it was checked at all."""

    part = models.CharField(max_length=12)
    day = models.DateField(db_index=True)
    good = models.IntegerField(default=0)
    degraded = models.IntegerField(default=0)
    down = models.IntegerField(default=0)
    hours = models.IntegerField(default=0)  # a bit for each hour, the first hour the lowest

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["part", "day"], name="checked_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.part} on {self.day}"


class Standing(models.Model):
    """How a part was found by the last check. Times in epoch seconds."""

    part = models.CharField(primary_key=True, max_length=12)
    state = models.CharField(max_length=8)
    since = models.BigIntegerField()
    checked_at = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.part}: {self.state}"
