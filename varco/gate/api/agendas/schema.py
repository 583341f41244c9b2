"""What programs see of an agenda (S27)."""

from typing import Annotated

from msgspec import Meta

from varco.gate.api.values import Id
from varco.gate.store import Row

Kind = Annotated[str, Meta(description="Whose it is: `doctor`, `room` or `machine`. Others may come.")]


class Agenda(Row, frozen=True, rename="camel"):
    """A calendar that appointments are booked in, or that of a room or machine that they need."""

    id: Id
    name: str
    doctor_name: str
    color: str
    active: bool
    kind: Kind
    step_minutes: Annotated[int, Meta(description="Minutes between two times at which a slot can begin.")]
    buffer_minutes: Annotated[int, Meta(description="Minutes that stay free after each appointment.")]
    lead_minutes: Annotated[int, Meta(description="Minutes from now to the first slot.")]
    horizon_days: Annotated[int, Meta(description="Days from now to the last slot.")]
    daily_cap: Annotated[int, Meta(description="Appointments of a day at most; 0: as many as there is time for.")]


EXAMPLE = Agenda(7, "Cardiologia", "Dario Donati", "#b3261e", True, "doctor", 15, 5, 120, 365, 0)  # noqa: FBT003 - in the order of the columns
