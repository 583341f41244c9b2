"""What programs see of a guardian, and send of one."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from varco.clinical.patients import ONE_LINE
from varco.gate.api.patients.schema import Email, Phone
from varco.gate.api.values import Id, Version
from varco.gate.store import Row

Relation = Annotated[
    Literal["mother", "father", "guardian", "supportAdministrator", "other"],
    Meta(
        description="`guardian` and `supportAdministrator` are named by a court, and speak for patients of age too.",
        extra_json_schema={"type": "string"},
    ),
]
GuardianName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=160,
        pattern=ONE_LINE,
        description="First and last name, in one line.",
        extra={
            "message": "Write this in one line, without control characters or direction marks.",
            "message_it": "Scrivilo su una riga, senza caratteri di controllo né segni di direzione.",
        },
    ),
]


class Guardian(Row, frozen=True, rename="camel"):
    """Somebody who speaks for a patient; days are included."""

    id: Id
    patient_id: Id
    name: str
    relation: Relation
    phone: str
    email: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    version: Version


class GuardianFields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A guardian as one is added."""

    name: GuardianName
    relation: Relation
    phone: Phone = ""
    email: Email = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


class GuardianChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What changes of a guardian: `validTo` ends it."""

    name: GuardianName | UnsetType = UNSET
    relation: Relation | UnsetType = UNSET
    phone: Phone | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    valid_from: dt.date | UnsetType | None = UNSET
    valid_to: dt.date | UnsetType | None = UNSET


EXAMPLE = Guardian(7, 123, "Anna Neri", "mother", "347 1234567", "", None, None, 1)
BODY_EXAMPLE = GuardianFields(name="Anna Neri", relation="mother", phone="347 1234567")
CHANGE_EXAMPLE = GuardianChange(valid_to=dt.date(2027, 6, 30))
