"""Statements about patients."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from varco.gate.api.patients.schema import Patient
from varco.gate.store import CLINICAL, Statement

_COLUMNS = "id, first_name, last_name, fiscal_code, birth_date, sex, email, phone, version"
_NAMED = """
    (' ' || search_name) LIKE :word1 ESCAPE '!' AND (' ' || search_name) LIKE :word2 ESCAPE '!'
    AND (' ' || search_name) LIKE :word3 ESCAPE '!'
"""

PATIENTS = Statement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS} FROM clinic_patient WHERE tenant_id = :tenant_id AND {_NAMED}
    ORDER BY search_name, id LIMIT :limit OFFSET :offset
    """,
    Patient,
)
"""Patients of a tenant whose name fits three patterns."""

PATIENTS_OF_FISCAL_CODE = Statement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS} FROM clinic_patient
    WHERE tenant_id = :tenant_id AND fiscal_code = :fiscal_code AND NOT (fiscal_code = '') AND {_NAMED}
    ORDER BY search_name, id LIMIT :limit OFFSET :offset
    """,
    Patient,
)
"""The same of one fiscal code: one patient at most. Its second condition is that of the unique index, word for word, without
which SQLite does not use it, nor PostgreSQL once it plans for any value."""

PATIENT = Statement(
    CLINICAL, f"SELECT {_COLUMNS} FROM clinic_patient WHERE tenant_id = :tenant_id AND id = :id", Patient
)
"""One patient of a tenant."""

ADD_PATIENT = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_patient (tenant_id, first_name, last_name, search_name, fiscal_code, birth_date, sex, email, phone,
                                version, created_at, updated_at)
    VALUES (:tenant_id, :first_name, :last_name, :search_name, :fiscal_code, :birth_date, :sex, :email, :phone, 1, :now, :now)
    RETURNING {_COLUMNS}
    """,
    Patient,
)
"""Add a patient; `now` in epoch seconds. A fiscal code that the tenant has already breaks a unique constraint."""

CHANGE_PATIENT = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_patient SET first_name = :first_name, last_name = :last_name, search_name = :search_name,
           fiscal_code = :fiscal_code, birth_date = :birth_date, sex = :sex, email = :email, phone = :phone,
           version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version
    RETURNING {_COLUMNS}
    """,
    Patient,
)
"""Change a patient that still has a version; `now` in epoch seconds. A fiscal code breaks as with `ADD_PATIENT`."""
