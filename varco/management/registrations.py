"""What programs send of an application: a field for each field of `Details` and `Registration`, under its name in camel case.

The structs are made of those two classes, so that pages and programs register the same (a field of theirs is a field here).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, replace
from itertools import islice
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from varco.json_fields import MOST_FAULTS, FieldFault
from varco.management.wording import words
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, AuthMethod
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.scope import OFFLINE_ACCESS
from varco.registry.errors import Faults
from varco.registry.jwks import public_only
from varco.registry.models import Revision
from varco.registry.registration import PROFILES, Details, Registration, ScopeRequest


class ScopeBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A scope that is asked for: why (in English or Italian, or both), and whether the application is useless without it."""

    name: str
    reason: str = ""
    reason_it: str = ""
    required: bool = False


JSON_TYPES: Mapping[Any, Any] = {
    str: str,
    bool: bool,
    int: int,
    tuple[str, ...]: list[str],
    tuple[ScopeRequest, ...]: list[ScopeBody],
    Mapping[str, Any] | None: dict[str, Any] | None,
}
"""What a field of a registration is in JSON; a field of another type is added here with its first use."""

_REQUIRED = {"name", "type"}
Valued = TypeVar("Valued", Details, Registration)


def _struct(name: str, doc: str, *kinds: type[Any], partly: bool, more: Iterable[Any] = ()) -> type[msgspec.Struct]:
    """A struct of all fields of some dataclasses, and `more`; `partly`: each may be left out, and is then left as it is."""
    found = [*more]
    for kind in kinds:
        hints = get_type_hints(kind)
        found += [_json_field(field, JSON_TYPES[hints[field.name]], partly) for field in fields(kind)]
    if len({field[0] for field in found}) != len(found):
        raise TypeError("details and registration have a field of the same name")
    made = msgspec.defstruct(
        name, found, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, module=__name__
    )
    made.__doc__ = doc
    return made


def _one_of(names: Iterable[str]) -> str:
    return ", ".join(name or '""' for name in names)


_DESCRIPTIONS = {
    "type": f"One of {_one_of(Revision.Type.values)}.",
    "environment": f"One of {_one_of(Revision.Environment.values)}.",
    "grant_types": f"Of {_one_of((AUTHORIZATION_CODE, DEVICE_CODE))}; refreshing comes with the scope {OFFLINE_ACCESS}.",
    "token_endpoint_auth_method": f"One of {_one_of(AuthMethod)}; left out or empty, the first that the type can use.",
    "id_token_alg": f"One of {_one_of(ALGORITHMS)}.",
    "userinfo_alg": f"One of {_one_of(ALGORITHMS)}; empty for plain JSON.",
    "profile": f"One of {_one_of(PROFILES)}.",
    "claims": "Groups of claims, each of which the person is asked for.",
    "product": "Groups several registrations of one product in lists.",
    "jwks": "Public keys by value (RFC 7517), for private_key_jwt; or send jwksUri.",
    "token_endpoint_audience": "Whether client assertions may name the token endpoint as their audience, beside the issuer.",
    "pkce_exception": "Why it cannot use PKCE and sends nonce instead (RFC 9700 §2.1.1); empty: it uses PKCE.",
    "acts_by_itself": "An agent or a batch job: no person watches while it works for them, and people are told so.",
    "description": "In English, or in whatever language there is.",
}
"""What cannot be seen from the name of a field."""


def _json_field(field: Field[Any], kind: Any, partly: bool) -> Any:
    if field.name in _DESCRIPTIONS:
        kind = Annotated[kind, msgspec.Meta(description=_DESCRIPTIONS[field.name])]
    if partly:
        return field.name, kind | UnsetType, UNSET
    if field.name in _REQUIRED:
        return field.name, kind
    default = field.default if field.default is not MISSING else None
    if isinstance(default, tuple):
        return field.name, kind, msgspec.field(default_factory=lambda: list(default))
    return field.name, kind, default


NewApplication = _struct(
    "NewApplication",
    "An application to register, with its first draft.",
    Details,
    Registration,
    partly=False,
    more=[("team_id", Annotated[str, msgspec.Meta(description="Whose it is to be; empty: of your first team.")], "")],
)
RegistrationBody = _struct("RegistrationBody", "All that is asked for and reviewed.", Registration, partly=False)
RegistrationChange = _struct(
    "RegistrationChange", "What changes of a registration; the rest stays.", Registration, partly=True
)
DetailsChange = _struct("DetailsChange", "What changes of the details; the rest stays.", Details, partly=True)


def values_of(sent: Any, kind: type[Valued], base: Valued | None = None) -> Valued:
    """The details, or the registration, that a body holds; what it leaves out is as in `base`."""
    found = {field.name: getattr(sent, field.name) for field in fields(kind)}
    given = {name: _value(name, value) for name, value in found.items() if value is not UNSET}
    return replace(base, **given) if base is not None else kind(**given)


def _value(name: str, value: Any) -> Any:
    if name == "scopes":
        return tuple(ScopeRequest(item.name, item.reason, item.required, item.reason_it) for item in value)
    if name == "jwks":
        return None if value is None else public_only(value)
    return tuple(value) if isinstance(value, list) else value


def field_faults(faults: Faults) -> list[FieldFault]:
    """Faults of a service by the names that programs send, worded as the pages word them."""
    return list(islice(_worded(faults.items()), MOST_FAULTS))


def _worded(faults: Iterable[tuple[str, Iterable[Any]]]) -> Iterator[FieldFault]:
    say = words().fault
    for name, found in faults:
        for fault in found:
            yield FieldFault(field_name(name), str(fault.code), say(fault))


def field_name(name: str) -> str:
    """The name of a field of a registration or of its details in JSON; `reason:openid` of a form is the reason of that scope."""
    kind, _, scope = name.partition(":")
    if scope:
        return f"scopes[{scope[:60]}].{'reasonIt' if kind == 'reason_it' else 'reason'}"
    return "teamId" if name == "team" else camel(name)


def camel(name: str) -> str:
    """A name as msgspec's `rename="camel"` writes it."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
