"""Copies of PostgreSQL databases: by its own client tools, `pg_dump` and `pg_restore`, which must be installed here."""

import os
import subprocess
from pathlib import Path
from typing import LiteralString
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

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
    try:
        with psycopg.connect(url) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            (moment,) = _one(connection, "SELECT pg_export_snapshot()")
            _run(
                url,
                name,
                "pg_dump",
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={moment}",
                f"--file={target}",
            )
            rows, migrations = _rows(connection), _migrations(connection)
    except psycopg.Error as fault:
        raise _refused(name, fault) from None
    return Copy(
        file=target.name, engine="postgresql", sha256=manifest.digest(target), at=at, rows=rows, migrations=migrations
    )  # fmt: skip


def check_empty(url: str, name: str) -> None:
    """Refuse a database with tables. Raises `OperationError`."""
    try:
        with psycopg.connect(url) as connection:
            found = connection.execute(_TABLES).fetchone()
    except psycopg.Error as fault:
        raise _refused(name, fault) from None
    if found:
        raise OperationError(f"database {name} has tables already; restore into an empty one, made with createdb")


def load(copy: Copy, directory: Path, url: str, name: str) -> dict[str, int]:
    """Put a copy into an empty database, all of it or nothing, and count its rows. Raises `OperationError`."""
    path = directory / Path(copy.file).name
    _run(url, name, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", str(path))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")  # its plans, until PostgreSQL gets round to it
        return _rows(connection)


def _run(url: str, name: str, tool: str, *arguments: str) -> None:
    """Run a client tool on a database; its password is not among the arguments, which the whole machine sees."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    bare = urlunsplit(parts._replace(netloc=user + host))
    environment = dict(os.environ)
    if parts.password:
        environment["PGPASSWORD"] = unquote(parts.password)
    try:
        done = subprocess.run(
            [tool, *arguments[:-1], f"--dbname={bare}", arguments[-1]],
            env=environment,
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
