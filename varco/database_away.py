"""Which faults of Django's connections say that a database is away, and not that something is wrong: the answer is 503."""

from django.db import InterfaceError, InternalError, OperationalError

READ_ONLY = "25006"
"""SQLSTATE of a write to a server that only reads, as one does while a primary and its standby change places."""


def database_away(fault: BaseException | None) -> bool:
    """Whether a database is away, busy, or read-only for now."""
    if isinstance(fault, InternalError):
        return getattr(fault.__cause__, "sqlstate", None) == READ_ONLY
    return isinstance(fault, OperationalError | InterfaceError)
