"""Patients of the clinic (S27)."""

import msgspec

from varco.audit.tags import Tag
from varco.clinical.names import EVERYBODY, name_search, search_name
from varco.clinical.patients import birth_date_fault, name_fault, unseen_fault
from varco.gate.api import lists
from varco.gate.api.body import invalid_fields
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall, merged
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.api.patients import sql
from varco.gate.api.patients.schema import (
    BODY_EXAMPLE,
    CHANGE_EXAMPLE,
    EXAMPLE,
    Patient,
    PatientChange,
    PatientFields,
    PatientsQuery,
)
from varco.gate.errors import not_found
from varco.gate.store import BoundStatement
from varco.json_fields import FieldFault
from varco.paging import Page, Window
from varco.protocol.errors import OAuthError

PATIENTS = "/v2/tenants/{tenantId}/patients"
PATIENT = f"{PATIENTS}/{{patientId}}"


@read_operation(
    PATIENTS,
    resource="patients",
    summary="Patients of the clinic, by name and fiscal code",
    query=PatientsQuery,
    response=Page[Patient],
    audit=Tag.PATIENTS_LISTED,
    example=EXAMPLE,
)
async def list_patients(call: Call[PatientsQuery]) -> OperationResult:
    """In the order of their names; without conditions, all of them."""
    part = lists.window(call)
    rows = await call.clinic.all(_statement(call.query, call.tenant_id, part))
    found = lists.answer(call, rows, part, lambda row: (row.search_name, row.id), _patient)
    return OperationResult(found, {"patients": [patient.id for patient in found.items]})


def _statement(query: PatientsQuery, tenant_id: str, window: Window) -> BoundStatement[sql.ListedPatient]:
    part = {"tenant_id": tenant_id, **lists.part(window)}
    search = name_search(query.name)
    if query.fiscal_code:
        one, two, three = search.patterns if search else EVERYBODY
        part |= {"pattern1": one, "pattern2": two, "pattern3": three}
        return sql.PATIENTS_OF_FISCAL_CODE(**part, fiscal_code=query.fiscal_code.upper())
    if search is None:
        return sql.PATIENTS(**part)
    _, two, three = search.patterns
    return sql.PATIENTS_NAMED(**part, first=search.first, beyond=search.beyond, pattern2=two, pattern3=three)


def _patient(row: sql.ListedPatient) -> Patient:
    return Patient(*(getattr(row, name) for name in Patient.__struct_fields__))


@read_operation(
    PATIENT,
    resource="patients",
    summary="One patient of the clinic",
    response=Patient,
    audit=Tag.PATIENT_READ,
    example=EXAMPLE,
)
async def get_patient(call: Call[None]) -> OperationResult:
    """One patient by id. Raises `OAuthError` (404), also for a patient of another clinic."""
    patient = await call.clinic.one(sql.PATIENT(tenant_id=call.tenant_id, id=call.path["patientId"]))
    if patient is None:
        raise not_found(f"patient {call.path['patientId']}")
    return OperationResult(patient, {"patient": patient.id}, version=patient.version)


@write_operation(
    "POST",
    PATIENTS,
    resource="patients",
    summary="Add a patient",
    body=PatientFields,
    response=Patient,
    success=201,
    audit=Tag.PATIENT_ADDED,
    example=EXAMPLE,
    body_example=BODY_EXAMPLE,
)
async def create_patient(call: WriteCall[PatientFields, None]) -> Write[Patient]:
    """Add a patient. Raises `OAuthError` (422) for data that cannot be."""
    fields = _sound(call.body, call.now_ms // 1000)
    return Write(
        sql.ADD_PATIENT(tenant_id=call.tenant_id, now=call.now_ms // 1000, **_columns(fields)),
        detail=_detail,
        duplicate=_already_there(),
    )


@write_operation(
    "PATCH",
    PATIENT,
    resource="patients",
    summary="Change a patient",
    body=PatientChange,
    response=Patient,
    current=sql.PATIENT,
    audit=Tag.PATIENT_CHANGED,
    example=EXAMPLE,
    body_example=CHANGE_EXAMPLE,
)
async def change_patient(call: WriteCall[PatientChange, Patient]) -> Write[Patient]:
    """Change what the body names. Raises `OAuthError` (422) for data that cannot be."""
    patient = call.current
    fields = _sound(merged(PatientFields, patient, call.body), call.now_ms // 1000)
    return Write(
        sql.CHANGE_PATIENT(
            tenant_id=call.tenant_id,
            id=patient.id,
            version=patient.version,
            now=call.now_ms // 1000,
            **_columns(fields),
        ),
        detail=lambda row: _detail(row) | {"fields": sorted(msgspec.to_builtins(call.body))},
        duplicate=_already_there(),
    )


def _sound(fields: PatientFields, now: int) -> PatientFields:
    """Bring the data into the form in which it is kept. Raises `OAuthError` (422) for what cannot be."""
    rules = (
        ("firstName", "required", name_fault(fields.first_name)),
        ("lastName", "required", name_fault(fields.last_name)),
        ("firstName", "invalid_format", unseen_fault(fields.first_name)),
        ("lastName", "invalid_format", unseen_fault(fields.last_name)),
        ("birthDate", "out_of_range", birth_date_fault(fields.birth_date, now)),
    )
    if faults := [FieldFault(*rule) for rule in rules if rule[-1]]:
        raise invalid_fields(faults)
    return msgspec.structs.replace(
        fields,
        first_name=fields.first_name.strip(),
        last_name=fields.last_name.strip(),
        fiscal_code=fields.fiscal_code.upper(),
    )


def _columns(fields: PatientFields) -> dict[str, object]:
    return msgspec.structs.asdict(fields) | {"search_name": search_name(fields.last_name, fields.first_name)}


def _detail(patient: Patient) -> dict[str, object]:
    return {"patient": patient.id}


def _already_there() -> OAuthError:
    return OAuthError(
        "already_exists",
        "The clinic has a patient with this fiscal code already.",
        status=409,
        rule="S47 one patient a fiscal code",
        received="a fiscal code that another patient has",
        expected="another fiscal code, or a change of that patient",
        extra={"fields": [{"field": "fiscalCode", "code": "already_exists", "message": "Another patient has this."}]},
    )
