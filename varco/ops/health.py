"""Whether this installation can do its work: databases, migrations, keys. Needs Django set up."""

import functools

from varco import clock


def faults() -> list[str]:
    """What is wrong, one sentence each; empty when all is well. Names no host, user or password."""
    from django.db import close_old_connections

    close_old_connections()
    found = database_faults()
    return found or [*_schema_faults(), *key_faults()]


def database_faults() -> list[str]:
    """The databases that do not answer."""
    from django.db import DatabaseError, connections

    found = []
    for alias in connections:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError as fault:
            found.append(f"database {public_name(alias)} does not answer ({type(fault).__name__})")
    return found


def public_name(alias: str) -> str:
    """The name of a database as its setting has it."""
    return "platform" if alias == "default" else alias


def pending_migrations(alias: str) -> list[str]:
    """Migrations that this version of Varco needs and the database lacks, as `app.name`."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def schema_faults() -> list[str]:
    """The databases whose tables are not those of this version."""
    from django.conf import settings
    from django.db import connections

    found = []
    for alias in connections:
        pending = pending_migrations(alias)
        if pending:
            found.append(f"database {public_name(alias)} lacks {len(pending)} migrations; run: varco migrate")
    table = settings.CACHES["default"]["LOCATION"]
    if not found and table not in connections["default"].introspection.table_names():
        found.append("database platform lacks the cache table; run: varco migrate")
    return found


@functools.cache
def _schema_was_right() -> bool:
    faults_found = schema_faults()
    if faults_found:
        raise LookupError("; ".join(faults_found))
    return True


def _schema_faults() -> list[str]:
    """As `schema_faults`, but right once is right for this process's life: a version's schema does not change under it."""
    try:
        _schema_was_right()
    except LookupError as fault:
        return str(fault).split("; ")
    return []


def key_faults() -> list[str]:
    """The algorithms that no key could sign with now."""
    from varco.keys import queries as keys

    return [f"no active {alg} signing key; run: varco keys ensure" for alg in keys.unsigned(clock.now())]


def sealing_faults() -> list[str]:
    """The signing keys that the master key does not open: the databases and the master key are not of one installation."""
    from varco.keys import queries as keys

    return [
        f"signing key {kid} was sealed under another master key; put that one into VARCO_MASTER_KEYS too"
        for kid in keys.unopened(clock.now())
    ]
