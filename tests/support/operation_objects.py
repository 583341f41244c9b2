"""What each operation of the API acts on when all of them are walked: objects of a clinic, queries, bodies, and what stands before."""

from collections.abc import Callable
from typing import Any

from tests.support.agendas import START, Bookable
from varco import clock
from varco.accounts.models import User
from varco.clinical.models import Agenda, AgendaTreatment, Patient, PatientConsent, PatientGuardian, PatientMerge
from varco.registry.models import Application


def patient(clinic: User) -> int:
    tenant = clinic.membership.tenant
    made = Patient.objects.using(tenant.database).create(
        tenant_id=tenant.public_id, first_name="Mario", last_name="Rossi", search_name="rossi mario"
    )
    return int(made.pk)


def bookable(clinic: User) -> Bookable:
    tenant = clinic.membership.tenant
    return Bookable(tenant.public_id, database=tenant.database)


def _application() -> int:
    return int(Application.objects.get().pk)


def _wanted() -> dict[str, Any]:
    """A slot of the agenda that was made last."""
    agenda = Agenda.objects.using("clinic").order_by("pk").last()
    link = AgendaTreatment.objects.using("clinic").order_by("pk").last()
    assert agenda is not None
    assert link is not None
    return {"agendaId": agenda.pk, "treatmentId": link.treatment_id, "start": START}


def _booked() -> dict[str, Any]:
    patient = Patient.objects.using("clinic").order_by("pk").last()
    assert patient is not None
    return _wanted() | {"patientId": patient.pk}


def of_newest(model: Any, clinic: User, **fields: Any) -> int:
    """An object of the patient that the clinic got last, who stands before it in the path."""
    tenant = clinic.membership.tenant
    patients = Patient.objects.using(tenant.database).filter(tenant_id=tenant.public_id)
    made = model.objects.using(tenant.database).create(
        tenant_id=tenant.public_id, patient_id=patients.latest("pk").pk, **fields
    )
    return int(made.pk)


def guardian(clinic: User) -> int:
    return of_newest(PatientGuardian, clinic, name="Anna Neri", relation="mother")


def consent(clinic: User) -> int:
    given = {"kind": "privacy", "text_version": "1", "given_on": "2020-01-01", "confirm_from": "2021-01-01"}
    return of_newest(PatientConsent, clinic, **given, guardian_id=1, recorded_by="sub", recorded_at=0)


# Makes an object of somebody's clinic, of version 1, for each id that can stand in a path.
OBJECTS: dict[str, Callable[[User], int]] = {
    "patientId": patient,
    "treatmentId": lambda clinic: bookable(clinic).treatment,
    "appointmentId": lambda clinic: int(bookable(clinic).add_appointment().pk),
    "seriesId": lambda clinic: bookable(clinic).add_series(),
    "holdId": lambda clinic: int(bookable(clinic).add_hold(clinic.public_id, _application(), clock.now() + 300).pk),
    "guardianId": guardian,
    "consentId": consent,
}

# The query of each operation that has compulsory parameters.
QUERIES: dict[str, Callable[[User], dict[str, Any]]] = {
    "list_availabilities": lambda clinic: {"treatmentId": bookable(clinic).treatment},
}

# Those that need a doctor with hours.
BOOKED = {"create_hold", "create_appointment", "create_appointment_series"}


def duplicate(patient_id: int, **fields: Any) -> Patient:
    """Another record of the same patient."""
    one = Patient.objects.using("clinic").get(pk=patient_id)
    names = {"first_name": one.first_name, "last_name": "Doppio", "search_name": "doppio"}
    return Patient.objects.using("clinic").create(tenant_id=one.tenant_id, **names, **fields)


def merged(patient_id: int) -> None:
    other = duplicate(patient_id, state="merged", merged_into=patient_id)
    merge = {"tenant_id": other.tenant_id, "survivor_id": patient_id, "duplicate_id": other.pk, "taken": "[]"}
    PatientMerge.objects.using("clinic").create(**merge, state="active", merged_by="sub", merged_at=0)


def archived(patient_id: int) -> None:
    Patient.objects.using("clinic").filter(pk=patient_id).update(state="archived")


# What the object of the last id in the path must be for the operation to be carried out.
PREPARED: dict[str, Callable[[int], Any]] = {
    "merge_patients": duplicate,
    "unmerge_patients": merged,
    "restore_patient": archived,
}


def the_duplicate() -> dict[str, Any]:
    """The one that was made last, whatever becomes of the call."""
    found = Patient.objects.using("clinic").filter(last_name="Doppio").order_by("-pk").first()
    return {"duplicateId": found.pk if found else 1}


# A sound body for each operation that takes one, or what makes it.
BODIES: dict[str, dict[str, Any] | Callable[[], dict[str, Any]]] = {
    "create_patient": {"firstName": "Anna", "lastName": "Neri"},
    "change_patient": {"phone": "+39 06 555"},
    "merge_patients": the_duplicate,
    "unmerge_patients": the_duplicate,
    "archive_patient": {},
    "restore_patient": {},
    "anonymise_patient": {},
    "create_consent": {"kind": "privacy", "textVersion": "1"},
    "confirm_consent": {},
    "withdraw_consent": {},
    "create_guardian": {"name": "Anna Neri", "relation": "mother"},
    "change_guardian": {"phone": "06 555"},
    "record_opposition": {"opposed": True},
    "create_hold": _wanted,
    "release_hold": {},
    "create_appointment": _booked,
    "move_appointment": {"start": "2027-03-31T10:00:00+02:00"},
    "cancel_appointment": {},
    "change_appointment_state": {"to": "confirmed"},
    "create_appointment_series": lambda: _booked() | {"count": 2},
}
