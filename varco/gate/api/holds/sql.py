"""Statements about holds."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from varco.gate.api.holds.schema import HoldRow
from varco.gate.store import CLINICAL, Statement

_COLUMNS = ", ".join(HoldRow.__struct_fields__)
_INSERTED = ", ".join(name for name in HoldRow.__struct_fields__ if name not in {"id", "version"})

HOLD = Statement(
    CLINICAL, f"SELECT {_COLUMNS} FROM clinic_agendahold WHERE tenant_id = :tenant_id AND id = :id", HoldRow
)
"""One hold of a tenant, also one that is over."""

ADD_HOLD = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_agendahold (tenant_id, {_INSERTED}, version, created_at)
    VALUES (:tenant_id, {", ".join(f":{name}" for name in _INSERTED.split(", "))}, 1, :now) RETURNING {_COLUMNS}
    """,
    HoldRow,
)
"""Add a hold, which takes its time by `OCCUPY_FOR_HOLD`."""

OCCUPY_FOR_HOLD = Statement(
    CLINICAL,
    """
    INSERT INTO clinic_occupiedtime (tenant_id, agenda_id, start_at, end_at, hold_id, expires_at)
    VALUES (:tenant_id, :agenda_id, :start_at, :end_at, :hold_id, :expires_at)
    """,
)
"""Take a time of an agenda, a room or a machine until a moment. Where it is taken, a constraint breaks."""

END_HOLD = Statement(
    CLINICAL,
    f"DELETE FROM clinic_agendahold WHERE tenant_id = :tenant_id AND id = :id AND version = :version RETURNING {_COLUMNS}",
    HoldRow,
)
"""End a hold; whoever was faster has ended it before."""
