"""The signing keys."""

from varco.gate.store.statement import PLATFORM, Row, Statement


class SigningKeyRow(Row, frozen=True):
    """A signing key: the JWK as JSON text, the private part sealed, its times in epoch seconds."""

    kid: str
    alg: str
    public_jwk: str
    sealed_private: bytes
    published_at: int
    active_at: int
    retires_at: int
    gone_at: int


SIGNING_KEYS = Statement(
    PLATFORM,
    """
    SELECT kid, alg, public_jwk, sealed_private, published_at, active_at, retires_at, gone_at
    FROM grants_signingkey WHERE gone_at > :now AND revoked_at IS NULL ORDER BY active_at, kid
    """,
    SigningKeyRow,
)
"""The keys that are published or will be, at a time."""
