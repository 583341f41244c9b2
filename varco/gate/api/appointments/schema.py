"""What programs see of an appointment, and send of one (S27, S49)."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from varco.clinical.agenda.instants import FORM
from varco.gate.api.availabilities.schema import At
from varco.gate.api.values import Id, Version
from varco.gate.store import Row
from varco.paging import Paging

ID_MAX = 10**18
_NUMBER = {"format": "int64"}

Number = Annotated[int, Meta(ge=1, le=ID_MAX, extra_json_schema=_NUMBER)]
Instant = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=FORM,
        description="An instant to the minute, RFC 3339, always with its offset; it is answered as it was sent.",
        extra={"message": "Write an instant to the minute with its offset, such as 2027-03-30T09:00:00+02:00."},
        extra_json_schema={"format": "date-time"},
    ),
]
State = Annotated[
    str,
    Meta(description="`booked`, `confirmed`, `waiting`, `inCare`, `done`, `cancelled` or `absent`. Others may come."),
]
CancelReason = Annotated[
    Literal["", "patient", "clinic", "other"],
    Meta(description="Who wanted it; empty where it is not said.", extra_json_schema={"type": "string"}),
]


class AppointmentRow(Row, frozen=True):
    """An appointment as it is stored."""

    id: int
    agenda_id: int
    room_id: int | None
    machine_id: int | None
    patient_id: int
    treatment_id: int
    start_at: int
    end_at: int
    offset_minutes: int
    state: str
    clash: bool
    cancel_reason: str
    series_id: int | None
    booked_by: str
    booked_by_name: str
    booked_through: str
    created_at: int
    version: int


class Appointment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A patient's time in an agenda. What is cancelled stays, without its time."""

    id: Id
    agenda_id: Id
    room_id: Id | None
    machine_id: Id | None
    patient_id: Id
    treatment_id: Id
    start: At
    end: At
    time_zone: Annotated[str, Meta(description="The clinic's.")]
    state: State
    clash: Annotated[bool, Meta(description="The patient had something else at that time, and somebody wanted it so.")]
    cancel_reason: str
    series_id: Annotated[Id | None, Meta(description="The series that it was booked with; null if with none.")]
    booked_by: Annotated[str, Meta(description="`sub` of the person who booked it.")]
    booked_by_name: str
    booked_through: Annotated[str, Meta(description="The application that it was booked with.")]
    created_at: At
    version: Version


class AppointmentFields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """An appointment as one is booked. How long it takes is the treatment's, or the agenda's."""

    agenda_id: Annotated[Number, Meta(description="A doctor's agenda in which the treatment is done.")]
    treatment_id: Number
    patient_id: Number
    start: Instant
    room_id: Annotated[Number | None, Meta(description="The room; without it the first that is free.")] = None
    hold_id: Annotated[Number | None, Meta(description="The hold on this slot, which ends with this call.")] = None
    allow_clash: Annotated[
        bool, Meta(description="Book although the patient has something else then; needs a permission of its own.")
    ] = False


class AppointmentStep(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that happened to an appointment, and what it was afterwards."""

    id: Id
    at: At
    act: Annotated[str, Meta(description="`booked`, `moved`, `cancelled` or `changed`. Others may come.")]
    state: State
    agenda_id: Id
    start: At
    end: At
    person: Annotated[str, Meta(description="`sub` of who did it.")]
    person_name: str
    application: str


class AppointmentsQuery(Paging, frozen=True, kw_only=True, rename="camel"):
    """Which appointments."""

    from_: Annotated[dt.date | None, Meta(description="The first day, by the clinic's clocks.")] = msgspec.field(
        name="from", default=None
    )
    to: Annotated[dt.date | None, Meta(description="The day after the last one.")] = None
    agenda_id: Annotated[int, Meta(ge=0, le=ID_MAX, description="Those of this agenda.", extra_json_schema=_NUMBER)] = 0
    patient_id: Annotated[
        int, Meta(ge=0, le=ID_MAX, description="Those of this patient.", extra_json_schema=_NUMBER)
    ] = 0
    series_id: Annotated[int, Meta(ge=0, le=ID_MAX, description="Those of this series.", extra_json_schema=_NUMBER)] = 0


EXAMPLE = Appointment(
    id=4711,
    agenda_id=7,
    room_id=21,
    machine_id=None,
    patient_id=123,
    treatment_id=11,
    start="2027-03-30T09:00:00+02:00",
    end="2027-03-30T09:30:00+02:00",
    time_zone="Europe/Rome",
    state="booked",
    clash=False,
    cancel_reason="",
    series_id=None,
    booked_by="user-1f6a",
    booked_by_name="Dario Donati",
    booked_through="Agenda Facile",
    created_at="2027-03-01T10:12:45Z",
    version=1,
)
BODY_EXAMPLE = AppointmentFields(agenda_id=7, treatment_id=11, patient_id=123, start="2027-03-30T09:00:00+02:00")
STEP_EXAMPLE = AppointmentStep(
    id=9001,
    at="2027-03-01T10:12:45Z",
    act="booked",
    state="booked",
    agenda_id=7,
    start="2027-03-30T09:00:00+02:00",
    end="2027-03-30T09:30:00+02:00",
    person="user-1f6a",
    person_name="Dario Donati",
    application="Agenda Facile",
)
