"""What programs see of a series, and send of one."""

from typing import Annotated

import msgspec
from msgspec import Meta

from varco.gate.api.appointments.schema import Instant, Number
from varco.gate.api.availabilities.schema import At
from varco.gate.api.values import Id
from varco.gate.store import Row

COUNT_MAX = 20
"""Appointments of one series."""

_COUNT = {"format": "int32"}


class SeriesRow(Row, frozen=True):
    """A series as it is stored."""

    id: int
    patient_id: int
    treatment_id: int
    count: int
    created_at: int


class Series(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Appointments that were booked as one; `GET appointments?seriesId=` lists them. Each goes its own way from there."""

    id: Id
    patient_id: Id
    treatment_id: Id
    count: Annotated[int, Meta(extra_json_schema=_COUNT)]
    created_at: At


class SeriesFields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A series as one is booked: at the same hour by the clinic's clocks, so many days apart."""

    agenda_id: Annotated[Number, Meta(description="A doctor's agenda in which the treatment is done.")]
    treatment_id: Number
    patient_id: Number
    start: Annotated[Instant, Meta(description="When the first one begins.")]
    count: Annotated[int, Meta(ge=2, le=COUNT_MAX, description="How many there are to be.", extra_json_schema=_COUNT)]
    every_days: Annotated[
        int, Meta(ge=1, le=365, description="Days from one to the next.", extra_json_schema=_COUNT)
    ] = 7


EXAMPLE = Series(id=31, patient_id=123, treatment_id=11, count=6, created_at="2027-03-01T10:12:45Z")
BODY_EXAMPLE = SeriesFields(
    agenda_id=7, treatment_id=11, patient_id=123, start="2027-03-30T09:00:00+02:00", count=6, every_days=7
)
