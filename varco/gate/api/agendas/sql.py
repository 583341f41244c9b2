"""Statements about agendas."""

from varco.gate.api.agendas.schema import Agenda
from varco.gate.store import CLINICAL, LongStatement

AGENDAS = LongStatement(
    CLINICAL,
    """
    SELECT id, name, doctor_name, color, active, kind, step_minutes, buffer_minutes, lead_minutes, horizon_days, daily_cap
    FROM clinic_agenda
    WHERE tenant_id = :tenant_id AND (name, id) > (:after_text, :after_id)
    ORDER BY name, id LIMIT :limit OFFSET :offset
    """,
    Agenda,
)
"""Agendas of a tenant, after one of them."""
