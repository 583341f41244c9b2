"""Who speaks for a patient (S47)."""

from typing import Any

import msgspec

from varco.audit.tags import Tag
from varco.clinical.patients import unseen_fault
from varco.gate.api.body import invalid_fields
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall, merged
from varco.gate.api.guardians import sql
from varco.gate.api.guardians.schema import (
    BODY_EXAMPLE,
    CHANGE_EXAMPLE,
    EXAMPLE,
    Guardian,
    GuardianChange,
    GuardianFields,
)
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.api.patients.whose import list_of_patient, of_the_patient, patient_to_write_for
from varco.json_fields import FieldFault
from varco.paging import Page, Paging

GUARDIANS = "/v2/tenants/{tenantId}/patients/{patientId}/guardians"
GUARDIAN = f"{GUARDIANS}/{{guardianId}}"


@read_operation(
    GUARDIANS,
    resource="patients",
    summary="Who speaks for a patient",
    query=Paging,
    response=Page[Guardian],
    audit=Tag.PATIENT_READ,
    example=EXAMPLE,
)
async def list_guardians(call: Call[Paging]) -> OperationResult:
    """In the order in which they were added. Raises `OAuthError` (404)."""
    return await list_of_patient(call, sql.GUARDIANS)


@read_operation(
    GUARDIAN,
    resource="patients",
    summary="One who speaks for a patient",
    response=Guardian,
    audit=Tag.PATIENT_READ,
    example=EXAMPLE,
)
async def get_guardian(call: Call[None]) -> OperationResult:
    """One by id. Raises `OAuthError` (404), also for one of another patient."""
    found = await call.clinic.one(sql.GUARDIAN(tenant_id=call.tenant_id, id=call.path["guardianId"]))
    row = of_the_patient(call, found, "guardian")
    return OperationResult(row, {"patient": row.patient_id}, version=row.version)


@write_operation(
    "POST",
    GUARDIANS,
    resource="patients",
    summary="Add somebody who speaks for a patient",
    body=GuardianFields,
    response=Guardian,
    success=201,
    audit=Tag.PATIENT_GUARDIAN_ADDED,
    example=EXAMPLE,
    body_example=BODY_EXAMPLE,
)
async def create_guardian(call: WriteCall[GuardianFields, None]) -> Write[Guardian]:
    """Add one. Raises `OAuthError`: 404, 409, 422."""
    patient = await patient_to_write_for(call)
    columns = _sound(call.body)
    return Write(
        sql.ADD_GUARDIAN(tenant_id=call.tenant_id, patient=patient.id, **columns),
        detail=lambda row: {"patient": row.patient_id, "guardian": row.id},
    )


@write_operation(
    "PATCH",
    GUARDIAN,
    resource="patients",
    summary="Change somebody who speaks for a patient, or end it",
    body=GuardianChange,
    response=Guardian,
    current=sql.GUARDIAN,
    audit=Tag.PATIENT_GUARDIAN_CHANGED,
    example=EXAMPLE,
    body_example=CHANGE_EXAMPLE,
)
async def change_guardian(call: WriteCall[GuardianChange, Guardian]) -> Write[Guardian]:
    """Change what the body names. Raises `OAuthError`: 404, 409, 422."""
    guardian = of_the_patient(call, call.current, "guardian")
    await patient_to_write_for(call)
    columns = _sound(merged(GuardianFields, guardian, call.body))
    return Write(
        sql.CHANGE_GUARDIAN(tenant_id=call.tenant_id, id=guardian.id, version=guardian.version, **columns),
        detail=lambda row: {"patient": row.patient_id, "guardian": row.id},
    )


def _sound(fields: GuardianFields) -> dict[str, Any]:
    found = []
    if words := unseen_fault(fields.name):
        found.append(FieldFault("name", "invalid_format", *words))
    if not fields.name.strip():
        found.append(FieldFault("name", "required", "This may not be empty.", "Questo campo non può essere vuoto."))
    if fields.valid_from and fields.valid_to and fields.valid_to < fields.valid_from:
        found.append(FieldFault("validTo", "out_of_range", "It ends before it begins.", "Finisce prima di iniziare."))
    if found:
        raise invalid_fields(found)
    return msgspec.structs.asdict(fields) | {"name": fields.name.strip()}
