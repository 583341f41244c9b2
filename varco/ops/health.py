"""Whether this installation can do its work: databases, migrations, keys. Needs Django set up."""

import functools
import time
from collections.abc import Iterable
from pathlib import Path

from varco import clock
from varco.config import variable
from varco.ops import database_reasons

WRITTEN_EVERY = 10.0
"""Seconds between two attempts to write, made for `/readyz`, while they succeed."""


def faults() -> list[str]:
    """What is wrong, one sentence each; empty when all is well. Names no host, user or password."""
    from django.db import close_old_connections

    close_old_connections()
    found = database_faults()
    return found or [*_schema_faults(), *_recent_writing_faults(), *key_faults(), *lost_kinds()]


def database_faults(aliases: Iterable[str] | None = None) -> list[str]:
    """The databases, all or some, that do not answer, and why. A SQLite file that is not there is not made."""
    from django.db import DatabaseError, connections

    found: list[str] = []
    missing: list[str] = []
    for alias in aliases or connections:
        name, connection = public_name(alias), connections[alias]
        if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
            missing.append(name)
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM sqlite_master" if connection.vendor == "sqlite" else "SELECT 1")
        except DatabaseError as fault:
            why, cure = database_reasons.of(fault)
            found.append(f"database {name} does not answer: {why}; {cure.format(setting=variable(f'{name}_database'))}")
    if missing:
        found.append(f"database {', '.join(missing)} is not there yet; run: varco migrate")
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


def writing_faults(aliases: Iterable[str] | None = None) -> list[str]:
    """The databases, all or some, in which a commit does not succeed, tried with one that leaves nothing behind, and why."""
    from django.db import DatabaseError, connections, transaction

    found = []
    for alias in aliases or connections:
        remove, add = _PROBE_MARKS if alias == "default" else _PROBE_ANSWERS
        try:
            with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                for statement in (remove, add, remove):
                    cursor.execute(statement)
        except DatabaseError as fault:
            why, cure = database_reasons.of(fault)
            name = public_name(alias)
            found.append(
                f"database {name} cannot be written: {why}; {cure.format(setting=variable(f'{name}_database'))}"
            )
    return found


# A row of what is forgotten anyway: the single-use marks, the remembered answers. First and last it is not there.
_PROBE_MARKS = (
    "DELETE FROM grants_usedjti WHERE id = 'doctor-probe'",
    "INSERT INTO grants_usedjti (id, kind, expires_at) VALUES ('doctor-probe', 'probe', 0)",
)
_PROBE_ANSWERS = (
    "DELETE FROM clinic_idempotencykey WHERE id = 'doctor-probe'",
    """
    INSERT INTO clinic_idempotencykey (id, fingerprint, status, headers, body, created_at, expires_at)
    VALUES ('doctor-probe', '', 0, '', '', 0, 0)
    """,
)
_written_at = 0.0


def _recent_writing_faults() -> list[str]:
    """As `writing_faults`, but not tried again for some seconds where it succeeded."""
    global _written_at
    now = time.monotonic()
    if _written_at and now < _written_at + WRITTEN_EVERY:
        return []
    found = writing_faults()
    _written_at = 0.0 if found else now
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

    lacking = keys.unsigned(clock.now())
    return [f"no active signing key for {', '.join(lacking)}; run: varco keys ensure"] if lacking else []


def sealing_faults() -> tuple[list[str], list[str]]:
    """What the master keys do not open: what keeps a server from starting, and the rest.

    It stops where a signing key does not open, or of a kind nothing does: the databases and the master keys are not of one
    installation, or a key was taken away too early.
    """
    from django.conf import settings

    from varco.ops import master_status

    stopping: list[str] = []
    others: list[str] = []
    for kind in master_status.lasting_kinds():
        counts = kind.census(settings.MASTER_KEYS)
        closed, all_of_them = counts[None], counts.total()
        if not closed:
            continue
        text = f"{closed} of {all_of_them} {kind.name} were sealed under another master key; put that one into VARCO_MASTER_KEYS too"
        if kind.name == master_status.FACTORS:
            text += ", or, if it is lost, run for each of their people: varco account reset-factors EMAIL"
        stops = kind.name == master_status.SIGNING_KEYS or closed == all_of_them
        (stopping if stops else others).append(text)
    return stopping, others


def lost_kinds() -> list[str]:
    """The kinds of sealed rows of which nothing opens."""
    from django.conf import settings

    from varco.ops import master_status

    lost = [kind.name for kind in master_status.lasting_kinds() if kind.lost(settings.MASTER_KEYS)]
    return [f"{' and '.join(lost)} do not open under the master keys; run: varco keys master --status"] if lost else []
