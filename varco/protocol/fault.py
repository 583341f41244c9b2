"""A fault of a registration as a code with parameters: worded by the face that shows it, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `parameters` stand in its sentence; `value` is the one at fault of a field that holds several.

    Codes are members of an enum for each rule book, and no two of them are equal: a program may act on one.
    """

    code: StrEnum
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    value: str = ""
