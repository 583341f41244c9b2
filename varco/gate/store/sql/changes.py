"""Uses of deprecated operations."""

from varco.gate.store.statement import PLATFORM, Statement

NOTE_USE = Statement(
    PLATFORM,
    """
    INSERT INTO changes_deprecateduse (application_id, operation, last_used_at)
    VALUES (:application_id, :operation, :now)
    ON CONFLICT (operation, application_id) DO UPDATE SET last_used_at = excluded.last_used_at
    """,
)
"""Note that an application used a deprecated operation that leaves no access record."""
