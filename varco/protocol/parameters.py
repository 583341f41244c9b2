"""Request parameters, parsed once and strictly: nothing later touches the raw bytes (RFC 6749 §3.1, §3.2, appendix B)."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar, overload
from urllib.parse import unquote_to_bytes

from varco.protocol.errors import OAuthError, invalid_request

T = TypeVar("T")

COUNT_LIMIT = 64
NAME_LIMIT = 100
VALUE_LIMIT = 16_384
"""Most parameters, characters of a name, and characters of a value."""

VALUE_LIMITS = {
    "client_id": 200,
    "redirect_uri": 2000,
    "scope": 4000,
    "nonce": 2000,
    "login_hint": 500,
    "ui_locales": 500,
}
"""Characters of a value, where less than `VALUE_LIMIT` makes sense."""

REPEATABLE = frozenset({"resource"})
"""Parameters that may come more than once (RFC 8707 §2)."""

REPEATS_LIMIT = 8

FORM = "application/x-www-form-urlencoded"

_BROKEN_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# The `claims` parameter is JSON, which people format: its white space is no attack.
_CONTROL_IN_JSON = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Parameters(Mapping[str, str]):
    """Read-only parameters of one request; one sent without a value counts as not sent (RFC 6749 §3.1).

    `faults` holds, by name, what is wrong with single parameters, when parsing was told to defer it; such a parameter is
    absent from the mapping.
    """

    __slots__ = ("_repeated", "_values", "faults")

    def __init__(
        self,
        values: Mapping[str, str],
        repeated: Mapping[str, tuple[str, ...]] | None = None,
        faults: Mapping[str, OAuthError] | None = None,
    ) -> None:
        self._values = {name: value for name, value in values.items() if value}
        self._repeated = dict(repeated or {})
        self.faults = dict(faults or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    # What `Mapping` makes of `__getitem__` raises and catches a KeyError for each parameter that is not there: most are not.

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, /, default: str) -> str: ...
    @overload
    def get(self, name: str, /, default: T) -> str | T: ...
    def get(self, name: str, /, default: Any = None) -> Any:
        """The value of a parameter, or `default`."""
        return self._values.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Parameters({', '.join(sorted(self._values))})"  # names only: values may be secrets

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter that may come more than once, in order."""
        if name in self._repeated:
            return self._repeated[name]
        return (self._values[name],) if name in self._values else ()


def parse_query(raw: bytes, *, defer: bool = False) -> Parameters:
    """The parameters of a query string.

    Raises `OAuthError` (invalid_request). With `defer`, what is wrong with a single parameter is kept in `faults` instead,
    so that the authorization endpoint can first find out whether it may answer by redirect.
    """
    return _parse(raw, defer)


def parse_form(content_type: str | None, body: bytes, *, defer: bool = False) -> Parameters:
    """The parameters of a form body (RFC 6749 §3.2, appendix B). Raises `OAuthError` (invalid_request); `defer` as in `parse_query`."""
    if content_type == FORM:
        return _parse(body, defer)
    media, _, options = (content_type or "").partition(";")
    charset = options.strip().lower().replace(" ", "").replace('"', "")
    if media.strip().lower() != FORM or charset not in {"", "charset=utf-8"}:
        raise invalid_request(
            f"The request body must be sent as {FORM}, in UTF-8. Set the header Content-Type: {FORM}.",
            rule="RFC 6749 §3.2 content type",
            received=content_type or "no Content-Type",
            expected=FORM,
        )
    return _parse(body, defer)


def _parse(raw: bytes, defer: bool) -> Parameters:
    pieces = [piece for piece in raw.split(b"&") if piece]
    if len(pieces) > COUNT_LIMIT:
        raise invalid_request(
            f"The request has more than {COUNT_LIMIT} parameters.",
            rule="size: number of parameters",
            received=f"{len(pieces)} parameters",
        )
    values: dict[str, str] = {}
    repeated: dict[str, tuple[str, ...]] = {}
    faults: dict[str, OAuthError] = {}
    for piece in pieces:
        raw_name, _, raw_value = piece.partition(b"=")
        name = ""
        try:
            name = _name(raw_name)
            value = _value(name, raw_value)
            if name in REPEATABLE:
                repeated[name] = _added(name, repeated.get(name, ()), value)
                continue
            if name in values or name in faults:
                raise _duplicate(name)
        except OAuthError as refusal:
            if not defer:
                raise
            values.pop(name, None)
            repeated.pop(name, None)
            faults.setdefault(name, refusal)
            continue
        values[name] = value
    for name, several in repeated.items():
        if several and name not in faults:
            values[name] = several[0]
    return Parameters(values, {name: several for name, several in repeated.items() if name not in faults}, faults)


def _duplicate(name: str) -> OAuthError:
    return invalid_request(
        f"The parameter {name} was sent more than once. Send it once.",
        rule="RFC 6749 §3.1 parameters must not be repeated",
        received=f"{name} more than once",
        expected="each parameter once",
    )


def _added(name: str, before: tuple[str, ...], value: str) -> tuple[str, ...]:
    if not value:
        return before
    if len(before) == REPEATS_LIMIT:
        raise invalid_request(
            f"The parameter {name} was sent more than {REPEATS_LIMIT} times.",
            rule="size: repeated parameter",
            received=f"{name} too often",
        )
    return (*before, value)


@lru_cache(maxsize=256)
def _name(raw: bytes) -> str:
    """The name of a parameter; the same few come again and again."""
    try:
        name = _unescaped(raw)
    except ValueError:
        raise invalid_request(
            "The name of a parameter is not valid UTF-8.",
            rule="RFC 6749 appendix B encoding",
            received="a parameter name",
        ) from None
    if len(name) > NAME_LIMIT:
        raise invalid_request(
            f"The name of a parameter is longer than {NAME_LIMIT} characters.",
            rule="size: parameter name",
            received=name,
        )
    if _CONTROL.search(name):
        raise invalid_request(
            "The name of a parameter contains control characters.",
            rule="RFC 6749 appendix A characters",
            received=repr(name),
        )
    return name


def _value(name: str, raw: bytes) -> str:
    try:
        value = _unescaped(raw)
    except ValueError:
        raise invalid_request(
            f"The value of {name} is not valid: percent-encode it as UTF-8.",
            rule="RFC 6749 appendix B encoding",
            received=f"parameter {name}",
        ) from None
    limit = VALUE_LIMITS.get(name, VALUE_LIMIT)
    if len(value) > limit:
        raise invalid_request(
            f"The value of {name} is longer than {limit} characters.",
            rule="size: parameter value",
            received=f"{name} of {len(value)} characters",
            expected=f"at most {limit}",
        )
    if (_CONTROL_IN_JSON if name == "claims" else _CONTROL).search(value):
        raise invalid_request(
            f"The value of {name} contains control characters.",
            rule="RFC 6749 appendix A characters",
            received=f"parameter {name}",
        )
    return value


def _unescaped(raw: bytes) -> str:
    """Undo form encoding. Raises `ValueError` for a broken escape or bytes that are not UTF-8."""
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        if _BROKEN_PERCENT.search(raw):
            raise ValueError("broken percent-encoding")
        raw = unquote_to_bytes(raw)
    return raw.decode("utf-8")
