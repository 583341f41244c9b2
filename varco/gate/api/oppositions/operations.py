"""Whether a patient's expenses are told to Sistema TS, with history (S47)."""

import datetime as dt

from varco.audit.tags import Tag
from varco.gate.api import lists
from varco.gate.api.body import invalid_fields
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.api.oppositions import sql
from varco.gate.api.oppositions.schema import BODY_EXAMPLE, EXAMPLE, Opposition, OppositionFields
from varco.gate.api.patients.whose import patient_of, patient_to_write_for
from varco.json_fields import FieldFault
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
    patient, part = await patient_of(call), lists.window(call)
    rows = await call.clinic.all(
        sql.OPPOSITIONS(tenant_id=call.tenant_id, patient=patient.id, **lists.part_by_id(part))
    )
    found = lists.answer(call, rows, part, lambda row: ("", row.id), lambda row: row)
    return OperationResult(found, {"patient": patient.id})


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
    today = dt.datetime.fromtimestamp(call.now_ms // 1000, dt.UTC).date()
    since = call.body.since or today
    if since > today + dt.timedelta(days=1):
        words = ("This date has not come yet.", "Questa data non è ancora arrivata.")
        raise invalid_fields([FieldFault("since", "out_of_range", *words)])
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
