"""What programs see of a patient, and send of one (S27)."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from varco.clinical.identifiers import MOST, Identifier
from varco.clinical.patients import ONE_LINE
from varco.gate.api.values import Id, Version
from varco.json_fields import FieldFault
from varco.paging import Paging

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=80,
        pattern=ONE_LINE,
        description="In one line, without invisible characters.",
        extra={
            "message": "Write this in one line, without control characters or direction marks.",
            "message_it": "Scrivilo su una riga, senza caratteri di controllo né segni di direzione.",
        },
    ),
]
FiscalCode = Annotated[
    str,
    Meta(
        max_length=40,
        description="Fiscal code in use, or the 11 digits of a provisional one; empty if there is none. A shorthand for that one of "
        "the identifiers. Blanks in it are left out.",
    ),
]
Identifiers = Annotated[
    list[Identifier],
    Meta(max_length=MOST, description="All of them, the fiscal code in use among them; none is allowed."),
]
BirthPlace = Annotated[
    str,
    Meta(
        max_length=4,
        pattern=r"^$|^[A-Za-z][0-9]{3}$",
        description="Cadastral code of the municipality or country of birth; empty if not known.",
        extra={
            "message": "This must be a cadastral code, a letter and three digits, such as H501.",
            "message_it": "Questo deve essere un codice catastale, una lettera e tre cifre, come H501.",
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
        extra={
            "message": "This must be an e-mail address, such as anna@posta.example.",
            "message_it": "Questo deve essere un indirizzo e-mail, come anna@posta.example.",
        },
    ),
]
Phone = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=r"^$|^\+?[0-9][0-9 ()./-]*$",
        description="Telephone number, as it was typed; empty if there is none.",
        extra={
            "message": "This must be a telephone number: digits, blanks and + ( ) . / - alone.",
            "message_it": "Questo deve essere un numero di telefono: solo cifre, spazi e + ( ) . / -.",
        },
    ),
]
E164 = Annotated[str, Meta(description="`phone` in the international form (E.164); empty where it is none.")]
State = Annotated[
    Literal["active", "archived", "merged", "anonymised"],
    Meta(
        description="Whether it is among the clinic's patients. Others than these may come.",
        extra_json_schema={"type": "string"},
    ),
]
Warnings = Annotated[
    list[FieldFault],
    Meta(
        description="In answers to writes alone, if there are any: what does not fit the fiscal code, and was written all the same."
    ),
]


class Patient(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A patient."""

    id: Id
    first_name: str
    last_name: str
    fiscal_code: FiscalCode
    identifiers: list[Identifier]
    birth_date: dt.date | None
    birth_place: BirthPlace
    sex: Sex
    email: str
    phone: str
    phone_e164: E164
    state: State
    version: Version
    warnings: Warnings | UnsetType = UNSET


class PatientData(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What programs say of a patient."""

    first_name: Name
    last_name: Name
    fiscal_code: FiscalCode | UnsetType = UNSET
    identifiers: Identifiers | UnsetType = UNSET
    birth_date: dt.date | None = None
    birth_place: BirthPlace = ""
    sex: Sex = ""
    email: Email = ""
    phone: Phone = ""


class PatientFields(PatientData, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A patient as one is added."""

    allow_duplicate: Annotated[
        bool,
        Meta(
            description="Whether to add the patient though others look like the same one; nothing makes one fiscal code two patients'."
        ),
    ] = False


class PatientChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What changes of a patient: what is left out stays, what is null is emptied (RFC 7396)."""

    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    fiscal_code: FiscalCode | UnsetType | None = UNSET
    identifiers: Identifiers | UnsetType | None = UNSET
    birth_date: dt.date | UnsetType | None = UNSET
    birth_place: BirthPlace | UnsetType | None = UNSET
    sex: Sex | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET


class PatientsQuery(Paging, frozen=True, kw_only=True, rename="camel"):
    """Which patients: whoever fits all that is asked."""

    name: Annotated[
        str,
        Meta(
            max_length=100,
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description="Words that begin words of the name, in any order and case, with or without accents and apostrophes.",
        ),
    ] = ""
    fiscal_code: Annotated[
        str,
        Meta(
            max_length=40,
            pattern="^[A-Za-z0-9 ]*$",
            description="The fiscal code in use or a former one, exact; blanks do not matter.",
        ),
    ] = ""
    identifier: Annotated[
        str,
        Meta(
            max_length=60,
            description="Any identifier, fiscal codes too, exact; not together with `fiscalCode`.",
        ),
    ] = ""
    birth_date: Annotated[dt.date, Meta(description="The date of birth.")] | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=40, description="A telephone number, in whatever form it is typed.")] = ""
    state: Annotated[
        Literal["active", "archived"],
        Meta(description="Whether to look among archived patients.", extra_json_schema={"type": "string"}),
    ] = "active"


class EmptyObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object."""


class Duplicate(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The other record of the same patient."""

    duplicate_id: Annotated[
        int,
        Meta(
            ge=1,
            le=10**18,
            description="Its id; the record of the address is the one that stays.",
            extra_json_schema={"format": "int64"},
        ),
    ]


MARIO = Identifier(kind="fiscalCode", value="RSSMRA80A01H501U")
EXAMPLE = Patient(
    id=123,
    first_name="Mario",
    last_name="Rossi",
    fiscal_code="RSSMRA80A01H501U",
    identifiers=[MARIO],
    birth_date=dt.date(1980, 1, 1),
    birth_place="H501",
    sex="M",
    email="mario.rossi@posta.example",
    phone="06 555 0123",
    phone_e164="+39065550123",
    state="active",
    version=1,
)
BODY_EXAMPLE = PatientFields(
    first_name="Mario",
    last_name="Rossi",
    fiscal_code="RSSMRA80A01H501U",
    birth_date=dt.date(1980, 1, 1),
    birth_place="H501",
    sex="M",
    email="mario.rossi@posta.example",
    phone="06 555 0123",
)
CHANGE_EXAMPLE = PatientChange(email="mario@rossi.example", phone=None)
