"""Statements about oppositions to Sistema TS."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from varco.gate.api.oppositions.schema import Opposition
from varco.gate.store import CLINICAL, LongStatement, Statement

_COLUMNS = ", ".join(Opposition.__struct_fields__)

OPPOSITIONS = LongStatement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS} FROM clinic_patientopposition
    WHERE tenant_id = :tenant_id AND patient_id = :patient AND id > :after_id ORDER BY id LIMIT :limit OFFSET :offset
    """,
    Opposition,
)
"""The history of a patient, in the order in which it was recorded."""

ADD_OPPOSITION = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_patientopposition (tenant_id, patient_id, opposed, since, recorded_by, recorded_by_name, recorded_at)
    VALUES (:tenant_id, :patient, :opposed, :since, :recorded_by, :recorded_by_name, :now)
    RETURNING {_COLUMNS}
    """,
    Opposition,
)
"""Record what the patient wants; `now` in epoch seconds."""
