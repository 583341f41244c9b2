"""Statements about consents."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

import datetime as dt

from varco.gate.api.consents.schema import Kind
from varco.gate.store import CLINICAL, LongStatement, Row, Statement


class ConsentRow(Row, frozen=True):
    """A consent as it is kept."""

    id: int
    patient_id: int
    kind: Kind
    text_version: str
    given_on: dt.date
    guardian_id: int | None
    confirm_from: dt.date | None
    confirmed_on: dt.date | None
    withdrawn_on: dt.date | None
    recorded_by: str
    recorded_by_name: str
    version: int


_COLUMNS = ", ".join(ConsentRow.__struct_fields__)

CONSENTS = LongStatement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS} FROM clinic_patientconsent
    WHERE tenant_id = :tenant_id AND patient_id = :patient AND id > :after_id ORDER BY id LIMIT :limit OFFSET :offset
    """,
    ConsentRow,
)
"""Those of a patient, in the order in which they were recorded."""

CONSENT = Statement(
    CLINICAL, f"SELECT {_COLUMNS} FROM clinic_patientconsent WHERE tenant_id = :tenant_id AND id = :id", ConsentRow
)
"""One of a tenant."""

ADD_CONSENT = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_patientconsent (tenant_id, patient_id, kind, text_version, given_on, guardian_id, confirm_from,
                                       recorded_by, recorded_by_name, recorded_at, version)
    VALUES (:tenant_id, :patient, :kind, :text_version, :given_on, :guardian, :confirm_from, :recorded_by,
            :recorded_by_name, :now, 1)
    RETURNING {_COLUMNS}
    """,
    ConsentRow,
)
"""Record one; `now` in epoch seconds."""

SET_CONSENT = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_patientconsent SET confirmed_on = :confirmed_on, withdrawn_on = :withdrawn_on, version = version + 1
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version
    RETURNING {_COLUMNS}
    """,
    ConsentRow,
)
"""Confirm or withdraw one that still has a version."""
