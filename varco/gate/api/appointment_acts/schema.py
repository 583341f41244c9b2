"""What programs send to act on an appointment."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from varco.gate.api.appointments.schema import CancelReason, Instant, Number


class Cancel(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Why an appointment is cancelled."""

    reason: CancelReason = ""


class Move(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Where an appointment is moved: to another time, and perhaps another agenda or room in which its treatment is done."""

    start: Instant
    agenda_id: Annotated[Number | None, Meta(description="Another agenda; without it the same.")] = None
    room_id: Annotated[Number | None, Meta(description="The room; without it the first that is free.")] = None
    hold_id: Annotated[Number | None, Meta(description="The hold on the new slot, which ends with this call.")] = None
    allow_clash: Annotated[
        bool, Meta(description="Move although the patient has something else then; needs a permission of its own.")
    ] = False


class Transition(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The state that an appointment goes to."""

    to: Annotated[
        Literal["booked", "confirmed", "waiting", "inCare", "done", "absent"],
        Meta(description="The next state, as the table of transitions has them.", extra_json_schema={"type": "string"}),
    ]


CANCEL_EXAMPLE = Cancel(reason="patient")
MOVE_EXAMPLE = Move(start="2027-03-31T10:00:00+02:00")
TRANSITION_EXAMPLE = Transition(to="confirmed")
