"""The fields of a JSON body: everything that keeps a decoded value from being of a type, by field; the same for both APIs (S29)."""

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

_FORMS = ("invalid_format", "out_of_range")
MEDIA_TYPES = ("application/json", "application/merge-patch+json")
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for a text that is no JSON."""

Words = tuple[str, str]
"""A sentence in English and in Italian."""
MOST_FAULTS = 50
"""Faults of one body that are looked for: each is told in many words, and a body can hold thousands."""

Body = TypeVar("Body", bound=msgspec.Struct)


class FieldFault(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What is wrong with one field or parameter: `code` for programs, `message` for people, `messageIt` the same in Italian."""

    field: str
    code: str
    message: str
    message_it: str = ""


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What every error of both APIs says; each adds what it alone has."""

    error: str
    message: str
    request_id: str
    error_uri: str | msgspec.UnsetType = msgspec.UNSET
    layer: str | msgspec.UnsetType = msgspec.UNSET
    required: str | msgspec.UnsetType = msgspec.UNSET
    fixable_by: str | msgspec.UnsetType = msgspec.UNSET
    fields: list[FieldFault] | msgspec.UnsetType = msgspec.UNSET


class FieldsError(ValueError):
    """A body is JSON and not what was asked for; `faults` says why, by field."""

    def __init__(self, faults: list[FieldFault]) -> None:
        super().__init__(", ".join(f"{fault.field}: {fault.code}" for fault in faults))
        self.faults = faults


@lru_cache
def _decoder(kind: type[Body]) -> msgspec.json.Decoder[Body]:
    return msgspec.json.Decoder(kind)


def decoded(text: bytes, kind: type[Body]) -> Body:
    """A body as its struct. Raises `FieldsError`, and for what is no JSON one of `NOT_JSON`."""
    try:
        body: Body = _decoder(kind).decode(text)
    except msgspec.ValidationError:
        value = msgspec.json.decode(text)
    else:
        return body
    if found := list(islice(faults(value, inspect.type_info(kind)), MOST_FAULTS)):
        raise FieldsError(found)
    return msgspec.convert(value, kind)  # of a name that came twice, the last value counts, and the first was wrong


def faults(value: Any, kind: inspect.Type, path: str = "", words: Words | None = None) -> Iterator[FieldFault]:
    """Find everything that keeps a decoded JSON value from being of a type.

    `path` is where it stands; `words` say what the form of a text, or the span of a number, must be, as the type's
    `Meta(extra={"message": …, "message_it": …})` does.
    """
    if isinstance(kind, inspect.Metadata):
        extra = kind.extra or {}
        said = (extra["message"], extra.get("message_it", "")) if "message" in extra else words
        yield from faults(value, kind.type, path, said)
    elif isinstance(kind, inspect.UnionType):  # of one type and null
        kinds = [item for item in kind.types if not isinstance(item, inspect.NoneType)]
        if value is not None or len(kinds) == len(kind.types):
            yield from faults(value, kinds[0], path, words)
    elif isinstance(kind, inspect.StructType):
        yield from _struct_faults(value, kind, path)
    elif isinstance(kind, inspect.ListType):
        yield from _list_faults(value, kind, path)
    elif found := _CHECKS[type(kind)](value, kind):
        code, *texts = found
        yield FieldFault(path, code, *(words if words and code in _FORMS else texts))


def _struct_faults(value: Any, kind: inspect.StructType, path: str) -> Iterator[FieldFault]:
    if not isinstance(value, dict):
        yield FieldFault(path, "wrong_type", "This must be a JSON object.", "Questo deve essere un oggetto JSON.")
        return
    known = {field.encode_name: field for field in kind.fields}
    prefix = f"{path}." if path else ""
    for name in (name for name in value if name not in known):
        near = difflib.get_close_matches(name[:60], known, 1)
        others = ", ".join(known)
        text = f"Did you mean {near[0]}?" if near else f"Known: {others}."
        italian = f"Intendevi {near[0]}?" if near else f"Campi noti: {others}."
        yield FieldFault(
            f"{prefix}{name[:60]}",
            "unknown_field",
            f"This field is not known here. {text}",
            f"Questo campo non è conosciuto. {italian}",
        )
    for name, field in known.items():
        if name in value:
            yield from faults(value[name], field.type, prefix + name)
        elif field.required:
            yield FieldFault(prefix + name, "required", "This field is required.", "Questo campo è obbligatorio.")


def _list_faults(value: Any, kind: inspect.ListType, path: str) -> Iterator[FieldFault]:
    if not isinstance(value, list):
        yield FieldFault(path, "wrong_type", "This must be a JSON array.", "Questo deve essere un array JSON.")
        return
    if kind.max_length is not None and len(value) > kind.max_length:
        yield FieldFault(
            path,
            "too_many",
            f"There may be {kind.max_length} of these at most.",
            f"Possono essere al massimo {kind.max_length}.",
        )
        return
    for position, item in enumerate(value):
        yield from faults(item, kind.item_type, f"{path}[{position}]")


Found = tuple[str, str, str] | None


def _text(value: Any, kind: inspect.StrType) -> Found:
    if not isinstance(value, str):
        return "wrong_type", "This must be a text.", "Questo deve essere un testo."
    if kind.max_length is not None and len(value) > kind.max_length:
        return (
            "too_long",
            f"This may have {kind.max_length} characters at most.",
            f"Può avere al massimo {kind.max_length} caratteri.",
        )
    if kind.min_length is not None and len(value) < kind.min_length:
        return "required", "This may not be empty.", "Questo campo non può essere vuoto."
    if kind.pattern is not None and not re.search(kind.pattern, value):
        return (
            "invalid_format",
            f"This must have the form {kind.pattern}.",
            f"Questo deve avere la forma {kind.pattern}.",
        )
    return None


def _number(value: Any, kind: inspect.IntType) -> Found:
    if not isinstance(value, int) or isinstance(value, bool):
        return "wrong_type", "This must be a whole number.", "Questo deve essere un numero intero."
    if kind.ge is not None and value < kind.ge:
        return "out_of_range", f"This must be at least {kind.ge}.", f"Deve essere almeno {kind.ge}."
    if kind.le is not None and value > kind.le:
        return "out_of_range", f"This may be {kind.le} at most.", f"Può essere al massimo {kind.le}."
    return None


def _switch(value: Any, _kind: inspect.BoolType) -> Found:
    return (
        None
        if isinstance(value, bool)
        else ("wrong_type", "This must be true or false.", "Questo deve essere true o false.")
    )


def _choice(value: Any, kind: inspect.LiteralType) -> Found:
    if value in kind.values:
        return None
    allowed = ", ".join(repr(item) for item in kind.values)
    return "not_allowed", f"This must be one of {allowed}.", f"Questo deve essere uno tra {allowed}."


def _date(value: Any, _kind: inspect.DateType) -> Found:
    try:
        msgspec.convert(value, dt.date)
    except msgspec.ValidationError:
        return (
            "invalid_format",
            "This must be a date that exists, as in 1980-12-31.",
            "Questa deve essere una data esistente, come 1980-12-31.",
        )
    return None


def _object(value: Any, _kind: inspect.DictType) -> Found:
    return (
        None
        if isinstance(value, dict)
        else ("wrong_type", "This must be a JSON object.", "Questo deve essere un oggetto JSON.")
    )


_CHECKS: Mapping[type[inspect.Type], Any] = {
    inspect.StrType: _text,
    inspect.IntType: _number,
    inspect.BoolType: _switch,
    inspect.LiteralType: _choice,
    inspect.DateType: _date,
    inspect.DictType: _object,
}
"""What checks a value of each type that a body may have; another type is added here with its first use."""
