"""What programs see of an opposition to Sistema TS, and send of one."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

from varco.gate.api.values import Id
from varco.gate.store import Row


class Opposition(Row, frozen=True, rename="camel"):
    """What a patient wanted since a day, until the next entry."""

    id: Id
    patient_id: Id
    opposed: bool
    since: dt.date
    recorded_by: Annotated[str, Meta(description="The person's id, as `sub` of UserInfo.")]
    recorded_by_name: str


class OppositionFields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a patient wants from a day on."""

    opposed: Annotated[bool, Meta(description="Whether expenses are kept from Sistema TS.")]
    since: Annotated[dt.date | None, Meta(description="Today, unless it was told before.")] = None


EXAMPLE = Opposition(
    id=3, patient_id=123, opposed=True, since=dt.date(2026, 11, 28), recorded_by="u-5c1f", recorded_by_name="Sara Serra"
)
BODY_EXAMPLE = OppositionFields(opposed=True)
