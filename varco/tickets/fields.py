"""The fields of a kind's form, as data: what they hold and which values they take. The portal makes inputs of them and words them."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from varco import text
from varco.accounts.models import User
from varco.protocol.fault import Fault
from varco.registry.errors import Faults, Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.tenants.models import Tenant
from varco.tickets import addresses
from varco.tickets.errors import TicketFault

Value = str | int | bool | list[str]
Details = dict[str, Value]
MAX_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Asker:
    """Who opens a ticket, and the clinic that they manage, if any. `half` is a sign-in that waits for its second step."""

    user: User
    managed: Tenant | None = None
    half: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field; `label` in the words of the catalogue or of people, empty where the portal words it."""

    value: str
    label: str = ""


class FieldType(StrEnum):
    """What a field holds."""

    LINE = "line"
    TEXT = "text"
    EMAIL = "email"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"  # a day, as YYYY-MM-DD
    NUMBER = "number"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `most` and `least` are characters of a text, values of a number."""

    name: str
    type: FieldType
    required: bool = True
    least: int = 0
    most: int = 160
    choices: Callable[[Asker], Sequence[Choice]] = lambda _asker: ()
    shown: Callable[[Asker], bool] = lambda _asker: True


def clean(declared: Sequence[Field], asker: Asker, given: Mapping[str, object]) -> Details:
    """The values that were given for the fields of a form. Raises `Invalid` with every fault beside its field."""
    details: Details = {}
    faults: Faults = {}
    for each in declared:
        if not each.shown(asker):
            continue
        try:
            value = _READERS[each.type](each, asker, given.get(each.name))
        except _Unsound as unsound:
            faults[each.name] = [unsound.fault]
            continue
        empty = value in ("", [])
        if empty and each.required:
            faults[each.name] = [Fault(TicketFault.MISSING)]
        elif not empty:
            details[each.name] = value
    if faults:
        raise Invalid(faults)
    return details


class _Unsound(ValueError):  # noqa: N818 - an answer, not a failure of the program
    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault.code))
        self.fault = fault


def sound_text(value: str, *, least: int = 0, most: int = MAX_TEXT, lines: bool = True) -> Fault | None:
    """What is wrong with a text that people write; None for nothing. An empty one is short of nothing."""
    unseen = text.several_lines(value) if lines else text.one_line(value)
    if unseen:
        facts: dict[str, str | int] = {"position": unseen.position, "character": unseen.code_point}
        return Fault(RegistrationFault.INVISIBLE_CHARACTERS, facts)
    if len(value) > most:
        return Fault(TicketFault.TOO_LONG, {"limit": most})
    return Fault(TicketFault.TOO_SHORT, {"limit": least}) if 0 < len(value) < least else None


def _text(each: Field, _asker: Asker, given: object) -> Value:
    value = ("" if given is None else str(given)).replace("\r\n", "\n").strip()
    fault = sound_text(value, least=each.least, most=each.most, lines=each.type == FieldType.TEXT)
    if fault:
        raise _Unsound(fault)
    return value


def _email(_each: Field, _asker: Asker, given: object) -> Value:
    value = "" if given is None else str(given)
    fault = addresses.fault_of(value) if value.strip() else None
    if fault:
        raise _Unsound(fault)
    return addresses.written(value)


def _choice(each: Field, asker: Asker, given: object) -> Value:
    value = "" if given is None else str(given)
    if value and value not in {choice.value for choice in each.choices(asker)}:
        raise _Unsound(Fault(TicketFault.CHOICE))
    return value


def _choices(each: Field, asker: Asker, given: object) -> Value:
    values = [str(value) for value in given] if isinstance(given, list | tuple) else []
    known = [choice.value for choice in each.choices(asker)]
    if not set(values) <= set(known):
        raise _Unsound(Fault(TicketFault.CHOICE))
    return [value for value in known if value in values]


def _date(_each: Field, _asker: Asker, given: object) -> Value:
    if given in (None, ""):
        return ""
    try:
        return dt.date.fromisoformat(str(given)).isoformat()
    except ValueError:
        raise _Unsound(Fault(TicketFault.DATE)) from None


def _number(each: Field, _asker: Asker, given: object) -> Value:
    value = "" if given is None else str(given).strip()
    if not value:
        return ""
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and each.least <= int(value) <= each.most):
        raise _Unsound(Fault(TicketFault.NUMBER, {"least": each.least, "most": each.most}))
    return int(value)


def _switch(_each: Field, _asker: Asker, given: object) -> Value:
    return given in (True, "on", "true", "1")


_READERS: Mapping[FieldType, Callable[[Field, Asker, object], Value]] = {
    FieldType.LINE: _text,
    FieldType.TEXT: _text,
    FieldType.EMAIL: _email,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.DATE: _date,
    FieldType.NUMBER: _number,
    FieldType.SWITCH: _switch,
}
