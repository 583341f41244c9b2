"""What patients agreed to, who speaks for them, and what they object to; tables of the clinic's own database."""

from typing import ClassVar

from django.db import models


class PatientGuardian(models.Model):
    """Somebody who speaks for a patient: a parent of a minor, or whom a court has named."""

    tenant_id = models.CharField(max_length=40)
    patient_id = models.BigIntegerField()
    name = models.CharField(max_length=160)
    relation = models.CharField(max_length=24)
    phone = models.CharField(max_length=40, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    valid_from = models.DateField(null=True, blank=True, default=None)
    valid_to = models.DateField(null=True, blank=True, default=None)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "patient_id", "id"], name="guardians_of_patient")
        ]

    def __str__(self) -> str:
        return self.relation


class PatientConsent(models.Model):
    """That a patient, or a guardian, agreed to a text. It is withdrawn, and never changed or deleted."""

    tenant_id = models.CharField(max_length=40)
    patient_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    text_version = models.CharField(max_length=40)
    given_on = models.DateField()
    guardian_id = models.BigIntegerField(null=True, blank=True, default=None)  # None: the patient gave it
    confirm_from = models.DateField(null=True, blank=True, default=None)  # when the patient comes of age
    confirmed_on = models.DateField(null=True, blank=True, default=None)
    withdrawn_on = models.DateField(null=True, blank=True, default=None)
    recorded_by = models.CharField(max_length=40)  # a `sub`
    recorded_by_name = models.CharField(max_length=254, blank=True, default="")
    recorded_at = models.BigIntegerField()  # epoch seconds
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "patient_id", "id"], name="consents_of_patient")
        ]

    def __str__(self) -> str:
        return self.kind


class PatientOpposition(models.Model):
    """That a patient objects to expenses being told to Sistema TS, or no more does. Rows are added, never changed."""

    tenant_id = models.CharField(max_length=40)
    patient_id = models.BigIntegerField()
    opposed = models.BooleanField()
    since = models.DateField()
    recorded_by = models.CharField(max_length=40)  # a `sub`
    recorded_by_name = models.CharField(max_length=254, blank=True, default="")
    recorded_at = models.BigIntegerField()  # epoch seconds

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "patient_id", "id"], name="oppositions_of_patient")
        ]

    def __str__(self) -> str:
        return f"since {self.since}"
