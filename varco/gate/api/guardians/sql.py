"""Statements about who speaks for patients."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from varco.gate.api.guardians.schema import Guardian
from varco.gate.store import CLINICAL, LongStatement, Statement

_COLUMNS = ", ".join(Guardian.__struct_fields__)

GUARDIANS = LongStatement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS} FROM clinic_patientguardian
    WHERE tenant_id = :tenant_id AND patient_id = :patient AND id > :after_id ORDER BY id LIMIT :limit OFFSET :offset
    """,
    Guardian,
)
"""Those of a patient, in the order in which they were added."""

GUARDIAN = Statement(
    CLINICAL, f"SELECT {_COLUMNS} FROM clinic_patientguardian WHERE tenant_id = :tenant_id AND id = :id", Guardian
)
"""One of a tenant."""

ADD_GUARDIAN = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_patientguardian (tenant_id, patient_id, name, relation, phone, email, valid_from, valid_to, version)
    VALUES (:tenant_id, :patient, :name, :relation, :phone, :email, :valid_from, :valid_to, 1)
    RETURNING {_COLUMNS}
    """,
    Guardian,
)
"""Add one."""

CHANGE_GUARDIAN = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_patientguardian SET name = :name, relation = :relation, phone = :phone, email = :email,
           valid_from = :valid_from, valid_to = :valid_to, version = version + 1
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version
    RETURNING {_COLUMNS}
    """,
    Guardian,
)
"""Change one that still has a version."""

FORGET_GUARDIANS = Statement(
    CLINICAL, "DELETE FROM clinic_patientguardian WHERE tenant_id = :tenant_id AND patient_id = :patient"
)
"""Of a patient who is anonymised: who spoke for them says who they were."""
