"""What programs see of a patient, and send of one (S27)."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from varco.clinical.patients import FISCAL_CODE, ONE_LINE
from varco.gate.api.values import Id, Version
from varco.gate.store import Row
from varco.paging import Paging

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=80,
        pattern=ONE_LINE,
        description="In one line, without invisible characters.",
        extra={"message": "Write this in one line, without control characters or direction marks."},
    ),
]
FiscalCode = Annotated[
    str,
    Meta(
        max_length=16,
        pattern=FISCAL_CODE,
        description="Fiscal code, or the 11 digits of a provisional one; empty if there is none.",
        extra={
            "message": "A fiscal code has 16 letters and digits, such as RSSMRA80A01H501U, a provisional one 11 digits."
        },
    ),
]
Sex = Annotated[
    Literal["", "F", "M"],
    Meta(description="As on the health card; empty if not known.", extra_json_schema={"type": "string"}),
]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$",
        description="E-mail address; empty if there is none.",
        extra={"message": "This must be an e-mail address, such as anna@posta.example."},
    ),
]
Phone = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=r"^$|^\+?[0-9][0-9 ()./-]*$",
        description="Telephone number; empty if there is none.",
        extra={"message": "This must be a telephone number: digits, blanks and + ( ) . / - alone."},
    ),
]


class Patient(Row, frozen=True, rename="camel"):
    """A patient."""

    id: Id
    first_name: str
    last_name: str
    fiscal_code: str
    birth_date: dt.date | None
    sex: Sex
    email: str
    phone: str
    version: Version


class PatientFields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A patient as one is added."""

    first_name: Name
    last_name: Name
    fiscal_code: FiscalCode = ""
    birth_date: dt.date | None = None
    sex: Sex = ""
    email: Email = ""
    phone: Phone = ""


class PatientChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What changes of a patient: what is left out stays, what is null is emptied (RFC 7396)."""

    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    fiscal_code: FiscalCode | UnsetType | None = UNSET
    birth_date: dt.date | UnsetType | None = UNSET
    sex: Sex | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET


class PatientsQuery(Paging, frozen=True, kw_only=True, rename="camel"):
    """Which patients."""

    name: Annotated[
        str,
        Meta(
            max_length=100,
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description="Words that begin words of the name, in any case, with or without accents.",
        ),
    ] = ""
    fiscal_code: Annotated[str, Meta(max_length=16, pattern="^[A-Za-z0-9]*$", description="The exact fiscal code.")] = (
        ""
    )


EXAMPLE = Patient(
    123,
    "Mario",
    "Rossi",
    "RSSMRA80A01H501U",
    dt.date(1980, 1, 1),
    "M",
    "mario.rossi@posta.example",
    "+39 06 555 0123",
    1,
)
BODY_EXAMPLE = PatientFields(
    first_name="Mario",
    last_name="Rossi",
    fiscal_code="RSSMRA80A01H501U",
    birth_date=dt.date(1980, 1, 1),
    sex="M",
    email="mario.rossi@posta.example",
    phone="+39 06 555 0123",
)
CHANGE_EXAMPLE = PatientChange(email="mario@rossi.example", phone=None)
