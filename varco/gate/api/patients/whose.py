"""What hangs on a patient: whose it is, listed and read one by one, and on which day something may have been."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from varco.gate.api import lists
from varco.gate.api.body import invalid_fields
from varco.gate.api.calls import Call, OperationResult, WriteCall
from varco.gate.api.conditions import merged_into, wrong_state
from varco.gate.api.patients import sql
from varco.gate.errors import not_found
from varco.gate.store import Statement
from varco.json_fields import FieldFault
from varco.paging import Paging


async def patient_of(call: Call[Any]) -> sql.PatientRow:
    """The patient of the path, merged ones too: what was written for their number is read there. Raises `OAuthError` (404)."""
    return await _found(call, call.path["patientId"])


async def list_of_patient(
    call: Call[Paging], statement: Statement[Any], present: Callable[[Any], Any] = lambda row: row
) -> OperationResult:
    """A part of what hangs on the patient of the path, in the order of its ids. Raises `OAuthError` (404)."""
    patient, part = await patient_of(call), lists.window(call)
    rows = await call.clinic.all(statement(tenant_id=call.tenant_id, patient=patient.id, **lists.part_by_id(part)))
    return OperationResult(lists.answer(call, rows, part, lambda row: ("", row.id), present), {"patient": patient.id})


def of_the_patient(call: Call[Any] | WriteCall[Any, Any], row: Any, what: str) -> Any:
    """A row, if it is the patient's of the path. Raises `OAuthError` (404), also for one of another patient.

    `what` is the name of its id in the path, without the `Id`.
    """
    if row is None or row.patient_id != call.path["patientId"]:
        raise not_found(f"{what} {call.path[f'{what}Id']}")
    return row


def today(now_ms: int) -> dt.date:
    """The day, by UTC: the gate knows no clinic's zone."""
    return dt.datetime.fromtimestamp(now_ms // 1000, dt.UTC).date()


def not_to_come(field: str, day: dt.date, now_ms: int) -> None:
    """Raise `OAuthError` (422) for a day that has not come anywhere yet."""
    if day > today(now_ms) + dt.timedelta(days=1):
        words = ("This date has not come yet.", "Questa data non è ancora arrivata.")
        raise invalid_fields([FieldFault(field, "out_of_range", *words)])


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
