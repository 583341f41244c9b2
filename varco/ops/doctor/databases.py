"""Whether the databases answer, have the tables of this version, can be written, and have room."""

import os
from pathlib import Path
from typing import Any

from varco.config import Settings, variable
from varco.databases import CLINIC_ALIASES, sqlite_path
from varco.ops import health
from varco.ops.doctor.finding import Finding

LEAST_FREE = 100
"""MiB that should be free where a SQLite file stands: its log grows with it, and a full disk stops every sign-in."""


def reachable(_settings: Settings) -> list[Finding]:
    """The databases that do not answer."""
    return [Finding(text, stops=True) for text in health.database_faults()]


def migrated(_settings: Settings) -> list[Finding]:
    """The databases whose tables are not those of this version."""
    return [Finding(text, stops=True) for text in health.schema_faults()]


def writable(_settings: Settings) -> list[Finding]:
    """The databases in which no commit succeeds, or that this user may not write."""
    return [Finding(text, stops=True) for text in [*health.writing_faults(), *_withheld()]]


def _withheld() -> list[str]:
    """PostgreSQL databases with tables that the user in the URL may not read or write."""
    from django.db import connections

    found = []
    for alias in connections:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute(_WITHHELD)
            tables = [str(row[0]) for row in cursor.fetchall()]
        if tables:
            name, more = health.public_name(alias), f" and {len(tables) - 1} more" if len(tables) > 1 else ""
            found.append(
                f"the user of {variable(f'{name}_database')} may not write table {tables[0]}{more}; as its owner run: "
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {connection.settings_dict['USER']}"
            )
    return found


_WITHHELD = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = current_schema() AND c.relname <> 'django_migrations' AND NOT (
        has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
        AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
    ORDER BY c.relname
"""


def roles(_settings: Settings) -> list[Finding]:
    """Nothing: that the serving role owns its tables is how a small installation begins."""
    return []


def role_words(_settings: Settings) -> str:
    """Which databases are served by a role that could change or drop tables, not only their rows (docs/deploy/postgresql.md)."""
    from django.db import connections

    wide, asked = [], False
    for alias in connections:
        connection = connections[alias]
        if connection.vendor == "postgresql":
            asked = True
            with connection.cursor() as cursor:
                cursor.execute(_CHANGES_TABLES)
                if cursor.fetchone()[0]:
                    wide.append(f"{connection.settings_dict['USER']} of {health.public_name(alias)}")
    if wide:
        return f"may also change tables: {', '.join(wide)}; docs/deploy/postgresql.md has a role that may only read and write rows"
    return "may read and write rows, and change no table" if asked else "SQLite knows none"


_CHANGES_TABLES = """
    SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        OR has_schema_privilege(current_schema(), 'CREATE')
        OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = current_schema() AND c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE'))
"""


def space(settings: Settings) -> list[Finding]:
    """Directories of SQLite files with too little room."""
    urls = [settings.database(alias) for alias in ("platform", *CLINIC_ALIASES)]
    directories = {Path(sqlite_path(url)).parent for url in urls if url.startswith("sqlite:")}
    found = []
    for directory in sorted(directories):
        free = _free_mib(os.statvfs(directory))
        if free < LEAST_FREE:
            found.append(Finding(f"{directory} has {free} MiB left; make room, {LEAST_FREE} MiB at least"))
    return found


def _free_mib(disk: Any) -> int:
    return int(disk.f_bavail * disk.f_frsize // 2**20)
