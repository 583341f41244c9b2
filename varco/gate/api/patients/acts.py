"""What is done with a patient's record as a whole: archived, taken out again, anonymised. It is never deleted (S48)."""

from varco.audit.tags import Tag
from varco.gate.api.calls import Write, WriteCall
from varco.gate.api.conditions import wrong_state
from varco.gate.api.guardians.sql import FORGET_GUARDIANS
from varco.gate.api.operations import write_operation
from varco.gate.api.patients import merge_sql, sql
from varco.gate.api.patients.answers import patient_answer
from varco.gate.api.patients.schema import EXAMPLE, EmptyObject, Patient

PATIENT = "/v2/tenants/{tenantId}/patients/{patientId}"


@write_operation(
    "POST",
    f"{PATIENT}/archive",
    resource="patients",
    summary="Put a patient among the archived ones",
    body=EmptyObject,
    response=Patient,
    current=sql.PATIENT,
    audit=Tag.PATIENT_ARCHIVED,
    example=EXAMPLE,
    body_example=EmptyObject(),
)
async def archive_patient(call: WriteCall[EmptyObject, sql.PatientRow]) -> Write[sql.PatientRow]:
    """From then on lists and searches by name pass over it. Raises `OAuthError` (409)."""
    return _moved(call, "active", "archived")


@write_operation(
    "POST",
    f"{PATIENT}/restore",
    resource="patients",
    summary="Take a patient out of the archive",
    body=EmptyObject,
    response=Patient,
    current=sql.PATIENT,
    audit=Tag.PATIENT_RESTORED,
    example=EXAMPLE,
    body_example=EmptyObject(),
)
async def restore_patient(call: WriteCall[EmptyObject, sql.PatientRow]) -> Write[sql.PatientRow]:
    """The patient is an active one again. Raises `OAuthError` (409)."""
    return _moved(call, "archived", "active")


def _moved(call: WriteCall[EmptyObject, sql.PatientRow], before: str, after: str) -> Write[sql.PatientRow]:
    patient = call.current
    if patient.state != before:
        raise wrong_state(patient.state, before)
    return Write(
        sql.SET_STATE(
            tenant_id=call.tenant_id, id=patient.id, version=patient.version, state=after, now=call.now_ms // 1000
        ),
        detail=lambda row: {"patient": row.id},
        present=patient_answer,
    )


@write_operation(
    "POST",
    f"{PATIENT}/anonymise",
    resource="patients",
    access="anonymise",
    summary="Take away everything that says who a patient was, for good",
    body=EmptyObject,
    response=Patient,
    current=sql.PATIENT,
    audit=Tag.PATIENT_ANONYMISED,
    example=EXAMPLE,
    body_example=EmptyObject(),
)
async def anonymise_patient(call: WriteCall[EmptyObject, sql.PatientRow]) -> Write[sql.PatientRow]:
    """The record stays, for what stands on it, and so does that of whoever was merged into it. Raises `OAuthError` (409)."""
    patient, now = call.current, call.now_ms // 1000
    if patient.state == "anonymised":
        raise wrong_state(patient.state, "active or archived")
    one = {"tenant_id": call.tenant_id, "id": patient.id}
    merged = await _merged(call, patient.id)
    return Write(
        sql.ANONYMISE(**one, version=patient.version, now=now),
        detail=lambda row: {"patient": row.id},
        present=patient_answer,
        further=[
            sql.FORGET_IDENTIFIERS(**one),
            *(FORGET_GUARDIANS(tenant_id=call.tenant_id, patient=held) for held in (patient.id, *merged)),
            *(merge_sql.ANONYMISE_MERGED(tenant_id=call.tenant_id, id=other, now=now) for other in merged),
            *(merge_sql.ANONYMISE_MERGE(tenant_id=call.tenant_id, id=other) for other in merged),
        ],
    )


async def _merged(call: WriteCall[EmptyObject, sql.PatientRow], patient: int) -> list[int]:
    """The records that were merged into a patient's, and into those."""
    found, ahead = [], [patient]
    while ahead:
        survivor = ahead.pop()
        rows = await call.clinic.all(merge_sql.MERGED_INTO(tenant_id=call.tenant_id, survivor=survivor))
        found += [row.id for row in rows]
        ahead += [row.id for row in rows]
    return found
