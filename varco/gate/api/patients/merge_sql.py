"""Statements about merging two records of one patient, and undoing it."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from varco.gate.api.patients.sql import PatientId, PatientRow
from varco.gate.store import CLINICAL, Row, Statement

_COLUMNS = ", ".join(PatientRow.__struct_fields__)
_MERGE = "tenant_id, survivor_id, duplicate_id, taken, fiscal_code, identifiers, state, merged_by, merged_at"


class MergeRow(Row, frozen=True):
    """What is to be given back: identifiers that the survivor took, and what the duplicate had."""

    id: int
    taken: str
    fiscal_code: str
    identifiers: str
    state: str


CLAIM_SURVIVOR = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_patient SET version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version AND state = 'active'
    RETURNING {_COLUMNS}
    """,
    PatientRow,
)
"""The first step of a merge and of its end, and the condition of the others: from here on the survivor is locked."""

RELEASE_DUPLICATE = Statement(
    CLINICAL,
    """
    UPDATE clinic_patient SET state = 'merged', merged_into = :survivor, fiscal_code = '', version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version AND state IN ('active', 'archived')
    """,
)
"""The other record stays as it is, but for its fiscal code, which only one can have."""

SET_IDENTIFIERS = Statement(
    CLINICAL,
    """
    UPDATE clinic_patient SET fiscal_code = :fiscal_code, identifiers = :identifiers WHERE tenant_id = :tenant_id AND id = :id
    """,
)
"""Of a survivor that was claimed in the same transaction."""

PROVE_MERGE = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_patientmerge ({_MERGE})
    SELECT {_MERGE} FROM clinic_patientmerge
    WHERE tenant_id = :tenant_id AND duplicate_id = :id AND ended_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM clinic_patient p
                      WHERE p.id = :id AND p.tenant_id = :tenant_id AND p.merged_into = :survivor AND p.state = 'merged')
    """,
)
"""Break a unique constraint, and with it the transaction, where `RELEASE_DUPLICATE` found the duplicate changed: a further
statement has no other way to say so."""

ADD_MERGE = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_patientmerge ({_MERGE})
    VALUES (:tenant_id, :survivor, :id, :taken, :fiscal_code, :identifiers, :state, :merged_by, :now)
    """,
)
"""What was done. A duplicate that was merged meanwhile breaks a unique constraint."""

MERGE_OF = Statement(
    CLINICAL,
    """
    SELECT id, taken, fiscal_code, identifiers, state FROM clinic_patientmerge
    WHERE tenant_id = :tenant_id AND survivor_id = :survivor AND duplicate_id = :id AND ended_at IS NULL
    """,
    MergeRow,
)
"""The merge that may be undone."""

END_MERGE = Statement(
    CLINICAL,
    """
    UPDATE clinic_patientmerge SET ended_at = :now, taken = '[]', fiscal_code = '', identifiers = ''
    WHERE tenant_id = :tenant_id AND survivor_id = :survivor AND duplicate_id = :id AND ended_at IS NULL
    """,
)
"""The merge is undone; what was kept to undo it goes."""

RESTORE_DUPLICATE = Statement(
    CLINICAL,
    """
    UPDATE clinic_patient SET state = :state, merged_into = NULL, fiscal_code = :fiscal_code, identifiers = :identifiers,
           version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND state = 'merged' AND merged_into = :survivor
    """,
)
"""The other record is a patient again."""

MERGED_INTO = Statement(
    CLINICAL,
    """
    SELECT duplicate_id AS id FROM clinic_patientmerge
    WHERE tenant_id = :tenant_id AND survivor_id = :survivor AND ended_at IS NULL
    """,
    PatientId,
)
"""The records that were merged into a patient's. While the patient has its version they stay the same."""

ANONYMISE_MERGED = Statement(
    CLINICAL,
    """
    UPDATE clinic_patient SET first_name = '', last_name = '', search_name = '', fiscal_code = '', identifiers = '',
           birth_date = NULL, birth_place = '', sex = '', email = '', phone = '', phone_e164 = '', updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND state = 'merged'
    """,
)
"""A record that was merged into a patient says no more who it was than the patient's own."""

ANONYMISE_MERGE = Statement(
    CLINICAL,
    """
    UPDATE clinic_patientmerge SET taken = '[]', fiscal_code = '', identifiers = ''
    WHERE tenant_id = :tenant_id AND duplicate_id = :id AND ended_at IS NULL
    """,
)
"""Nor does what was kept to undo the merge."""
