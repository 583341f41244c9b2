"""Flush: what a test committed is deleted again, at a fraction of the cost of Django's own.

Django's empties every table of every database and then makes content types and permissions anew, after each test. Here one
query asks which tables hold anything, those are emptied, and content types and permissions stay as migrating made them.
"""

from functools import cache

# Rate limits counted by one test must not refuse the next. Django's flush leaves the table of the cache alone.
ADDED = frozenset({"portal_cache"})
KEPT = frozenset({"django_content_type", "auth_permission"})


def install() -> None:
    """Have Django's transactional tests end with this flush, and connections outlive the test.

    Django closes them all after each test for what a rollback may undo in them, such as the time zone; ours set nothing that a
    transaction could take back. On PostgreSQL three new servers' processes cost more than most tests.
    """
    from django.test import TransactionTestCase

    def teardown(self: TransactionTestCase) -> None:
        for alias in self._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
            flush(alias)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
    TransactionTestCase._should_reload_connections = lambda self: False  # type: ignore[attr-defined]


def flush(alias: str) -> None:
    """Delete all rows of a database of the tests. References are checked at the commit, when nothing refers to anything."""
    from django.db import connections, transaction

    connection = connections[alias]
    connection.close_if_unusable_or_obsolete()  # where the test had the database taken away
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Everything goes, so no reference has to be followed; and planning some fifty look-ups takes longer than making them.
            cursor.execute("SET LOCAL session_replication_role = replica")
            filled = connection.connection.execute(_which_are_filled(alias), prepare=True).fetchall()
        else:
            filled = cursor.execute(_which_are_filled(alias)).fetchall()
        for (table,) in filled:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@cache
def _which_are_filled(alias: str) -> str:
    from django.db import connections

    connection = connections[alias]
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    if alias == "default":
        tables |= ADDED
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})" for table in sorted(tables)
    )
