"""Statements about patients."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

import datetime as dt

from varco.gate.api.patients.schema import Sex, State
from varco.gate.store import CLINICAL, LongStatement, Row, Statement


class PatientRow(Row, frozen=True):
    """A patient as it is kept; `identifiers` is JSON, or empty where the fiscal code is all there is."""

    id: int
    first_name: str
    last_name: str
    fiscal_code: str
    identifiers: str
    birth_date: dt.date | None
    birth_place: str
    sex: Sex
    email: str
    phone: str
    phone_e164: str
    state: State
    version: int
    merged_into: int | None


class ListedPatient(PatientRow, frozen=True):
    """A patient, and the name by which lists are ordered."""

    search_name: str


_COLUMNS = ", ".join(PatientRow.__struct_fields__)
_OF_P = ", ".join(f"p.{column}" for column in PatientRow.__struct_fields__)

_FITS = """
    (p.birth_date = :born OR :born IS NULL) AND p.phone_e164 LIKE :phones
    AND (' ' || p.search_name) LIKE :pattern1 AND (' ' || p.search_name) LIKE :pattern2
    AND (' ' || p.search_name) LIKE :pattern3 AND (p.search_name, p.id) > (:after_text, :after_id)
"""
"""What is asked besides what they are found by: `born` may be null; `phones` and the patterns of words are `%` where nothing is asked."""

PATIENTS = LongStatement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS}, search_name FROM clinic_patient
    WHERE tenant_id = :tenant_id AND state = :state AND (search_name, id) > (:after_text, :after_id)
    ORDER BY search_name, id LIMIT :limit OFFSET :offset
    """,
    ListedPatient,
)
"""Patients of a tenant, after one of them; `lists.part` gives the parameters of all lists."""

PATIENTS_NAMED = LongStatement(
    CLINICAL,
    f"""
    SELECT {_OF_P}, p.search_name FROM
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
"""Active ones with a word from `first` on and before `beyond`, whose name fits two patterns. The page is found in the words' index
alone, before patients are read."""

ARCHIVED_NAMED = LongStatement(
    CLINICAL,
    f"""
    SELECT {_OF_P}, p.search_name FROM clinic_patient p
    WHERE p.tenant_id = :tenant_id AND p.state = 'archived'
      AND (' ' || p.search_name) LIKE :pattern1 AND (' ' || p.search_name) LIKE :pattern2
      AND (' ' || p.search_name) LIKE :pattern3 AND (p.search_name, p.id) > (:after_text, :after_id)
    ORDER BY p.search_name, p.id LIMIT :limit OFFSET :offset
    """,
    ListedPatient,
)
"""Archived ones whose name fits three patterns. They have no words: it looks at archived ones until the page is full."""

PATIENTS_IDENTIFIED = Statement(
    CLINICAL,
    f"""
    SELECT {_OF_P}, p.search_name FROM
        (SELECT id FROM clinic_patient
         WHERE tenant_id = :tenant_id AND fiscal_code = :identifier AND NOT (fiscal_code = '')
         UNION
         SELECT patient_id FROM clinic_patientidentifier WHERE tenant_id = :tenant_id AND value = :identifier) found
    JOIN clinic_patient p ON p.id = found.id
    WHERE (p.tenant_id || '') = :tenant_id AND (p.state || '') = :state AND {_FITS}
    ORDER BY p.search_name, p.id LIMIT :limit OFFSET :offset
    """,
    ListedPatient,
)
"""Those with an identifier, which is one as a rule. The condition on the empty code is that of the unique index, word for word,
without which SQLite does not use it, nor PostgreSQL once it plans for any value. `|| ''` keeps PostgreSQL from taking the clinic's list
instead of the few that were found."""

PATIENTS_CALLED = LongStatement(
    CLINICAL,
    f"""
    SELECT {_OF_P}, p.search_name FROM clinic_patient p
    WHERE p.tenant_id = :tenant_id AND p.phone_e164 = :phone AND NOT (p.phone_e164 = '') AND p.state = :state AND {_FITS}
    ORDER BY p.search_name, p.id LIMIT :limit OFFSET :offset
    """,
    ListedPatient,
)
"""Those with a telephone number, which a family or a home may share; the condition on none is that of the index."""

PATIENTS_BORN = LongStatement(
    CLINICAL,
    f"""
    SELECT {_OF_P}, p.search_name FROM clinic_patient p
    WHERE p.tenant_id = :tenant_id AND p.birth_date = :birth_date AND p.state = :state AND {_FITS}
    ORDER BY p.search_name, p.id LIMIT :limit OFFSET :offset
    """,
    ListedPatient,
)
"""Those of a date of birth."""

PATIENT = Statement(
    CLINICAL, f"SELECT {_COLUMNS} FROM clinic_patient WHERE tenant_id = :tenant_id AND id = :id", PatientRow
)
"""One patient of a tenant, in whatever state."""

ADD_PATIENT = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_patient (tenant_id, first_name, last_name, search_name, fiscal_code, identifiers, birth_date, birth_place,
                                sex, email, phone, phone_e164, state, version, created_at, updated_at)
    VALUES (:tenant_id, :first_name, :last_name, :search_name, :fiscal_code, :identifiers, :birth_date, :birth_place,
            :sex, :email, :phone, :phone_e164, 'active', 1, :now, :now)
    RETURNING {_COLUMNS}
    """,
    PatientRow,
)
"""Add a patient; `now` in epoch seconds. A fiscal code that the tenant has already breaks a unique constraint."""

CHANGE_PATIENT = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_patient SET first_name = :first_name, last_name = :last_name, search_name = :search_name,
           fiscal_code = :fiscal_code, identifiers = :identifiers, birth_date = :birth_date, birth_place = :birth_place,
           sex = :sex, email = :email, phone = :phone, phone_e164 = :phone_e164, version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version
    RETURNING {_COLUMNS}
    """,
    PatientRow,
)
"""Change a patient that still has a version; `now` in epoch seconds. A fiscal code breaks as with `ADD_PATIENT`."""

FORGET_IDENTIFIERS = Statement(
    CLINICAL, "DELETE FROM clinic_patientidentifier WHERE patient_id = :id AND tenant_id = :tenant_id"
)
"""Of a patient whose identifiers are then added anew."""

ADD_IDENTIFIER = Statement(
    CLINICAL,
    """
    INSERT INTO clinic_patientidentifier (tenant_id, patient_id, kind, issuer, value)
    VALUES (:tenant_id, :id, :kind, :issuer, :value)
    """,
)
"""What a patient is found by besides the fiscal code in use. One that only one patient can have breaks a unique constraint."""


class PatientId(Row, frozen=True):
    """Which patient."""

    id: int


WITH_FISCAL_CODE = Statement(
    CLINICAL,
    """
    SELECT id FROM clinic_patient WHERE tenant_id = :tenant_id AND fiscal_code = :fiscal_code AND NOT (fiscal_code = '')
    """,
    PatientId,
)
"""Whose a fiscal code is."""

POSSIBLE_DUPLICATES = LongStatement(
    CLINICAL,
    """
    SELECT id FROM clinic_patient
    WHERE tenant_id = :tenant_id AND state IN ('active', 'archived') AND search_name = :search_name
      AND (birth_date = :birth_date OR (phone_e164 = :phone_e164 AND NOT (phone_e164 = '')) OR (email = :email AND NOT (email = '')))
    ORDER BY id LIMIT 10
    """,
    PatientId,
)
"""Those of a name who share something else that says who they are."""

SET_STATE = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_patient SET state = :state, version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version
    RETURNING {_COLUMNS}
    """,
    PatientRow,
)
"""Put a patient that still has a version among others."""

ANONYMISE = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_patient SET first_name = '', last_name = '', search_name = '', fiscal_code = '', identifiers = '',
           birth_date = NULL, birth_place = '', sex = '', email = '', phone = '', phone_e164 = '', state = 'anonymised',
           version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version
    RETURNING {_COLUMNS}
    """,
    PatientRow,
)
"""Take away all that says who a patient is. The row stays for what stands on it."""
