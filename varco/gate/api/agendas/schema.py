"""What programs see of an agenda (S27)."""

from varco.gate.api.values import Id
from varco.gate.store import Row


class Agenda(Row, frozen=True, rename="camel"):
    """A calendar that appointments are booked in."""

    id: Id
    name: str
    doctor_name: str
    color: str
    active: bool


EXAMPLE = Agenda(7, "Cardiologia", "Dario Donati", "#b3261e", True)  # noqa: FBT003 - in the order of the columns
