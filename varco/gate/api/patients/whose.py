"""Whose something is that hangs on a patient."""

from typing import Any

from varco.gate.api.calls import Call, WriteCall
from varco.gate.api.conditions import merged_into, wrong_state
from varco.gate.api.patients import sql
from varco.gate.errors import not_found


async def patient_of(call: Call[Any]) -> sql.PatientRow:
    """The patient of the path, merged ones too: what was written for their number is read there. Raises `OAuthError` (404)."""
    return await _found(call, call.path["patientId"])


async def patient_to_write_for(call: WriteCall[Any, Any]) -> sql.PatientRow:
    """The patient of the path, if something may be written for them. Raises `OAuthError`: 404, 409."""
    patient = await _found(call, call.path["patientId"])
    if patient.merged_into:
        raise merged_into(patient.merged_into)
    if patient.state == "anonymised":
        raise wrong_state(patient.state, "active or archived")
    return patient


async def _found(call: Call[Any] | WriteCall[Any, Any], patient_id: int) -> sql.PatientRow:
    patient = await call.clinic.one(sql.PATIENT(tenant_id=call.tenant_id, id=patient_id))
    if patient is None:
        raise not_found(f"patient {patient_id}")
    return patient
