"""Errors of the registry's services; each leaves everything as it was.

Their faults are codes, worded by the face that shows them.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from varco.protocol.fault import Fault

Faults = dict[str, list[Fault]]
"""Faults by field; under the empty name stand those of no field."""


class Denied(Exception):  # noqa: N818 - an answer, not a failure of the program
    """This person has no part in this application. To them it does not exist: pages answer 404."""


class Conflict(Exception):  # noqa: N818 - an answer, not a failure of the program
    """The thing is no longer as the person saw it, so the act was not done. Pages answer 409 and show how it stands."""

    def __init__(self, code: StrEnum, **parameters: str | int) -> None:
        super().__init__(str(code))
        self.fault = Fault(code, parameters)


class Invalid(Exception):  # noqa: N818 - an answer, not a failure of the program
    """What was entered cannot be accepted."""

    def __init__(self, faults: Mapping[str, Sequence[Fault]]) -> None:
        super().__init__("; ".join(f"{name}: {fault.code}" for name, found in faults.items() for fault in found))
        self.faults: Faults = {name: list(found) for name, found in faults.items()}
