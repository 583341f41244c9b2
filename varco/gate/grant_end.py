"""Ending grants from the gate, each with its record."""

import secrets

from varco.audit.tags import Tag
from varco.gate import audit
from varco.gate.context import GateContext
from varco.gate.http import Request, encode_json
from varco.gate.records import subject
from varco.gate.store import BoundStatement
from varco.gate.store.sql.grants import END_GRANT, GRANT_OF_ID, GrantRow
from varco.gate.store.sql.signals import ADD_CLAIMS_CHANGE, OTHER_GRANTS
from varco.protocol.errors import EndGrant, EndReason
from varco.protocol.signals.events import claims_of_scope

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
    signals = [] if reason is EndReason.REVOKED else await _signals(context, request, row, now_ms // 1000)
    await context.platform.write(END_GRANT(id=row.id, now=now_ms // 1000, reason=reason), *events, *signals)


async def _signals(context: GateContext, request: Request, row: GrantRow, now: int) -> list[BoundStatement[None]]:
    """What the application is told of an end that it has not asked for itself: what it may still do for the person."""
    others = await context.platform.all(OTHER_GRANTS(id=row.id, now=now))
    left = {name for other in others for name in other.scopes.split()}
    if left.issuperset(row.scopes.split()):
        return []
    detail = claims_of_scope(" ".join(sorted(left))) | {"initiating_entity": "policy"}
    return [
        ADD_CLAIMS_CHANGE(
            now=now,
            jti=secrets.token_hex(16),
            sub=row.sub,
            detail=encode_json(detail).decode(),
            txn=request.id,
            application_id=row.application_id,
        )
    ]


async def apply_effects(context: GateContext, request: Request, effects: tuple[EndGrant, ...]) -> None:
    """End the grants a refusal ends."""
    for effect in effects:
        row = await context.platform.one(GRANT_OF_ID(id=effect.grant_id))
        if row is not None:
            await end_grant(context, request, row, effect.reason)
