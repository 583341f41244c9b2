"""Statements about treatments."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from collections.abc import Sequence

from varco.gate.api.treatments.schema import TreatmentRow
from varco.gate.store import CLINICAL, LongStatement, Row, Statement

_COLUMNS = "id, name, code, duration_minutes, vat_code, active"

TREATMENTS = LongStatement(
    CLINICAL,
    f"""
    SELECT {_COLUMNS} FROM clinic_treatment WHERE tenant_id = :tenant_id AND (name, id) > (:after_text, :after_id)
    ORDER BY name, id LIMIT :limit OFFSET :offset
    """,
    TreatmentRow,
)
"""Treatments of a tenant, after one of them."""

TREATMENT = Statement(
    CLINICAL, f"SELECT {_COLUMNS} FROM clinic_treatment WHERE tenant_id = :tenant_id AND id = :id", TreatmentRow
)
"""One treatment of a tenant."""


class LinkRow(Row, frozen=True):
    """That a treatment is done in an agenda, and whose that is."""

    treatment_id: int
    agenda_id: int
    kind: str


AT_ONCE = 50
"""Treatments whose agendas are read by one statement: of more, PostgreSQL would rather read all that the clinic has."""

_NUMBERS = ", ".join(f":t{number}" for number in range(AT_ONCE))

LINKS = LongStatement(
    CLINICAL,
    f"""
    SELECT l.treatment_id, l.agenda_id, a.kind FROM clinic_agendatreatment l JOIN clinic_agenda a ON a.id = l.agenda_id
    WHERE l.tenant_id = :tenant_id AND l.treatment_id IN ({_NUMBERS}) LIMIT 10000
    """,
    LinkRow,
)
"""In which agendas some treatments are done, in no order."""


def numbers(ids: Sequence[int]) -> dict[str, int]:
    """The parameters of `LINKS`: 0 is the number of nothing."""
    return {f"t{number}": ids[number] if number < len(ids) else 0 for number in range(AT_ONCE)}
