"""Commits that change nothing anybody reads: whether a database can be written, for `/readyz`. The sweep takes their row."""

from varco.gate.store.statement import CLINICAL, PLATFORM, Statement

PROBE_PLATFORM = Statement(
    PLATFORM,
    """
    INSERT INTO grants_usedjti (id, kind, expires_at) VALUES ('write-probe', 'probe', :now)
    ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
    """,
)
"""Write a row of the single-use marks that is over already."""

PROBE_CLINICAL = Statement(
    CLINICAL,
    """
    INSERT INTO clinic_idempotencykey (id, fingerprint, status, headers, body, created_at, expires_at)
    VALUES ('write-probe', '', 0, '', '', :now, :now)
    ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, expires_at = excluded.expires_at
    """,
)
"""Write a row of the remembered answers that is over already."""
