"""A database that is read and not written: a full disk, a standby, a role without rights."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def readable_only(alias: str = "default") -> Iterator[None]:
    """Meanwhile nothing is written there by this thread. On PostgreSQL until the test's transaction is rolled back."""
    connection = connections[alias]
    sqlite = connection.vendor == "sqlite"
    connection.check_constraints()  # those that PostgreSQL has put off would lock rows later
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY")
    try:
        yield
    finally:
        if sqlite:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA query_only = OFF")
