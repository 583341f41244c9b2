"""The signing keys, and which master keys servers have."""

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


NOTE_MASTER_KEY = Statement(
    PLATFORM,
    """
    INSERT INTO keys_masterkeyuse (kid, first_seen, in_front_until) VALUES (:kid, :now, :in_front)
    ON CONFLICT (kid) DO UPDATE SET in_front_until = COALESCE(excluded.in_front_until, keys_masterkeyuse.in_front_until)
    """,
)
"""Note that a server knows a master key (by its public name) now, and whether it stands in front: the time, or null."""


class SealedFactorRow(Row, frozen=True):
    """What a second factor keeps, as JSON text; its secret is sealed."""

    data: str


SEALED_FACTORS = Statement(
    PLATFORM,
    """
    SELECT CAST(data AS text) AS data FROM (SELECT type, data FROM mfa_authenticator ORDER BY id DESC LIMIT 50) newest
    WHERE type IN ('totp', 'recovery_codes')
    """,
    SealedFactorRow,
)
"""The newest second factors, to see whether they open."""

SIGNING_KEYS = Statement(
    PLATFORM,
    """
    SELECT kid, alg, public_jwk, sealed_private, published_at, active_at, retires_at, gone_at
    FROM grants_signingkey WHERE gone_at > :now AND revoked_at IS NULL ORDER BY active_at, kid
    """,
    SigningKeyRow,
)
"""The keys that are published or will be, at a time."""
