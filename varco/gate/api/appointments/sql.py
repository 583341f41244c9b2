"""Statements about appointments: reading them, and what one booking consists of."""

# ruff: noqa: S608 - what is put into the texts are constants of this file

from varco.gate.api.appointments.schema import AppointmentRow
from varco.gate.store import CLINICAL, LongStatement, Row, Statement

COLUMNS = ", ".join(AppointmentRow.__struct_fields__)
_PAGE = """
    AND (start_at, id) > (:after_start, :after_id) AND start_at < :until ORDER BY start_at, id LIMIT :limit OFFSET :offset
"""

APPOINTMENTS = LongStatement(
    CLINICAL,
    f"SELECT {COLUMNS} FROM clinic_appointment WHERE tenant_id = :tenant_id {_PAGE}",
    AppointmentRow,
)
"""Appointments of a tenant that begin before an instant, after one of them."""

APPOINTMENTS_OF_AGENDA = LongStatement(
    CLINICAL,
    f"SELECT {COLUMNS} FROM clinic_appointment WHERE tenant_id = :tenant_id AND agenda_id = :agenda_id {_PAGE}",
    AppointmentRow,
)
"""Those of an agenda."""

APPOINTMENTS_OF_PATIENT = LongStatement(
    CLINICAL,
    f"""
    SELECT {COLUMNS} FROM clinic_appointment WHERE tenant_id = :tenant_id AND patient_id = :patient_id
      AND CAST(:agenda_id AS bigint) IN (0, agenda_id) {_PAGE}
    """,
    AppointmentRow,
)
"""Those of a patient, in one agenda or (0) in all."""

APPOINTMENTS_OF_SERIES = LongStatement(
    CLINICAL,
    f"SELECT {COLUMNS} FROM clinic_appointment WHERE tenant_id = :tenant_id AND series_id = :series_id {_PAGE}",
    AppointmentRow,
)
"""Those of a series."""

APPOINTMENT = Statement(
    CLINICAL, f"SELECT {COLUMNS} FROM clinic_appointment WHERE tenant_id = :tenant_id AND id = :id", AppointmentRow
)
"""One appointment of a tenant."""


class StepRow(Row, frozen=True):
    """Something that happened to an appointment."""

    id: int
    at: int
    act: str
    state: str
    agenda_id: int
    start_at: int
    end_at: int
    offset_minutes: int
    person: str
    person_name: str
    application_name: str


STEPS = LongStatement(
    CLINICAL,
    f"""
    SELECT {", ".join(StepRow.__struct_fields__)} FROM clinic_appointmentstep
    WHERE tenant_id = :tenant_id AND appointment_id = :appointment_id AND id > :after_id
    ORDER BY id LIMIT :limit OFFSET :offset
    """,
    StepRow,
)
"""What happened to an appointment, in order, after one of its steps."""


class IdRow(Row, frozen=True):
    """The id of a row."""

    id: int


PATIENT_THERE = Statement(CLINICAL, "SELECT id FROM clinic_patient WHERE tenant_id = :tenant_id AND id = :id", IdRow)
"""Whether a tenant has a patient."""

_CLASHING = """
    FROM clinic_appointment WHERE tenant_id = :tenant_id AND patient_id = :patient_id AND start_at > :since
      AND start_at < :end_at AND end_at > :start_at AND id <> :appointment_id AND state <> 'cancelled'
"""

CLASHING = Statement(CLINICAL, f"SELECT id {_CLASHING} ORDER BY start_at", IdRow)
"""What a patient has between two instants besides an appointment (0: none); `since` is a day before the first."""

# The steps of a booking, in this order. All are carried out in one transaction, after the row of the appointment itself.

TAKE_TURN = Statement(
    CLINICAL,
    "INSERT INTO clinic_bookinglock (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET id = excluded.id",
)
"""Wait until nobody else books in an agenda, or for a patient, and keep others waiting until the end of the transaction."""

FORGET_ENDED_HOLDS = Statement(
    CLINICAL,
    """
    DELETE FROM clinic_occupiedtime WHERE agenda_id = :agenda_id AND expires_at IS NOT NULL AND expires_at <= :now
      AND tenant_id = :tenant_id
    """,
)
"""Free what was held in an agenda until now."""

FREE_HOLD = Statement(CLINICAL, "DELETE FROM clinic_occupiedtime WHERE hold_id = :hold_id AND tenant_id = :tenant_id")
"""Free what a hold has."""

FREE_APPOINTMENT = Statement(
    CLINICAL, "DELETE FROM clinic_occupiedtime WHERE appointment_id = :appointment_id AND tenant_id = :tenant_id"
)
"""Free what an appointment has."""

OCCUPY = Statement(
    CLINICAL,
    """
    INSERT INTO clinic_occupiedtime (tenant_id, agenda_id, start_at, end_at, appointment_id)
    VALUES (:tenant_id, :agenda_id, :start_at, :end_at, :appointment_id)
    """,
)
"""Take a time of an agenda, a room or a machine. Where it is taken, a constraint breaks."""

_AGAIN = """
    INSERT INTO clinic_occupiedtime (tenant_id, agenda_id, start_at, end_at, appointment_id)
    SELECT tenant_id, agenda_id, start_at, end_at, appointment_id FROM clinic_occupiedtime
    WHERE appointment_id = :appointment_id AND agenda_id = :agenda_id
"""

REFUSE_BEYOND_CAP = Statement(
    CLINICAL,
    f"""
    {_AGAIN} AND (SELECT count(*) FROM clinic_occupiedtime WHERE agenda_id = :agenda_id AND start_at >= :day_start
                    AND start_at < :day_end AND tenant_id = :tenant_id) > CAST(:daily_cap AS bigint)
    """,
)
"""Break the constraint, by taking what the appointment has a second time, where its day in an agenda has more than so many."""

REFUSE_CLASH = Statement(CLINICAL, f"{_AGAIN} AND EXISTS (SELECT 1 {_CLASHING})")
"""Break it where the patient has something else at that time, as `CLASHING` finds it."""

_INSERTED = ", ".join(
    name for name in AppointmentRow.__struct_fields__ if name not in {"id", "version", "state", "cancel_reason"}
)

ADD_APPOINTMENT = Statement(
    CLINICAL,
    f"""
    INSERT INTO clinic_appointment (tenant_id, {_INSERTED}, application_id, state, cancel_reason, version, updated_at)
    VALUES (:tenant_id, {", ".join(f":{name}" for name in _INSERTED.split(", "))}, :application_id, 'booked', '', 1, :created_at)
    RETURNING {COLUMNS}
    """,
    AppointmentRow,
)
"""Add an appointment, which takes its time by the steps above."""

ADD_STEP = Statement(
    CLINICAL,
    """
    INSERT INTO clinic_appointmentstep (tenant_id, appointment_id, at, act, state, agenda_id, start_at, end_at, offset_minutes,
                                        person, person_name, application_name)
    VALUES (:tenant_id, :appointment_id, :at, :act, :state, :agenda_id, :start_at, :end_at, :offset_minutes, :person,
            :person_name, :application_name)
    """,
)
"""Write down what happened to an appointment."""

MOVE_APPOINTMENT = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_appointment SET agenda_id = :agenda_id, room_id = :room_id, machine_id = :machine_id, start_at = :start_at,
           end_at = :end_at, offset_minutes = :offset_minutes, clash = :clash, version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version RETURNING {COLUMNS}
    """,
    AppointmentRow,
)
"""Give an appointment that still has a version another time."""

CHANGE_STATE = Statement(
    CLINICAL,
    f"""
    UPDATE clinic_appointment SET state = :state, cancel_reason = :cancel_reason, version = version + 1, updated_at = :now
    WHERE tenant_id = :tenant_id AND id = :id AND version = :version RETURNING {COLUMNS}
    """,
    AppointmentRow,
)
"""Give an appointment that still has a version another state."""
