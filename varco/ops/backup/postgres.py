"""Copies of PostgreSQL databases: by its own client tools, `pg_dump` and `pg_restore`, which must be installed here."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from varco import clock
from varco.ops import database_reasons
from varco.ops.backup import manifest
from varco.ops.backup.manifest import Copy
from varco.ops.preflight import OperationError

_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema() ORDER BY c.relname
"""


def dump(url: str, directory: Path, name: str) -> Copy:
    """Copy a database as of one moment, and count what stood in it then. Raises `OperationError`."""
    target, at = directory / f"{name}.dump", clock.now()
    with _connected(url, name) as connection:
        connection.rollback()
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (moment,) = _one(connection, "SELECT pg_export_snapshot()")
        options = ["--format=custom", "--no-owner", "--no-privileges"]
        _run(url, name, "pg_dump", *options, f"--snapshot={moment}", f"--file={target}")
        rows, migrations = _rows(connection), _migrations(connection)
    return Copy(
        file=target.name, engine="postgresql", sha256=manifest.digest(target), at=at, rows=rows, migrations=migrations
    )  # fmt: skip


def check_empty(url: str, name: str) -> None:
    """Refuse a database with tables. Raises `OperationError`."""
    with _connected(url, name) as connection:
        found = connection.execute(_TABLES).fetchone()
    if found:
        raise OperationError(f"database {name} has tables already; restore into an empty one, made with createdb")


def load(copy: Copy, directory: Path, url: str, name: str) -> dict[str, int]:
    """Put a copy into an empty database, all of it or nothing, and count its rows. Raises `OperationError`."""
    path = directory / Path(copy.file).name
    _run(url, name, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", str(path))
    with _connected(url, name, autocommit=True) as connection:
        connection.execute("ANALYZE")  # its plans, until PostgreSQL gets round to it
        return _rows(connection)


def _run(url: str, name: str, tool: str, *arguments: str) -> None:
    """Run a client tool on a database. How to reach it stands in a file of our own: the whole machine sees arguments."""
    with tempfile.TemporaryDirectory(prefix="varco-backup-") as directory:
        service = Path(directory) / "service"
        parameters = conninfo_to_dict(url)
        lines = ["[varco]", *(f"{key}={value}" for key, value in parameters.items()), ""]
        service.write_text("\n".join(lines), "utf-8")
        try:
            done = subprocess.run(
                [tool, *arguments[:-1], "--dbname=service=varco", arguments[-1]],
                env=os.environ | {"PGSERVICEFILE": str(service)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise OperationError(
                f"{tool} is not on this machine; install PostgreSQL's client (Debian: postgresql-client)"
            ) from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[0]
        raise OperationError(f"database {name}: {said}")


@contextmanager
def _connected(url: str, name: str, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection, past no pooler: `pg_dump` leaves settings in its session. Raises `OperationError`."""
    try:
        with psycopg.connect(url, autocommit=autocommit) as connection:
            if _one(connection, "SELECT pg_backend_pid()")[0] != connection.info.backend_pid:
                raise OperationError(
                    f"database {name} is reached through a pooler; give VARCO_{name.upper()}_DATABASE of PostgreSQL itself for this command"
                )
            yield connection
    except psycopg.Error as fault:
        raise _refused(name, fault) from None


def _rows(connection: psycopg.Connection) -> dict[str, int]:
    counted = {}
    for (table,) in connection.execute(_TABLES).fetchall():
        statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        found = connection.execute(statement).fetchone()
        counted[str(table)] = int(found[0]) if found else 0
    return counted


def _migrations(connection: psycopg.Connection) -> list[str]:
    if _one(connection, "SELECT to_regclass('django_migrations')")[0] is None:
        return []
    found = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id").fetchall()
    return [str(name) for (name,) in found]


def _one(connection: psycopg.Connection, text: LiteralString) -> tuple[object, ...]:
    found = connection.execute(text).fetchone()
    return found or (None,)


def _refused(name: str, fault: Exception) -> OperationError:
    why, cure = database_reasons.of(fault)
    return OperationError(
        f"database {name} does not answer: {why}; {cure.format(setting=f'VARCO_{name.upper()}_DATABASE')}"
    )
