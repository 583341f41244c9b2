"""From a request to a checked call: token, limit, tenant, scope, permission, parameters, in this order (S28).

The token comes first, since nobody else learns anything; the tenant before the rights, so that another tenant's id is
404 whatever the token may do.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect

from varco.gate.api.operations import Declaration, Operation
from varco.gate.auth.bearer import Caller
from varco.gate.errors import not_found
from varco.json_fields import FieldFault, faults
from varco.paging import written_number
from varco.protocol.eligibility import Ineligible
from varco.protocol.errors import Fixer, OAuthError, invalid_request
from varco.protocol.grant import explanation

_SWITCHES = {"true": True, "false": False}


def own_tenant(caller: Caller, path: Mapping[str, str]) -> None:
    """Another tenant's id is as unknown as one that does not exist. Raises `OAuthError` (404)."""
    if path["tenantId"] != caller.tenant.id:
        raise not_found(f"tenant {path['tenantId'][:60]}", f"tenant {caller.tenant.id}, which the token is for")


def rights(operation: Operation, caller: Caller) -> None:
    """Both layers, and the policies above them. Raises `OAuthError` (403) naming the layer and who can fix it."""
    if not caller.tenant_allows:  # asked before the call, which costs more than the question
        tenant_policy(caller)
    if operation.scope and operation.narrower not in caller.scopes:
        scope(operation.scope, caller)
    if operation.permission and operation.permission not in caller.permissions:
        permission(operation.permission, caller)


def permission(name: str, caller: Caller) -> None:
    """The person must have it in the clinic. Raises `OAuthError` (403)."""
    if name not in caller.permissions:
        raise _forbidden(
            "The person's own rights in this medical centre do not cover this. The centre's manager can change them.",
            layer="permission",
            required=name,
            fixer=Fixer.MANAGER,
            rule="S28 permission",
            received=" ".join(sorted(caller.permissions)) or "no permissions",
        )


def tenant_policy(caller: Caller) -> None:
    """Both sides' lists must allow the application at the caller's tenant (S19). Raises `OAuthError` (403)."""
    if not caller.tenant_allows:
        words = explanation(Ineligible.APPLICATION_BLOCKED)
        raise _forbidden(
            words.description,
            layer="tenant policy",
            required="application",
            fixer=words.fixer,
            rule=words.rule,
            received=words.received,
        )


def scope(name: str, caller: Caller) -> None:
    """The token must carry a scope that is still granted and approved. Raises `OAuthError` (403)."""
    if name not in caller.scopes:
        raise _no_scope(name, caller)


def _no_scope(scope: str, caller: Caller) -> OAuthError:
    """A scope can be missing from the registration, from the consent, or only from this token."""
    held = " ".join(sorted(caller.scopes)) or "no scope"
    if scope not in caller.client.scopes:
        return _forbidden(
            f"The application is not approved for {scope}. Ask for it in a new revision of the registration.",
            layer="application",
            required=scope,
            fixer=Fixer.DEVELOPER,
            rule="S13 scope of the revision in force",
            received=held,
        )
    granted = scope in caller.granted_scopes
    return _forbidden(
        f"This token was asked for without {scope}, though it is granted. Get a token with the full scope."
        if granted
        else f"The person has not granted {scope} to this application.",
        error="insufficient_scope",
        layer="scope",
        required=scope,
        fixer=Fixer.DEVELOPER if granted else Fixer.PERSON,
        rule="S18 scope of the token" if granted else "S18 granted scope",
        received=held,
    )


def _forbidden(
    text: str, *, layer: str, required: str, fixer: Fixer, rule: str, received: str, error: str = "forbidden"
) -> OAuthError:
    return OAuthError(
        error,
        text,
        status=403,
        rule=rule,
        fixer=fixer,
        received=received,
        expected=required,
        extra={"layer": layer, "required": required, "fixableBy": fixer.value},
    )


def object_ids(operation: Declaration, path: Mapping[str, str]) -> dict[str, int]:
    """The ids in the path; what is no id is the id of nothing. Raises `OAuthError` (404)."""
    found = {}
    for name in operation.object_ids:
        text = path[name]
        # One object has one address: an id is spelt as the API spells it, without zeros before it.
        if not (text.isascii() and text.isdecimal() and len(text) <= 18) or text.startswith("0"):
            raise not_found(f"{name} {text[:40]}")
        found[name] = int(text)
    return found


def query(operation: Declaration, raw: bytes) -> Any:
    """The query parameters, every one of them known and valid. Raises `OAuthError` (400) with all that is wrong."""
    if not raw and not operation.compulsory:
        return operation.query()
    found: list[FieldFault] = []
    values: dict[str, Any] = {}
    fields = operation.fields
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise malformed(
            [
                FieldFault(
                    "",
                    "malformed",
                    "The query is not valid percent-encoded UTF-8.",
                    "La query non è UTF-8 valido con codifica percentuale.",
                )
            ]
        ) from None
    sent = {name for name, _ in pairs}
    for name, text in pairs:
        if name not in fields:
            known = ", ".join(fields) or "none"
            message = f"This parameter is not known here. Known: {known}."
            italian = f"Questo parametro non è conosciuto. Parametri noti: {known}."
            found.append(FieldFault(name[:60], "unknown_parameter", message, italian))
        elif name in values:
            message, italian = "This parameter was sent more than once.", "Questo parametro compare più di una volta."
            found.append(FieldFault(name, "repeated", message, italian))
        elif not text.isprintable():
            message, italian = (
                "This parameter contains control characters.",
                "Questo parametro contiene caratteri di controllo.",
            )
            found.append(FieldFault(name, "invalid_format", message, italian))
        else:
            value, kind = _value(text, fields[name])
            try:
                values[name] = msgspec.convert(value, fields[name])
            except msgspec.ValidationError:
                found += faults(value, kind, name)
    found += [FieldFault(name, "required", "This parameter is required.") for name in operation.compulsory - sent]
    if found:
        raise malformed(found)
    return msgspec.convert(values, operation.query)


def _value(text: str, declared: Any) -> tuple[str | int, inspect.Type]:
    """What a parameter means: a number, `true` or `false` where one is declared and this is written as one; and the declared type."""
    kind = inspect.type_info(declared)
    bare = kind.type if isinstance(kind, inspect.Metadata) else kind
    if isinstance(bare, inspect.BoolType):
        return _SWITCHES.get(text, text), kind
    return written_number(text) if isinstance(bare, inspect.IntType) else text, kind


def malformed(found: list[FieldFault]) -> OAuthError:
    """The error for a query whose parameters are not valid (S29)."""
    names = ", ".join(sorted({fault.field for fault in found if fault.field}))
    return invalid_request(
        f"The request has parameters that are not valid: {names}." if names else "The query is not valid.",
        rule="S29 valid parameters",
        received=names or "a query that cannot be decoded",
        expected="see the API's description",
        extra={"fields": [msgspec.to_builtins(fault) for fault in found]},
    )
