"""Ending grants from the gate, each with its record."""

from varco.audit.tags import Tag
from varco.gate import audit
from varco.gate.context import GateContext
from varco.gate.http import Request
from varco.gate.records import subject
from varco.gate.store.sql.grants import END_GRANT, GRANT_OF_ID, GrantRow
from varco.protocol.errors import EndGrant, EndReason

_CAUSES = {EndReason.CODE_REPLAYED: Tag.CODE_REPLAYED, EndReason.REFRESH_REUSED: Tag.REFRESH_REUSED}


async def end_grant(context: GateContext, request: Request, row: GrantRow, reason: EndReason) -> None:
    """End the grant of a `GRANT_OF_…` row and record why; of several at the same moment one does."""
    now_ms = context.now_ms()
    about = subject(row)
    cause = _CAUSES.get(reason)
    events = [
        audit.step(tag, request, about, now_ms, grant=str(row.id), reason=reason)
        for tag in ((cause, Tag.GRANT_ENDED) if cause else (Tag.GRANT_ENDED,))
    ]
    await context.platform.write(END_GRANT(id=row.id, now=now_ms // 1000, reason=reason), *events)


async def apply_effects(context: GateContext, request: Request, effects: tuple[EndGrant, ...]) -> None:
    """End the grants a refusal ends."""
    for effect in effects:
        row = await context.platform.one(GRANT_OF_ID(id=effect.grant_id))
        if row is not None:
            await end_grant(context, request, row, effect.reason)
