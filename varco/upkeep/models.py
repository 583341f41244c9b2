"""Steps of the upkeep and their runs."""

from typing import ClassVar

from django.db import models


class Step(models.Model):
    """Something that is done every so often. Times in epoch milliseconds."""

    name = models.CharField(primary_key=True, max_length=40)
    every_ms = models.BigIntegerField()
    last_at = models.BigIntegerField()  # when it was last done, whatever came of it; noted once a minute at most
    last_fault_at = models.BigIntegerField(null=True, blank=True, default=None)
    last_fault = models.CharField(max_length=250, blank=True, default="")

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One time that a step did something or failed. Times in epoch milliseconds."""

    step = models.CharField(max_length=40)
    at = models.BigIntegerField(db_index=True)
    took_ms = models.BigIntegerField()
    fault = models.CharField(max_length=250, blank=True, default="")  # what it failed with; empty: it did not
    done = models.JSONField(default=dict, blank=True)  # how many of what

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["step", "-at"], name="run_of_step")]

    def __str__(self) -> str:
        return f"{self.step} at {self.at}"
