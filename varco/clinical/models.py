"""What a clinic keeps. These tables stand in the `clinic` and in the `sandbox` database; `tenant_id` is plain text."""

from typing import ClassVar

from django.db import models

from varco import clock
from varco.clinical.access_models import AccessChain, AccessPatient, AccessRecord, PatientQuestion
from varco.clinical.agenda_models import (
    Agenda,
    AgendaException,
    AgendaHold,
    AgendaHours,
    AgendaTreatment,
    Appointment,
    AppointmentSeries,
    AppointmentStep,
    BookingLock,
    ClinicClosure,
    OccupiedTime,
    Treatment,
)
from varco.clinical.consent_models import PatientConsent, PatientGuardian, PatientOpposition
from varco.clinical.identifiers import OF_ONE_PATIENT

__all__ = [
    "AccessChain",
    "AccessPatient",
    "AccessRecord",
    "Agenda",
    "AgendaException",
    "AgendaHold",
    "AgendaHours",
    "AgendaTreatment",
    "Appointment",
    "AppointmentSeries",
    "AppointmentStep",
    "BookingLock",
    "ClinicClosure",
    "IdempotencyKey",
    "OccupiedTime",
    "Patient",
    "PatientConsent",
    "PatientGuardian",
    "PatientIdentifier",
    "PatientMerge",
    "PatientOpposition",
    "PatientQuestion",
    "PatientWord",
    "PendingEvent",
    "Treatment",
]


class Patient(models.Model):
    """A patient of one tenant. `version` grows with each change, for 409 on a lost race."""

    class State(models.TextChoices):
        """Whether it is among the clinic's patients."""

        ACTIVE = "active", "Active"
        ARCHIVED = "archived", "Archived"
        MERGED = "merged", "Merged into another one"
        ANONYMISED = "anonymised", "Anonymised"

    class Sex(models.TextChoices):
        """As on the health card."""

        FEMALE = "F", "Female"
        MALE = "M", "Male"

    tenant_id = models.CharField(max_length=40)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    # Lower-case and without accents, "last first": what a search by name looks at, the same on both engines. The database
    # keeps its words in `PatientWord`.
    search_name = models.CharField(max_length=170)
    # The one in use, or a provisional one; all identifiers as JSON where there are others, or it says more of this one.
    fiscal_code = models.CharField(max_length=16, blank=True, default="")
    identifiers = models.TextField(blank=True, default="", db_default="")
    birth_date = models.DateField(null=True, blank=True, default=None)
    birth_place = models.CharField(max_length=4, blank=True, default="", db_default="")  # a cadastral code
    sex = models.CharField(max_length=1, blank=True, default="", choices=Sex.choices)
    email = models.EmailField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")  # as it was typed
    phone_e164 = models.CharField(max_length=20, blank=True, default="", db_default="")
    # Only active ones have words in `PatientWord`.
    state = models.CharField(max_length=12, default=State.ACTIVE, db_default=State.ACTIVE, choices=State.choices)
    merged_into = models.BigIntegerField(null=True, blank=True, default=None)  # the id of another patient
    version = models.PositiveIntegerField(default=1)
    created_at = models.BigIntegerField(default=clock.now)
    updated_at = models.BigIntegerField(default=clock.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "fiscal_code"],
                condition=~models.Q(fiscal_code=""),
                name="patient_fiscal_code_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Of the release before, which lists by it; to be taken away in the next one.
            models.Index(fields=["tenant_id", "search_name", "id"], name="patient_by_name"),
            models.Index(fields=["tenant_id", "state", "search_name", "id"], name="patient_listed"),
            models.Index(fields=["tenant_id", "birth_date", "search_name", "id"], name="patient_born"),
            models.Index(
                fields=["tenant_id", "phone_e164", "search_name", "id"],
                condition=~models.Q(phone_e164=""),
                name="patient_called",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.last_name} {self.first_name}"


class PatientIdentifier(models.Model):
    """What else a patient is found by than the fiscal code in use: the other ones of `Patient.identifiers`, written with them."""

    tenant_id = models.CharField(max_length=40)
    patient_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    issuer = models.CharField(max_length=80, blank=True, default="")  # in lower case
    value = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "kind", "issuer", "value"],
                condition=models.Q(kind__in=OF_ONE_PATIENT),
                name="patient_identifier_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "value", "patient_id"], name="patient_identified"),
            models.Index(fields=["patient_id"], name="patient_identifier_of"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.patient_id}"


class PatientMerge(models.Model):
    """That two records were one patient's, so that the merge can be undone: what the one that is left took, and what the other had."""

    tenant_id = models.CharField(max_length=40)
    survivor_id = models.BigIntegerField()
    duplicate_id = models.BigIntegerField()
    taken = models.TextField()  # JSON: identifiers that the survivor had not
    fiscal_code = models.CharField(max_length=16, blank=True, default="")  # these three as the duplicate had them
    identifiers = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12)
    merged_by = models.CharField(max_length=40)  # a `sub`
    merged_at = models.BigIntegerField()  # epoch seconds
    ended_at = models.BigIntegerField(null=True, blank=True, default=None)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "duplicate_id"], condition=models.Q(ended_at=None), name="patient_merged_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "survivor_id", "duplicate_id"], name="patient_merges_of")
        ]

    def __str__(self) -> str:
        return f"{self.duplicate_id} into {self.survivor_id}"


class PatientWord(models.Model):
    """A word of a patient's name, for searches: all words that begin alike stand side by side in its index.

    Triggers on the table of patients keep it, on both engines (migration 0005); nothing else writes it. A migration that makes
    the table of patients anew, as SQLite does for most changes of columns, makes the triggers again.
    """

    tenant_id = models.CharField(max_length=40)
    word = models.CharField(max_length=170)  # in PostgreSQL in the order of code points, as SQLite has it
    search_name = models.CharField(
        max_length=170
    )  # the patient's, so that a search is ordered without reading patients
    patient_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "word", "search_name", "patient_id"], name="patient_word_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["patient_id"], name="patient_word_of")]

    def __str__(self) -> str:
        return self.word


class IdempotencyKey(models.Model):
    """The answer that a write got, told again to the same call with the same `Idempotency-Key`. Swept when it is over."""

    id = models.CharField(max_length=64, primary_key=True)  # SHA-256 of application, person, tenant, operation and key
    fingerprint = models.CharField(max_length=64)  # SHA-256 of address and body
    status = models.PositiveIntegerField()
    headers = models.TextField()  # a line each
    body = models.TextField()
    created_at = models.BigIntegerField()  # epoch seconds
    expires_at = models.BigIntegerField(db_index=True)  # epoch seconds

    def __str__(self) -> str:
        return self.id[:12]


class PendingEvent(models.Model):
    """The audit row of a write, made in its transaction; the gate carries it over into the platform's audit, once."""

    event_id = models.CharField(max_length=40)
    event = models.TextField()  # JSON

    def __str__(self) -> str:
        return self.event_id
