"""Who has seen and changed what of a clinic: tables of the clinic's own database (S41), and the questions of patients about them."""

from typing import ClassVar

from django.db import models

from varco import clock
from varco.chains.models import ChainedRow, ChainState, chain_indexes
from varco.validators import ReadableText


class AccessRecord(ChainedRow):
    """One request for clinical data, by whom and through what; written in the same transaction as, or before, its answer.

    People and applications are kept as text, so that the record outlives them. It says which patients were shown, never what of them.
    """

    class PersonKind(models.TextChoices):
        """How somebody belongs to the clinic: for good, or for a time (S4)."""

        STAFF = "staff", "Staff"
        INTEGRATOR = "integrator", "Integrator"

    at = models.BigIntegerField()  # epoch milliseconds
    tenant_id = models.CharField(max_length=40)
    operation = models.CharField(max_length=60)  # a tag, such as patient.read
    category = models.CharField(max_length=40)  # the resource of the API
    person = models.CharField(max_length=40)  # a `sub`
    person_name = models.CharField(max_length=254, blank=True, default="")
    person_kind = models.CharField(max_length=12, choices=PersonKind.choices)
    application_id = models.BigIntegerField()
    application_name = models.CharField(max_length=80, blank=True, default="")
    outcome = models.CharField(max_length=60)  # ok, or the code of the error that was answered
    patients = models.TextField(blank=True, default="")  # ids of all that were shown, separated by spaces
    detail = models.TextField(blank=True, default="")  # JSON of what else the operation says; never clinical data
    network = models.CharField(max_length=45, blank=True, default="")  # the address the request came from
    request_id = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "seq"], name="access_place_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "at", "id"], name="access_of_tenant"),
            models.Index(fields=["person", "at"], name="access_of_person"),
            models.Index(fields=["application_id", "tenant_id", "at"], name="access_of_application"),
            models.Index(fields=["application_id", "person", "at"], name="access_of_both"),
            *chain_indexes("access"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} at {self.at}"


class AccessPatient(models.Model):
    """That a record shows a patient: the index of `AccessRecord.patients`, made when the record is linked into its chain."""

    tenant_id = models.CharField(max_length=40)
    patient_id = models.BigIntegerField()
    at = models.BigIntegerField()  # of the record
    # Without a constraint: what stands here is held to the records by the verification, which is to name what was removed.
    record = models.ForeignKey(AccessRecord, on_delete=models.DO_NOTHING, db_constraint=False, related_name="shown")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "patient_id", "at", "record"], name="access_patient_once"),
        ]

    def __str__(self) -> str:
        return f"{self.patient_id} in {self.record_id}"


class AccessChain(ChainState):
    """Where the chain of a clinic's access records ends."""


class PatientQuestion(models.Model):
    """A patient's question who has seen their data, and the clock of its answer. No name: the clinic knows its patients by number."""

    tenant_id = models.CharField(max_length=40)
    patient_id = models.BigIntegerField()
    asked_on = models.BigIntegerField()  # epoch seconds
    due_at = models.BigIntegerField()  # epoch seconds
    note = models.CharField(
        max_length=200, blank=True, default="", validators=[ReadableText()]
    )  # how it came, such as a number of the clinic's own
    opened_by = models.CharField(max_length=40)  # a `sub`
    opened_by_name = models.CharField(max_length=254, blank=True, default="")
    answered_at = models.BigIntegerField(null=True, blank=True, default=None)  # epoch seconds
    answered_by_name = models.CharField(max_length=254, blank=True, default="")
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "answered_at", "due_at"], name="question_of_tenant")
        ]

    def __str__(self) -> str:
        return f"patient {self.patient_id}"
