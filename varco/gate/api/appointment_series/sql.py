"""Statements about series. The row of the series comes first; what follows finds its appointments by its number."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from varco.gate.api.appointment_series.schema import SeriesRow
from varco.gate.store import CLINICAL, Statement

_COLUMNS = "id, patient_id, treatment_id, count, created_at"

SERIES = Statement(
    CLINICAL, f"SELECT {_COLUMNS} FROM clinic_appointmentseries WHERE tenant_id = :tenant_id AND id = :id", SeriesRow
)
"""One series of a tenant."""

ADD_SERIES = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_appointmentseries (tenant_id, patient_id, treatment_id, count, created_at)
    VALUES (:tenant_id, :patient_id, :treatment_id, :count, :created_at) RETURNING {_COLUMNS}
    """,
    SeriesRow,
)
"""Add a series."""

_OF_SERIES = "a.tenant_id = :tenant_id AND a.series_id = :series_id"

OCCUPY_FOR_SERIES = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_occupiedtime (tenant_id, agenda_id, start_at, end_at, appointment_id)
    SELECT a.tenant_id, CAST(:agenda_id AS bigint), a.start_at, CAST(:end_at AS bigint), a.id FROM clinic_appointment a
    WHERE {_OF_SERIES} AND a.start_at = :start_at
    """,
)
"""Take a time of an agenda, a room or a machine for the one of the series that begins then."""

_AGAIN = f"""
    INSERT INTO clinic_occupiedtime (tenant_id, agenda_id, start_at, end_at, appointment_id)
    SELECT o.tenant_id, o.agenda_id, o.start_at, o.end_at, o.appointment_id FROM clinic_appointment a
    JOIN clinic_occupiedtime o ON o.appointment_id = a.id WHERE {_OF_SERIES} AND o.agenda_id = a.agenda_id
"""

REFUSE_FULL_DAY = Statement(
    CLINICAL,
    f"""
    {_AGAIN} AND a.start_at = :start_at AND (SELECT count(*) FROM clinic_occupiedtime d WHERE d.agenda_id = o.agenda_id
      AND d.start_at >= :day_start AND d.start_at < :day_end) > CAST(:daily_cap AS bigint)
    """,
)
"""Break the constraint, by taking a time a second time, where the day of one has more than so many."""

REFUSE_SERIES_CLASH = Statement(
    CLINICAL,
    f"""
    {_AGAIN} AND EXISTS (SELECT 1 FROM clinic_appointment b WHERE b.tenant_id = a.tenant_id AND b.patient_id = a.patient_id
      AND b.start_at > a.start_at - 86400 AND b.start_at < a.end_at AND b.end_at > a.start_at AND b.id <> a.id
      AND b.state <> 'cancelled')
    """,
)
"""Break it where the patient has something else at the time of one."""

ADD_STEPS_OF_SERIES = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_appointmentstep (tenant_id, appointment_id, at, act, state, agenda_id, start_at, end_at, offset_minutes,
                                        person, person_name, application_name)
    SELECT a.tenant_id, a.id, a.created_at, 'booked', a.state, a.agenda_id, a.start_at, a.end_at, a.offset_minutes, a.booked_by,
           a.booked_by_name, a.booked_through FROM clinic_appointment a WHERE {_OF_SERIES}
    """,
)
"""Write down that each was booked."""
