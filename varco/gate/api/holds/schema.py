"""What programs see of a hold, and send of one."""

from typing import Annotated

import msgspec
from msgspec import Meta

from varco.gate.api.appointments.schema import Instant, Number
from varco.gate.api.availabilities.schema import At
from varco.gate.api.values import Id, Version
from varco.gate.store import Row


class HoldRow(Row, frozen=True):
    """A hold as it is stored."""

    id: int
    agenda_id: int
    room_id: int | None
    machine_id: int | None
    treatment_id: int
    start_at: int
    end_at: int
    offset_minutes: int
    person: str
    application_id: int
    expires_at: int
    version: int


class Hold(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A slot that is kept for one person with one application until it expires."""

    id: Id
    agenda_id: Id
    room_id: Id | None
    machine_id: Id | None
    treatment_id: Id
    start: At
    end: At
    time_zone: Annotated[str, Meta(description="The clinic's.")]
    expires_at: At
    version: Version


class HoldFields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A slot to be kept."""

    agenda_id: Annotated[Number, Meta(description="A doctor's agenda in which the treatment is done.")]
    treatment_id: Number
    start: Instant
    room_id: Annotated[Number | None, Meta(description="The room; without it the first that is free.")] = None


class Release(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Nothing is to be said: the hold ends."""


EXAMPLE = Hold(
    id=88,
    agenda_id=7,
    room_id=21,
    machine_id=None,
    treatment_id=11,
    start="2027-03-30T09:00:00+02:00",
    end="2027-03-30T09:30:00+02:00",
    time_zone="Europe/Rome",
    expires_at="2027-03-01T10:17:45Z",
    version=1,
)
BODY_EXAMPLE = HoldFields(agenda_id=7, treatment_id=11, start="2027-03-30T09:00:00+02:00")
