"""What a patient, or who speaks for them, agreed to (S47)."""

import datetime as dt
from typing import Any

from varco.audit.tags import Tag
from varco.clinical import consents
from varco.gate.api.body import invalid_fields
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall
from varco.gate.api.conditions import wrong_state
from varco.gate.api.consents import sql
from varco.gate.api.consents.schema import BODY_EXAMPLE, EXAMPLE, Consent, ConsentFields
from varco.gate.api.guardians.sql import GUARDIAN
from varco.gate.api.operations import read_operation, write_operation
from varco.gate.api.patients.schema import EmptyObject
from varco.gate.api.patients.sql import PatientRow
from varco.gate.api.patients.whose import list_of_patient, not_to_come, of_the_patient, patient_to_write_for, today
from varco.json_fields import FieldFault
from varco.paging import Page, Paging

CONSENTS = "/v2/tenants/{tenantId}/patients/{patientId}/consents"
CONSENT = f"{CONSENTS}/{{consentId}}"


@read_operation(
    CONSENTS,
    resource="patients",
    summary="Consents of a patient",
    query=Paging,
    response=Page[Consent],
    audit=Tag.PATIENT_READ,
    example=EXAMPLE,
)
async def list_consents(call: Call[Paging]) -> OperationResult:
    """All of them, withdrawn ones too, in the order in which they were recorded. Raises `OAuthError` (404)."""
    day = today(call.context.now_ms())
    return await list_of_patient(call, sql.CONSENTS, lambda row: consent_answer(row, day))


@read_operation(
    CONSENT,
    resource="patients",
    summary="One consent of a patient",
    response=Consent,
    audit=Tag.PATIENT_READ,
    example=EXAMPLE,
)
async def get_consent(call: Call[None]) -> OperationResult:
    """One by id. Raises `OAuthError` (404), also for one of another patient."""
    found = await call.clinic.one(sql.CONSENT(tenant_id=call.tenant_id, id=call.path["consentId"]))
    row = of_the_patient(call, found, "consent")
    answer = consent_answer(row, today(call.context.now_ms()))
    return OperationResult(answer, {"patient": row.patient_id}, version=row.version)


@write_operation(
    "POST",
    CONSENTS,
    resource="patients",
    summary="Record a consent",
    body=ConsentFields,
    response=Consent,
    success=201,
    audit=Tag.PATIENT_CONSENTED,
    example=EXAMPLE,
    body_example=BODY_EXAMPLE,
)
async def create_consent(call: WriteCall[ConsentFields, None]) -> Write[sql.ConsentRow]:
    """Record what was agreed to. Raises `OAuthError`: 404, 409, 422 where somebody gave it who may not."""
    patient, day = await patient_to_write_for(call), today(call.now_ms)
    given_on = call.body.given_on or day
    not_to_come("givenOn", given_on, call.now_ms)
    return Write(
        sql.ADD_CONSENT(
            tenant_id=call.tenant_id,
            patient=patient.id,
            kind=call.body.kind,
            text_version=call.body.text_version,
            given_on=given_on,
            guardian=call.body.guardian_id,
            confirm_from=await _confirm_from(call, patient, given_on),
            recorded_by=call.caller.person.sub,
            recorded_by_name=call.caller.person.name,
            now=call.now_ms // 1000,
        ),
        detail=_detail,
        present=lambda row: consent_answer(row, day),
    )


async def _confirm_from(call: WriteCall[ConsentFields, None], patient: PatientRow, given_on: dt.date) -> dt.date | None:
    """When the patient has to confirm it. Raises `OAuthError` (422) for a guardian who may not give it."""
    if call.body.guardian_id is None:
        return None
    row = await call.clinic.one(GUARDIAN(tenant_id=call.tenant_id, id=call.body.guardian_id))
    if row is None or row.patient_id != patient.id:
        raise _fault(
            "guardianId", "not_allowed", "The patient has no such guardian.", "Il paziente non ha questo tutore."
        )
    guardian = consents.Guardian(row.relation, row.valid_from, row.valid_to)
    if not consents.may_speak(guardian, patient.birth_date, given_on):
        raise _fault(
            "guardianId",
            "not_allowed",
            "On that day this guardian did not speak for the patient, or the patient was of age.",
            "In quel giorno questa persona non rappresentava il paziente, o il paziente era maggiorenne.",
        )
    return consents.confirm_from(row.relation, patient.birth_date)


@write_operation(
    "POST",
    f"{CONSENT}/confirm",
    resource="patients",
    summary="Confirm, of age, what a guardian agreed to",
    body=EmptyObject,
    response=Consent,
    current=sql.CONSENT,
    audit=Tag.PATIENT_CONSENT_CONFIRMED,
    example=EXAMPLE,
    body_example=EmptyObject(),
)
async def confirm_consent(call: WriteCall[EmptyObject, sql.ConsentRow]) -> Write[sql.ConsentRow]:
    """The patient stands by it. Raises `OAuthError`: 404, 409 where there is nothing to confirm."""
    return await _set(call, "toConfirm", confirmed_on=today(call.now_ms), withdrawn_on=None)


@write_operation(
    "POST",
    f"{CONSENT}/withdraw",
    resource="patients",
    summary="Withdraw a consent",
    body=EmptyObject,
    response=Consent,
    current=sql.CONSENT,
    audit=Tag.PATIENT_CONSENT_TAKEN_BACK,
    example=EXAMPLE,
    body_example=EmptyObject(),
)
async def withdraw_consent(call: WriteCall[EmptyObject, sql.ConsentRow]) -> Write[sql.ConsentRow]:
    """It holds no more, from today. Raises `OAuthError`: 404, 409 for one that was withdrawn."""
    dates = {"confirmed_on": call.current.confirmed_on, "withdrawn_on": today(call.now_ms)}
    return await _set(call, "given", "toConfirm", **dates)


async def _set(call: WriteCall[EmptyObject, sql.ConsentRow], *states: str, **dates: Any) -> Write[sql.ConsentRow]:
    consent, day = of_the_patient(call, call.current, "consent"), today(call.now_ms)
    await patient_to_write_for(call)
    state = consent_answer(consent, day).state
    if state not in states:
        raise wrong_state(state, " or ".join(states))
    return Write(
        sql.SET_CONSENT(tenant_id=call.tenant_id, id=consent.id, version=consent.version, **dates),
        detail=_detail,
        present=lambda row: consent_answer(row, day),
    )


def consent_answer(row: sql.ConsentRow, day: dt.date) -> Consent:
    """A consent as programs see it on a day."""
    state = consents.state(
        withdrawn_on=row.withdrawn_on, confirmed_on=row.confirmed_on, confirm=row.confirm_from, today=day
    )
    return Consent(
        row.id, row.patient_id, row.kind, row.text_version, row.given_on, "guardian" if row.guardian_id else "patient",
        row.guardian_id, row.confirm_from, row.confirmed_on, row.withdrawn_on, state, row.recorded_by,
        row.recorded_by_name, row.version,
    )  # fmt: skip


def _detail(row: sql.ConsentRow) -> dict[str, object]:
    return {"patient": row.patient_id, "consent": row.id}


def _fault(field: str, code: str, *words: str) -> Exception:
    return invalid_fields([FieldFault(field, code, *words)])
