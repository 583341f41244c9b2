"""Statements about what makes a time free or not."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

import datetime as dt
from collections.abc import Sequence

from varco.gate.store import CLINICAL, Row, Statement

CANDIDATES = 200
"""Agendas, rooms and machines of one treatment that are known of at most."""

AT_ONCE = 60
"""Of them, those that one call looks into."""

_IDS = ", ".join(f":a{number}" for number in range(AT_ONCE))


def numbers(ids: Sequence[int]) -> dict[str, int]:
    """The parameters of the statements about several agendas: 0 is the number of nothing."""
    return {f"a{number}": ids[number] if number < len(ids) else 0 for number in range(AT_ONCE)}


class CandidateRow(Row, frozen=True):
    """An agenda in which a treatment is done, and its rules."""

    id: int
    kind: str
    active: bool
    minutes: int
    step_minutes: int
    buffer_minutes: int
    lead_minutes: int
    horizon_days: int
    daily_cap: int


AGENDAS_OF_TREATMENT = Statement(
    CLINICAL,
    f"""
    SELECT a.id, a.kind, a.active, l.minutes, a.step_minutes, a.buffer_minutes, a.lead_minutes, a.horizon_days, a.daily_cap
    FROM clinic_agendatreatment l JOIN clinic_agenda a ON a.id = l.agenda_id
    WHERE l.tenant_id = :tenant_id AND l.treatment_id = :treatment_id AND a.tenant_id = :tenant_id
    ORDER BY l.agenda_id LIMIT {CANDIDATES}
    """,
    CandidateRow,
)
"""Agendas of doctors, rooms and machines that do a treatment."""


class HoursRow(Row, frozen=True):
    """Hours of a weekday, or a break."""

    agenda_id: int
    weekday: int
    opens: int
    closes: int
    is_break: bool
    valid_from: dt.date | None
    valid_to: dt.date | None
    treatments: str


HOURS = Statement(
    CLINICAL,
    f"""
    SELECT agenda_id, weekday, opens, closes, is_break, valid_from, valid_to, treatments FROM clinic_agendahours
    WHERE tenant_id = :tenant_id AND agenda_id IN ({_IDS})
    """,
    HoursRow,
)
"""Weekly hours of some agendas."""


class ExceptionRow(Row, frozen=True):
    """Other hours than in other weeks."""

    agenda_id: int
    first_day: dt.date
    last_day: dt.date
    opens: int
    closes: int
    is_open: bool


EXCEPTIONS = Statement(
    CLINICAL,
    f"""
    SELECT agenda_id, first_day, last_day, opens, closes, is_open FROM clinic_agendaexception
    WHERE tenant_id = :tenant_id AND agenda_id IN ({_IDS}) AND last_day >= :first_day AND first_day <= :last_day
    """,
    ExceptionRow,
)
"""Exceptions of some agendas that reach into some days."""


class ClosureRow(Row, frozen=True):
    """Days on which a clinic is closed, or open."""

    first_day: dt.date
    last_day: dt.date
    name: str
    is_open: bool


CLOSURES = Statement(
    CLINICAL,
    """
    SELECT first_day, last_day, name, is_open FROM clinic_clinicclosure
    WHERE tenant_id = :tenant_id AND last_day >= :first_day AND first_day <= :last_day
    """,
    ClosureRow,
)
"""Closures of a clinic that reach into some days."""


class TakenRow(Row, frozen=True):
    """A time that is taken of an agenda."""

    agenda_id: int
    start_at: int
    end_at: int


TAKEN = Statement(
    CLINICAL,
    f"""
    SELECT agenda_id, start_at, end_at FROM clinic_occupiedtime
    WHERE agenda_id IN ({_IDS}) AND start_at > :since AND start_at < :until AND tenant_id = :tenant_id
      AND (expires_at IS NULL OR expires_at > :now) AND (hold_id IS NULL OR hold_id <> :hold_id)
      AND (appointment_id IS NULL OR appointment_id <> :appointment_id)
    """,
    TakenRow,
)
"""What is taken of some agendas and begins between two instants: appointments, and holds that are not over. Those of one hold and one appointment
(0: of none) are left out. In no order."""
