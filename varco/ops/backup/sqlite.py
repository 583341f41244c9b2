"""Copies of SQLite databases: by the online backup API, in one step, while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path

from varco import clock
from varco.databases import sqlite_path
from varco.ops.backup import manifest
from varco.ops.backup.manifest import Copy
from varco.ops.preflight import OperationError

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


_BESIDE = ("-wal", "-shm", "-journal")


def dump(url: str, directory: Path, name: str) -> Copy:
    """Copy a database. Raises `OperationError`."""
    source, target = Path(sqlite_path(url)), directory / f"{name}.sqlite3"
    at = clock.now()
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=60)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)  # all pages in one step: one moment, and nobody who writes waits
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as fault:
        raise OperationError(f"database {name} cannot be copied: {fault}") from None
    return Copy(
        file=target.name, engine="sqlite", sha256=manifest.digest(target), at=at, rows=_rows(target, name), migrations=_migrations(target)
    )  # fmt: skip


def check_empty(url: str, name: str) -> None:
    """Refuse a file that is there, or a log of one, which SQLite would replay over what is restored. Raises `OperationError`."""
    path = Path(sqlite_path(url))
    found = [each for each in (path, *(path.with_name(path.name + end) for end in _BESIDE)) if each.exists()]
    if found:
        raise OperationError(
            f"database {name} is there already: {found[0]}; move it away, with the files -wal and -shm"
        )


def load(copy: Copy, directory: Path, url: str, name: str) -> dict[str, int]:
    """Put a copy in its place and count its rows. Raises `OperationError`."""
    path = Path(sqlite_path(url))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    arriving = path.with_name(path.name + ".restoring")
    arriving.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{(directory / Path(copy.file).name).as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(arriving)) as target,
        ):
            source.backup(target)
        arriving.rename(path)
        rows = _rows(path, name)
    except (sqlite3.Error, OSError) as fault:
        raise OperationError(f"database {name} cannot be restored: {fault}") from None
    return rows


def _rows(path: Path, name: str) -> dict[str, int]:
    """The number of rows of each table of a file that is sound. Raises `OperationError`."""
    with closing(sqlite3.connect(path)) as connection:
        (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if sound != "ok":
            raise OperationError(f"the copy of database {name} is not sound: {sound}")
        tables = [str(table) for (table,) in connection.execute(_TABLES)]
        return {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - a table of ours
            for table in tables
        }


def _migrations(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        try:
            found = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id").fetchall()
        except sqlite3.OperationalError:
            return []
    return [str(name) for (name,) in found]
