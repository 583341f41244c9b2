"""Counts by day, and how far the records they are made of have been counted."""

from typing import ClassVar

from django.db import models


class DayCount(models.Model):
    """How often one thing happened on one day. Applications are kept as numbers: nothing here speaks of people."""

    class Kind(models.TextChoices):
        """What is counted."""

        AUTHORIZATION = "authorization", "Authorization"
        TOKEN = "token", "Token"
        CALL = "call", "Call"
        ERROR = "error", "Error"

    application_id = models.BigIntegerField()
    day = models.IntegerField(db_index=True)  # days since 1 January 1970, UTC
    kind = models.CharField(max_length=13, choices=Kind.choices)
    # A tag of the audit, or the address of what was refused.
    operation = models.CharField(max_length=60)
    status = models.PositiveSmallIntegerField()  # of HTTP; 200 for all that went well
    number = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application_id", "day", "kind", "operation", "status"], name="day_count_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} × {self.operation} on day {self.day}"


class AnswerTime(models.Model):
    """How many answers of one operation took about so long on one day; the gate adds to it once a minute."""

    application_id = models.BigIntegerField()
    day = models.IntegerField(db_index=True)  # days since 1 January 1970, UTC
    operation = models.CharField(max_length=120)  # method and path, as documents name it
    duration = models.PositiveSmallIntegerField()  # a class of `varco.answer_times`
    number = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application_id", "day", "operation", "duration"], name="answer_time_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} × {self.operation} on day {self.day}"


class Counted(models.Model):
    """How far a kind of record has been counted, in the transaction that counted it."""

    source = models.CharField(primary_key=True, max_length=20)
    position = models.BigIntegerField()  # key of the last row; of refreshes: the moment, in epoch milliseconds
    begun_ms = models.BigIntegerField()  # when counting began, in epoch milliseconds
    until_ms = models.BigIntegerField()  # up to when everything is counted, in epoch milliseconds

    def __str__(self) -> str:
        return f"{self.source} up to {self.position}"


class CountedGrant(models.Model):
    """Up to which number the refreshes of a grant are counted: the grant has their number, and nothing records each."""

    grant_id = models.BigIntegerField(primary_key=True)
    n = models.BigIntegerField()
    at = models.BigIntegerField(db_index=True)  # epoch milliseconds

    def __str__(self) -> str:
        return f"grant {self.grant_id} up to {self.n}"
