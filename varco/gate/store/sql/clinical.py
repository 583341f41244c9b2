"""Clinical data; the database is the tenant's."""

import datetime as dt
from typing import Literal

from varco.gate.store.statement import CLINICAL, Row, Statement


class PatientRow(Row, frozen=True):
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


_PATIENT = """
    SELECT id, first_name, last_name, fiscal_code, birth_date, sex, email, phone, version FROM clinic_patient
"""
_NAMED = """
    (' ' || search_name) LIKE :word1 ESCAPE '!' AND (' ' || search_name) LIKE :word2 ESCAPE '!'
    AND (' ' || search_name) LIKE :word3 ESCAPE '!'
"""

PATIENTS = Statement(
    CLINICAL,
    f"""
    {_PATIENT} WHERE tenant_id = :tenant_id AND {_NAMED} ORDER BY search_name, id LIMIT :limit OFFSET :offset
    """,
    PatientRow,
)
"""Patients of a tenant whose name fits three patterns."""

PATIENTS_OF_FISCAL_CODE = Statement(
    CLINICAL,
    f"""
    {_PATIENT} WHERE tenant_id = :tenant_id AND {_NAMED} AND fiscal_code = :fiscal_code
    ORDER BY search_name, id LIMIT :limit OFFSET :offset
    """,
    PatientRow,
)
"""The same of one fiscal code."""

PATIENT = Statement(CLINICAL, f"{_PATIENT} WHERE tenant_id = :tenant_id AND id = :id", PatientRow)
"""One patient of a tenant."""


class AgendaRow(Row, frozen=True):
    """An agenda."""

    id: int
    name: str
    doctor_name: str
    color: str
    active: bool


AGENDAS = Statement(
    CLINICAL,
    """
    SELECT id, name, doctor_name, color, active FROM clinic_agenda
    WHERE tenant_id = :tenant_id ORDER BY name, id LIMIT :limit OFFSET :offset
    """,
    AgendaRow,
)
"""Agendas of a tenant."""
