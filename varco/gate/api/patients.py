"""Patients of the clinic (S27)."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from varco.audit.tags import Tag
from varco.clinical.names import search_patterns
from varco.gate.api.operations import Call, OperationResult, Page, Paging, operation, page
from varco.gate.errors import not_found
from varco.gate.store.sql.clinical import PATIENT, PATIENTS, PATIENTS_OF_FISCAL_CODE, PatientRow

SCOPE = "giponext.patients"


class Patient(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A patient."""

    id: int
    first_name: str
    last_name: str
    fiscal_code: str
    birth_date: dt.date | None
    sex: Literal["", "F", "M"]
    email: str
    phone: str
    version: int


class PatientsQuery(Paging, frozen=True, kw_only=True, rename="camel"):
    """Which patients."""

    name: Annotated[
        str,
        Meta(max_length=100, description="Words that begin words of the name, in any case, with or without accents."),
    ] = ""
    fiscal_code: Annotated[str, Meta(max_length=16, pattern="^[A-Za-z0-9]*$", description="The exact fiscal code.")] = (
        ""
    )


def _patient(row: PatientRow) -> Patient:
    return Patient(
        id=row.id,
        first_name=row.first_name,
        last_name=row.last_name,
        fiscal_code=row.fiscal_code,
        birth_date=row.birth_date,
        sex=row.sex,
        email=row.email,
        phone=row.phone,
        version=row.version,
    )


@operation(
    "GET",
    "/v2/tenants/{tenantId}/patients",
    scope=SCOPE,
    permission="patients.read",
    summary="Patients of the clinic, by name and fiscal code",
    query=PatientsQuery,
    response=Page[Patient],
    audit=Tag.PATIENTS_LISTED,
)
async def list_patients(call: Call) -> OperationResult:
    """In the order of their names; without conditions, all of them."""
    asked: PatientsQuery = call.query
    word1, word2, word3 = search_patterns(asked.name)
    values = {
        "tenant_id": call.tenant_id,
        "word1": word1,
        "word2": word2,
        "word3": word3,
        "limit": asked.limit + 1,
        "offset": asked.offset,
    }
    if asked.fiscal_code:
        rows = await call.clinic.all(PATIENTS_OF_FISCAL_CODE(fiscal_code=asked.fiscal_code.upper(), **values))
    else:
        rows = await call.clinic.all(PATIENTS(**values))
    found = page([_patient(row) for row in rows], asked)
    return OperationResult(found, {"patients": [patient.id for patient in found.items]})


@operation(
    "GET",
    "/v2/tenants/{tenantId}/patients/{patientId}",
    scope=SCOPE,
    permission="patients.read",
    summary="One patient of the clinic",
    response=Patient,
    audit=Tag.PATIENT_READ,
)
async def get_patient(call: Call) -> OperationResult:
    """One patient by id. Raises `OAuthError` (404), also for a patient of another clinic."""
    row = await call.clinic.one(PATIENT(tenant_id=call.tenant_id, id=call.path["patientId"]))
    if row is None:
        raise not_found(f"patient {call.path['patientId']}")
    return OperationResult(_patient(row), {"patient": row.id})
