"""Patients as programs see them, made of their rows."""

import datetime as dt
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from varco.clinical import identifiers
from varco.clinical.identifiers import Identifier, Name
from varco.gate.api.patients.schema import Patient
from varco.gate.api.patients.sql import PatientRow
from varco.json_fields import FieldFault

_NONE: Any = msgspec.Raw(b"[]")
_ONE = '[{"kind":"%s","value":"%s","issuer":"","validFrom":null,"validTo":null,"current":true}]'


def patient_answer(row: PatientRow, warnings: list[FieldFault] | UnsetType = UNSET) -> Patient:
    """The answer of a row. What is JSON in it stays so: a list of two hundred takes no identifier apart."""
    code, kept = row.fiscal_code, row.identifiers
    told: Any
    if not kept:
        kind = "provisional" if len(code) == 11 else "fiscalCode"
        told = msgspec.Raw((_ONE % (kind, code)).encode()) if code else _NONE
    elif code in kept:
        told = msgspec.Raw(kept.encode())
    else:  # written by the release before, which knows the fiscal code alone
        told = identifiers.kept(kept, code, dt.date.min)
    return Patient(
        row.id, row.first_name, row.last_name, code, told, row.birth_date, row.birth_place, row.sex, row.email,
        row.phone, row.phone_e164, row.state, row.version, warnings,
    )  # fmt: skip


def answer_with_warnings(row: PatientRow) -> Patient:
    """The answer of a row that was written: with what does not fit the fiscal code, where something does not."""
    person = Name(row.first_name, row.last_name, row.birth_date, row.sex, row.birth_place)
    found = identifiers.mismatches(row.fiscal_code, person)
    return patient_answer(row, [field_fault(fault) for fault in found] or UNSET)


def field_fault(fault: identifiers.Fault) -> FieldFault:
    """A fault of an identifier as the API tells it."""
    return FieldFault(fault.field, fault.found.code, fault.found.message, fault.found.italian)


def kept_identifiers(row: PatientRow) -> list[Identifier]:
    """All identifiers of a patient."""
    return identifiers.kept(row.identifiers, row.fiscal_code, dt.date.min)
