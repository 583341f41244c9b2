"""Things that are used once: a second use finds the row of the first (races included)."""

from varco.gate.context import GateContext
from varco.gate.store.sql.replay import USE_ONCE

ASSERTION = "assertion"
PROOF = "dpop"


async def first_use(context: GateContext, kind: str, single_use: str, remember_until: int) -> bool:
    """Remember a hash of its kind until a time (epoch seconds); False if it is remembered already."""
    row = await context.platform.write(USE_ONCE(id=single_use, kind=kind, expires_at=remember_until))
    return row is not None
