"""What programs see of what is free (S27)."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from varco.gate.api.values import Id
from varco.paging import Paging

DAYS_MAX = 31
"""Days of one call."""

_COUNT = {"format": "int32"}
At = Annotated[
    str, Meta(description="An instant, RFC 3339 with its offset.", extra_json_schema={"format": "date-time"})
]


class Slot(msgspec.Struct, frozen=True, rename="camel"):
    """A time that is free: of the doctor, and of a room and a machine where the treatment needs one."""

    agenda_id: Id
    room_id: Annotated[Id | None, Meta(description="The room that would be taken; null where none is needed.")]
    machine_id: Annotated[Id | None, Meta(description="The machine that would be taken; null where none is needed.")]
    treatment_id: Id
    start: At
    end: At


class EmptyDay(msgspec.Struct, frozen=True, rename="camel"):
    """A day of an agenda without a slot, and why."""

    agenda_id: Id
    day: dt.date
    rule: Annotated[
        str, Meta(description="The rule that left nothing of the day; the page of the resource tells them all.")
    ]
    name: Annotated[str, Meta(description="Of a holiday or closure; empty for other rules.")]


class Availabilities(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Free slots in the order of time, then of agendas. `earliest` is the first of all that were asked for."""

    items: list[Slot]
    offset: Annotated[int, Meta(description="Slots before these.", extra_json_schema=_COUNT)]
    limit: Annotated[int, Meta(extra_json_schema=_COUNT)]
    has_more: bool
    next: (
        Annotated[str, Meta(description="Where the next page begins, for `after`; there if there is more.")] | UnsetType
    ) = UNSET
    time_zone: Annotated[str, Meta(description="The clinic's, by whose clocks its days and hours go.")]
    earliest: Annotated[Slot | None, Meta(description="The first slot; null on a later page, or where there is none.")]
    empty_days: Annotated[list[EmptyDay], Meta(description="With `explain`: the days without a slot, by agenda.")]


class AvailabilitiesQuery(Paging, frozen=True, kw_only=True, rename="camel"):
    """Which slots."""

    treatment_id: Annotated[
        int,
        Meta(ge=1, le=10**18, description="The treatment that is to be booked.", extra_json_schema={"format": "int64"}),
    ]
    agenda_ids: Annotated[
        str,
        Meta(
            max_length=400,
            pattern=r"^([1-9][0-9]{0,17}(,[1-9][0-9]{0,17})*)?$",
            description="Agendas, by their numbers with commas between, at most 20; empty: all in which it is done.",
            extra={"message": "Numbers of agendas with commas between, such as 7,9."},
        ),
    ] = ""
    from_: Annotated[dt.date | None, Meta(description="The first day, by the clinic's clocks; without it today.")] = (
        msgspec.field(name="from", default=None)
    )
    to: Annotated[
        dt.date | None,
        Meta(description="The day after the last one, at most 31 days after `from`; without it a week after."),
    ] = None
    explain: Annotated[bool, Meta(description="Whether to name the rule that emptied each day without a slot.")] = False


SLOT = Slot(7, 21, None, 11, "2027-03-30T09:00:00+02:00", "2027-03-30T09:30:00+02:00")
EXAMPLE = Availabilities(
    items=[SLOT],
    offset=0,
    limit=50,
    has_more=False,
    time_zone="Europe/Rome",
    earliest=SLOT,
    empty_days=[EmptyDay(7, dt.date(2027, 3, 29), "holiday", "Easter Monday")],
)
