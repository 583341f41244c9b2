"""Using up a hold: its slot becomes an appointment."""

from typing import Any

from varco.gate.api.appointments import errors
from varco.gate.api.calls import Call, WriteCall
from varco.gate.api.holds import sql
from varco.gate.api.holds.schema import HoldRow
from varco.gate.store import BoundStatement

AnyWrite = WriteCall[Any, Any]


async def own_hold(call: AnyWrite, number: int) -> HoldRow:
    """A hold of this person with this application that is not over. Raises `OAuthError` (422)."""
    row = await call.clinic.one(sql.HOLD(tenant_id=call.tenant_id, id=number))
    if row is None or not is_own(call, row) or row.expires_at <= call.now_ms // 1000:
        raise errors.unknown("holdId", "There is no such hold of yours, or it is over.")
    return row


def is_own(call: Call[Any] | AnyWrite, row: HoldRow) -> bool:
    """Whether a hold is this person's, with this application."""
    return (row.person, row.application_id) == (call.caller.person.sub, call.caller.client.application_id)


def ended(call: AnyWrite, number: int) -> list[BoundStatement[Any]]:
    """What ends a hold with the booking that it was for; nothing for 0."""
    return [sql.END_HOLD(tenant_id=call.tenant_id, id=number, version=1)] if number else []
