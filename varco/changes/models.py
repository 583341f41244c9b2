"""Uses of deprecated operations, how far they were looked for, and who was told."""

from typing import ClassVar

from django.db import models

from varco.registry.models import Application

OPERATION = 200
"""Characters of an operation: its method and the template of its path."""


class DeprecatedUse(models.Model):
    """When an application last used a deprecated operation that leaves no access record; written by the gate, hourly at most.

    Applications are kept as numbers, as the gate has them.
    """

    application_id = models.BigIntegerField()
    operation = models.CharField(max_length=OPERATION)
    last_used_at = models.BigIntegerField()  # epoch seconds

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["operation", "application_id"], name="deprecated_use_once"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} by {self.application_id}"


class Looked(models.Model):
    """Up to when the access records of a database were looked through for who used a deprecated operation."""

    operation = models.CharField(max_length=OPERATION)
    change = models.CharField(max_length=60)
    database = models.CharField(max_length=10)
    until_ms = models.BigIntegerField()  # epoch milliseconds

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["operation", "change", "database"], name="looked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} in {self.database}"


class DeprecationNotice(models.Model):
    """That the developers of an application were told of the deprecation of an operation it uses: once, whoever does it."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    operation = models.CharField(max_length=OPERATION)
    change = models.CharField(max_length=60)  # the entry of the changelog
    told_at = models.BigIntegerField()  # epoch seconds

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "operation", "change"], name="deprecation_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} of {self.operation}"
