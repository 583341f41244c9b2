"""Statements about patients."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from varco.gate.api.patients.schema import Patient
from varco.gate.store import CLINICAL, LongStatement, Statement

_COLUMNS = "id, first_name, last_name, fiscal_code, birth_date, sex, email, phone, version"


class ListedPatient(Patient, frozen=True):
    """A patient, and the name by which lists are ordered."""

    search_name: str


PATIENTS = LongStatement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS}, search_name FROM clinic_patient
    WHERE tenant_id = :tenant_id AND (search_name, id) > (:after_text, :after_id)
    ORDER BY search_name, id LIMIT :limit OFFSET :offset
    """,
    ListedPatient,
)
"""Patients of a tenant, after one of them; `lists.part` gives the parameters of all lists."""

PATIENTS_NAMED = LongStatement(
    CLINICAL,
    f"""
    SELECT {", ".join(f"p.{column}" for column in _COLUMNS.split(", "))}, p.search_name FROM
        (SELECT DISTINCT search_name, patient_id FROM clinic_patientword
         WHERE tenant_id = :tenant_id AND word >= :first AND word < :beyond
           AND (' ' || search_name) LIKE :pattern2 AND (' ' || search_name) LIKE :pattern3
           AND (search_name, patient_id) > (:after_text, :after_id)
         ORDER BY search_name, patient_id LIMIT :limit OFFSET :offset) found
    JOIN clinic_patient p ON p.id = found.patient_id
    WHERE p.tenant_id = :tenant_id ORDER BY found.search_name, p.id
    """,
    ListedPatient,
)
"""Those with a word from `first` on and before `beyond`, whose name fits two patterns. The page is found in the words' index
alone, before patients are read."""

PATIENTS_OF_FISCAL_CODE = Statement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS}, search_name FROM clinic_patient
    WHERE tenant_id = :tenant_id AND fiscal_code = :fiscal_code AND NOT (fiscal_code = '')
      AND (' ' || search_name) LIKE :pattern1 AND (' ' || search_name) LIKE :pattern2
      AND (' ' || search_name) LIKE :pattern3 AND (search_name, id) > (:after_text, :after_id)
    ORDER BY search_name, id LIMIT :limit OFFSET :offset
    """,
    ListedPatient,
)
"""The one of a fiscal code, if the name fits three patterns. The condition on the empty code is that of the unique index, word
for word, without which SQLite does not use it, nor PostgreSQL once it plans for any value."""

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
