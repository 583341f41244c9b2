"""Database templates: the migrated schema, made once for each state of the migrations and copied ever after.

SQLite: three files in `.cache/schema/<fingerprint>/` of the checkout, for all runs. PostgreSQL: three databases
`template_<name>` in the run's own server, for its workers. Names of databases are platform, clinic and sandbox.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / ".cache" / "schema"
NAMES = ("platform", "clinic", "sandbox")
UNUSED_SECONDS = 7 * 24 * 3600


@cache
def fingerprint() -> str:
    """Hash of all that decides what a migrated database looks like."""
    import allauth
    import django

    code = ROOT / "varco"
    deciding = (code / "databases.py", code / "portal" / "settings.py", code / "ops" / "migrate.py", Path(__file__))
    digest = hashlib.sha256(f"{django.__version__} {allauth.__version__} {sqlite3.sqlite_version}".encode())
    for path in sorted((*code.glob("**/migrations/*.py"), *deciding)):
        digest.update(f"\n{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def copy_sqlite(targets: Mapping[str, Path]) -> None:
    """Copy migrated SQLite files: name → file to make."""
    template = CACHE / fingerprint()
    if not template.is_dir():
        with alone():
            if not template.is_dir():
                _make_sqlite(template)
    os.utime(template)
    for name, target in targets.items():
        shutil.copyfile(template / f"{name}.sqlite3", target)
        target.chmod(0o600)


def copy_postgres(server: str, targets: Mapping[str, str]) -> None:
    """Copy migrated PostgreSQL databases of a server: name → database to make."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    with alone(), psycopg.connect(f"{server}/varco", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'template_sandbox'").fetchone():
            for name in NAMES:
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(f"making_{name}")))
            _migrate(CACHE, **{name: f"{server}/making_{name}" for name in NAMES})
            for name in NAMES:
                rename = SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(rename.format(Identifier(f"making_{name}"), Identifier(f"template_{name}")))
        for name, target in targets.items():
            create = SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(create.format(Identifier(target), Identifier(f"template_{name}")))


def _make_sqlite(template: Path) -> None:
    """Migrate in a directory of another name, so that one of this name is whole however this ends."""
    _prune()
    making = template.with_suffix(f".{os.getpid()}")
    making.mkdir()
    _migrate(making)
    for name in NAMES:  # all of a database into its one file
        with closing(sqlite3.connect(making / f"{name}.sqlite3")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    making.rename(template)


def _migrate(directory: Path, **databases: str) -> None:
    """Run `varco migrate`, as a process of its own: this one may have no Django, or one that must not touch a database."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VARCO_")}
    settings = {
        "VARCO_ISSUER": "http://localhost",
        "VARCO_DATA_DIR": str(directory),
        "VARCO_MASTER_KEYS": base64.urlsafe_b64encode(bytes(32)).decode(),
    } | {f"VARCO_{name.upper()}_DATABASE": url for name, url in databases.items()}
    command = [sys.executable, "-m", "varco.ops", "migrate"]
    subprocess.run(command, cwd=ROOT, env=clean | settings, check=True, stdout=subprocess.DEVNULL)


def _prune() -> None:
    """Remove what no run has used for a week, and what one left half made."""
    for path in CACHE.iterdir():
        if path.is_dir() and time.time() - path.stat().st_mtime > UNUSED_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def alone() -> Iterator[None]:
    """Let other processes of this machine wait: one makes the templates, all use them."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
