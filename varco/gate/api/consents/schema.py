"""What programs see of a consent, and send of one."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from varco.clinical.consents import State
from varco.gate.api.values import Id, Version

Kind = Annotated[
    Literal["privacy", "treatment", "healthRecord", "onlineReports", "communication", "marketing", "research", "other"],
    Meta(description="What was agreed to. Others than these may come.", extra_json_schema={"type": "string"}),
]
TextVersion = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"^[A-Za-z0-9._/-]+$",
        description="Which version of the text was agreed to, as the clinic names it.",
        extra={
            "message": "This must be letters, digits and . _ / - alone, such as privacy-2026.1.",
            "message_it": "Solo lettere, cifre e . _ / -, come privacy-2026.1.",
        },
    ),
]


class Consent(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A consent. It is confirmed or withdrawn, and never changed: who agrees to a new text gives a new one."""

    id: Id
    patient_id: Id
    kind: Kind
    text_version: str
    given_on: dt.date
    given_by: Annotated[Literal["patient", "guardian"], Meta(extra_json_schema={"type": "string"})]
    guardian_id: Id | None
    confirm_from: Annotated[
        dt.date | None, Meta(description="When the patient comes of age, and has to confirm what a guardian agreed to.")
    ]
    confirmed_on: dt.date | None
    withdrawn_on: dt.date | None
    state: Annotated[
        State,
        Meta(
            description="What it is worth today: `toConfirm` since the patient came of age, and nothing is confirmed.",
            extra_json_schema={"type": "string"},
        ),
    ]
    recorded_by: Annotated[str, Meta(description="The person's id, as `sub` of UserInfo.")]
    recorded_by_name: str
    version: Version


class ConsentFields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A consent as one is recorded."""

    kind: Kind
    text_version: TextVersion
    given_on: Annotated[dt.date | None, Meta(description="Today, unless it was given before.")] = None
    guardian_id: Annotated[
        Id | None, Meta(description="Who gave it in the patient's place: one of the patient's guardians.")
    ] = None


EXAMPLE = Consent(
    9, 123, "privacy", "privacy-2026.1", dt.date(2026, 11, 28), "patient", None, None, None, None, "given",
    "u-5c1f", "Sara Serra", 1,
)  # fmt: skip
BODY_EXAMPLE = ConsentFields(kind="privacy", text_version="privacy-2026.1")
