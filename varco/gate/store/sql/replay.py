"""What may be used once: `jti` of client assertions and DPoP proofs."""

from varco.gate.store.statement import PLATFORM, Row, Statement


class UsedRow(Row, frozen=True):
    """A single-use value that was not remembered before."""

    id: str


USE_ONCE = Statement(
    PLATFORM,
    """
    INSERT INTO grants_usedjti (id, kind, expires_at) VALUES (:id, :kind, :expires_at)
    ON CONFLICT (id) DO NOTHING RETURNING id
    """,
    UsedRow,
)
"""Remember a hash until a time, if it is not remembered."""
