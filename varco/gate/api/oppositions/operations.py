"""Whether a patient's expenses are told to Sistema TS, with history (S47)."""

from varco.audit.tags import Tag
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.api.oppositions import sql
from varco.gate.api.oppositions.schema import BODY_EXAMPLE, EXAMPLE, Opposition, OppositionFields
from varco.gate.api.patients.whose import list_of_patient, not_to_come, patient_to_write_for, today
from varco.paging import Page, Paging

OPPOSITIONS = "/v2/tenants/{tenantId}/patients/{patientId}/oppositions"


@read_operation(
    OPPOSITIONS,
    resource="patients",
    summary="Whether a patient objects to Sistema TS, from the beginning on",
    query=Paging,
    response=Page[Opposition],
    audit=Tag.PATIENT_READ,
    example=EXAMPLE,
)
async def list_oppositions(call: Call[Paging]) -> OperationResult:
    """In the order in which they were recorded; without any, the patient does not object. Raises `OAuthError` (404)."""
    return await list_of_patient(call, sql.OPPOSITIONS)


@write_operation(
    "POST",
    OPPOSITIONS,
    resource="patients",
    summary="Record that a patient objects to Sistema TS, or no more does",
    body=OppositionFields,
    response=Opposition,
    audit=Tag.PATIENT_OPPOSITION_RECORDED,
    example=EXAMPLE,
    body_example=BODY_EXAMPLE,
)
async def record_opposition(call: WriteCall[OppositionFields, None]) -> Write[Opposition]:
    """What stood before stays in the history. Raises `OAuthError`: 404, 409, 422."""
    patient = await patient_to_write_for(call)
    since = call.body.since or today(call.now_ms)
    not_to_come("since", since, call.now_ms)
    return Write(
        sql.ADD_OPPOSITION(
            tenant_id=call.tenant_id,
            patient=patient.id,
            opposed=call.body.opposed,
            since=since,
            recorded_by=call.caller.person.sub,
            recorded_by_name=call.caller.person.name,
            now=call.now_ms // 1000,
        ),
        detail=lambda row: {"patient": row.patient_id, "opposition": row.id},
    )
