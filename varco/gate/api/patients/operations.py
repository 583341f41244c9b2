"""Patients of the clinic (S27)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from varco.audit.tags import Tag
from varco.clinical import identifiers
from varco.clinical.identifiers import Identifier, Sent
from varco.clinical.names import search_name
from varco.clinical.patients import birth_date_fault, name_fault, unseen_fault
from varco.clinical.phones import e164
from varco.gate.api import lists
from varco.gate.api.body import invalid_fields
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall
from varco.gate.api.conditions import merged_into, wrong_state
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.api.patients import sql
from varco.gate.api.patients.answers import answer_with_warnings, field_fault, kept_identifiers, patient_answer
from varco.gate.api.patients.duplicates import already_there, refuse_duplicates
from varco.gate.api.patients.found_by import found_by
from varco.gate.api.patients.schema import (
    BODY_EXAMPLE,
    CHANGE_EXAMPLE,
    EXAMPLE,
    Patient,
    PatientChange,
    PatientData,
    PatientFields,
    PatientsQuery,
)
from varco.gate.api.patients.searching import statement
from varco.gate.errors import not_found
from varco.json_fields import FieldFault
from varco.paging import Page

PATIENTS = "/v2/tenants/{tenantId}/patients"
PATIENT = f"{PATIENTS}/{{patientId}}"


@read_operation(
    PATIENTS,
    resource="patients",
    summary="Patients of the clinic, by name, identifiers, date of birth and telephone number",
    query=PatientsQuery,
    response=Page[Patient],
    audit=Tag.PATIENTS_LISTED,
    example=EXAMPLE,
)
async def list_patients(call: Call[PatientsQuery]) -> OperationResult:
    """In the order of their names; without conditions, all of them that are active."""
    part = lists.window(call)
    rows = await call.clinic.all(statement(call.query, call.tenant_id, part))
    found = lists.answer(call, rows, part, lambda row: (row.search_name, row.id), patient_answer)
    return OperationResult(found, {"patients": [patient.id for patient in found.items]})


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
    row = await call.clinic.one(sql.PATIENT(tenant_id=call.tenant_id, id=call.path["patientId"]))
    if row is None:
        raise not_found(f"patient {call.path['patientId']}")
    if row.merged_into:
        raise merged_into(row.merged_into)
    return OperationResult(patient_answer(row), {"patient": row.id}, version=row.version)


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
async def create_patient(call: WriteCall[PatientFields, None]) -> Write[sql.PatientRow]:
    """Add a patient. Raises `OAuthError`: 409 for one who may be there already, 422 for data that cannot be."""
    now = call.now_ms // 1000
    columns, known_by = _sound(call.body, (), now)
    await refuse_duplicates(call, columns, allowed=call.body.allow_duplicate)
    return Write(
        sql.ADD_PATIENT(tenant_id=call.tenant_id, now=now, **columns),
        detail=_detail,
        present=answer_with_warnings,
        further=found_by(call.tenant_id, known_by),
        duplicate=already_there(),
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
async def change_patient(call: WriteCall[PatientChange, sql.PatientRow]) -> Write[sql.PatientRow]:
    """Change what the body names. Raises `OAuthError` (422) for data that cannot be."""
    patient, now = call.current, call.now_ms // 1000
    if patient.state == "anonymised":
        raise wrong_state(patient.state, "active or archived")
    columns, known_by = _sound(_changed(patient, call.body), kept_identifiers(patient), now)
    return Write(
        sql.CHANGE_PATIENT(tenant_id=call.tenant_id, id=patient.id, version=patient.version, now=now, **columns),
        detail=lambda row: _detail(row) | {"fields": sorted(msgspec.to_builtins(call.body))},
        present=answer_with_warnings,
        further=found_by(call.tenant_id, known_by, patient.id),
        duplicate=already_there(),
    )


def _changed(patient: sql.PatientRow, change: PatientChange) -> PatientData:
    """The patient with a JSON Merge Patch (RFC 7396): null empties a field; identifiers stay unsaid where they are not named."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(PatientData):
        value = getattr(change, field.name)
        if field.name == "identifiers":
            value = [] if value is None else value
        elif field.name == "fiscal_code":
            value = "" if value is None else value
        elif value is UNSET:
            value = getattr(patient, field.name)
        elif value is None:
            value = field.default
        values[field.name] = value
    return PatientData(**values)


def _sound(
    fields: PatientData, before: Sequence[Identifier], now: int
) -> tuple[dict[str, object], Sequence[Identifier]]:
    """The columns of sound data, and its identifiers. Raises `OAuthError` (422) for what cannot be."""
    rules = (
        ("firstName", "required", name_fault(fields.first_name)),
        ("lastName", "required", name_fault(fields.last_name)),
        ("firstName", "invalid_format", unseen_fault(fields.first_name)),
        ("lastName", "invalid_format", unseen_fault(fields.last_name)),
        ("birthDate", "out_of_range", birth_date_fault(fields.birth_date, now)),
    )
    sent = Sent(
        None if fields.fiscal_code is UNSET else fields.fiscal_code,
        None if fields.identifiers is UNSET else fields.identifiers,
    )
    today = dt.datetime.fromtimestamp(now, dt.UTC).date()
    known_by, wrong = identifiers.combined(before, sent, today)
    faults = [FieldFault(field, code, *words) for field, code, words in rules if words]
    if faults := faults + [field_fault(fault) for fault in wrong]:
        raise invalid_fields(faults)
    first, last = fields.first_name.strip(), fields.last_name.strip()
    columns: dict[str, object] = {
        "first_name": first,
        "last_name": last,
        "search_name": search_name(last, first),
        "fiscal_code": identifiers.fiscal(known_by),
        "identifiers": identifiers.kept_text(known_by),
        "birth_date": fields.birth_date,
        "birth_place": fields.birth_place.upper(),
        "sex": fields.sex,
        "email": fields.email,
        "phone": fields.phone,
        "phone_e164": e164(fields.phone) if fields.phone else "",
    }
    return columns, known_by


def _detail(patient: sql.PatientRow) -> dict[str, object]:
    return {"patient": patient.id}
