"""Patients who may be there already when one is added: told by id to whoever may see them, and no obstacle for whoever insists (S47)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from varco.gate.api.calls import WriteCall
from varco.gate.api.patients.sql import POSSIBLE_DUPLICATES, WITH_FISCAL_CODE
from varco.json_fields import FieldFault
from varco.protocol.errors import OAuthError


async def refuse_duplicates(call: WriteCall[Any, Any], columns: Mapping[str, Any], *, allowed: bool) -> None:
    """Raise `OAuthError` (409) where the clinic has somebody of this fiscal code; or, unless allowed, of this name and more.

    More is the date of birth, the telephone number or the e-mail address.
    """
    if columns["fiscal_code"]:
        code = WITH_FISCAL_CODE(tenant_id=call.tenant_id, fiscal_code=columns["fiscal_code"])
        if (owner := await call.clinic.one(code)) is not None:
            raise already_there(_visible(call, [owner.id]))
    if allowed or not any(columns[name] for name in ("birth_date", "phone_e164", "email")):
        return
    names = ("search_name", "birth_date", "phone_e164", "email")
    asked = POSSIBLE_DUPLICATES(tenant_id=call.tenant_id, **{name: columns[name] for name in names})
    if found := await call.clinic.all(asked):
        raise _possible(_visible(call, [row.id for row in found]))


def _visible(call: WriteCall[Any, Any], found: Sequence[int]) -> list[int]:
    """Those that the caller may see: all of their clinic's, or none."""
    needs = call.context.catalog.api["patients"]
    return list(found) if needs.permissions["read"] in call.caller.permissions else []


def _possible(candidates: list[int]) -> OAuthError:
    return OAuthError(
        "possible_duplicate",
        "The clinic has patients who may be this one. Look at them; to add one more, send allowDuplicate.",
        status=409,
        rule="S47 duplicates",
        received="a name with a date of birth, telephone number or e-mail address that others have",
        expected="another patient, or allowDuplicate",
        extra={"candidates": candidates} if candidates else {},
    )


def already_there(candidates: Sequence[int] = ()) -> OAuthError:
    """The error for an identifier that another patient has; only one can."""
    fault = FieldFault("fiscalCode", "already_exists", "Another patient has this.", "Lo ha un altro paziente.")
    return OAuthError(
        "already_exists",
        "The clinic has a patient with this fiscal code, or another of these identifiers, already.",
        status=409,
        rule="S47 one patient a fiscal code",
        received="an identifier that another patient has",
        expected="another identifier, or a change of that patient",
        extra={"fields": [msgspec.to_builtins(fault)]} | ({"candidates": list(candidates)} if candidates else {}),
    )
