"""`varco migrate`: bring the three databases to this version. Safe to run twice, and to run from several machines."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

LOCK = 0x5641_5243_4F  # "VARCO": one PostgreSQL advisory lock for all migrations of a database


def migrate(*, verbose: bool = True) -> None:
    """Migrate every database and make the cache table. Needs Django set up; raises `DatabaseError`."""
    from django.core.management import call_command
    from django.db import connections

    _make_directories()
    with ExitStack() as locks:
        for alias in connections:
            locks.enter_context(_alone(alias))
        for alias in connections:
            _note_what_stands_elsewhere(alias)
            call_command("migrate", database=alias, interactive=False, verbosity=0, skip_checks=True)
        call_command("createcachetable", verbosity=0)
    if verbose:
        print("Databases platform, clinic and sandbox are up to date.")


def _note_what_stands_elsewhere(alias: str) -> None:
    """Record as done what an app changes whose tables stand in other databases.

    Django would do nothing for it here either, but work out all models as they were at each step, which takes longer than all that is done.
    """
    from django.db import connections, router, transaction
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    executor.recorder.ensure_schema()
    with transaction.atomic(using=alias):
        for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            if not router.allow_migrate(alias, migration.app_label):
                executor.record_migration(migration)  # type: ignore[call-arg, arg-type]  # the stubs know an older Django


@contextmanager
def _alone(alias: str) -> Iterator[None]:
    """Hold the migration lock of a database: two runs at once would each find the same tables missing."""
    from django.db import connections

    connection = connections[alias]
    if connection.vendor == "sqlite":
        with Path(f"{connection.settings_dict['NAME']}.migrating").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    # A lock of a session would stay behind in a pooler's; a transaction's goes with it, and so has a connection of its own.
    held = connection.copy()
    try:
        held.set_autocommit(False)
        with held.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
    finally:
        held.close()


def _make_directories() -> None:
    """Make the directories of the SQLite files, readable by their owner only: they hold patients' data."""
    from django.conf import settings

    for database in settings.DATABASES.values():
        if database["ENGINE"].endswith("sqlite3"):
            Path(database["NAME"]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
