"""Ending grants from the gate, each with its record."""

from varco.audit.tags import Tag
from varco.gate import journal
from varco.gate.core import Core
from varco.gate.http import Request
from varco.gate.oauth.records import subject
from varco.gate.store import Row
from varco.gate.store import statements as sql
from varco.protocol.refusal import EndGrant
from varco.protocol.token import CODE_REPLAYED, REFRESH_REUSED

_CAUSES = {CODE_REPLAYED: Tag.CODE_REPLAYED, REFRESH_REUSED: Tag.REFRESH_REUSED}


async def end(core: Core, request: Request, row: Row, reason: str) -> None:
    """End the grant of a `GRANT_OF_…` row and record why; of several at the same moment one does."""
    now_ms = core.now_ms()
    about = subject(row)
    cause = _CAUSES.get(reason)
    events = [
        journal.step(tag, request, about, now_ms, grant=str(row["id"]), reason=reason)
        for tag in ((cause, Tag.GRANT_ENDED) if cause else (Tag.GRANT_ENDED,))
    ]
    await core.platform.write((sql.END_GRANT, (row["id"], now_ms // 1000, reason)), *events)


async def carry_out(core: Core, request: Request, effects: tuple[EndGrant, ...]) -> None:
    """End the grants a refusal ends."""
    for effect in effects:
        row = await core.platform.one(sql.GRANT_OF_ID, effect.grant_id)
        if row is not None:
            await end(core, request, row, effect.reason)
