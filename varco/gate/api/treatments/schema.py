"""What programs see of a treatment (S27)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from varco.gate.api.values import Id
from varco.gate.store import Row


class Treatment(msgspec.Struct, frozen=True, rename="camel"):
    """Something that the clinic does for its patients."""

    id: Id
    name: str
    code: Annotated[str, Meta(description="The clinic's own code; empty if there is none.")]
    duration_minutes: Annotated[int, Meta(description="How long it takes, where an agenda says nothing else.")]
    vat_code: Annotated[str, Meta(description="`N4`: exempt, as health services are; or the rate in per cent.")]
    active: Annotated[bool, Meta(description="Whether it can be booked.")]
    agenda_ids: Annotated[list[Id], Meta(description="Agendas of the doctors who do it.")]
    room_ids: Annotated[list[Id], Meta(description="Rooms of which it needs one; empty if it needs none.")]
    machine_ids: Annotated[list[Id], Meta(description="Machines of which it needs one; empty if it needs none.")]


class TreatmentRow(Row, frozen=True):
    """A treatment as it is stored."""

    id: int
    name: str
    code: str
    duration_minutes: int
    vat_code: str
    active: bool


EXAMPLE = Treatment(11, "Visita cardiologica", "VC", 30, "N4", True, [7], [21, 22], [])  # noqa: FBT003 - in the order of the fields
