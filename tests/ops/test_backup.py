"""`varco backup` and `varco restore` where things are not as they should be; the drill is in tests/journeys/test_backup_drill.py."""

import base64
import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support import database_templates
from tests.support.commands import MASTER_KEY, Databases, varco
from tests.support.pgbouncer import PgBouncer
from varco.ops.backup import manifest
from varco.ops.preflight import OperationError


@pytest.fixture
def settings(engine: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    data = tmp_path / "data"
    with Databases(engine, tmp_path, migrated=data) as databases:
        yield databases.settings | {"issuer": "http://localhost:8000", "data_dir": str(data), "master_keys": MASTER_KEY}


def test_what_a_crash_left_beside_a_database_is_not_replayed_over_it(tmp_path: Path) -> None:
    with Databases("sqlite", tmp_path, migrated=tmp_path / "data"):
        plain = {"issuer": "http://localhost:8000", "data_dir": str(tmp_path / "data"), "master_keys": MASTER_KEY}
        assert varco("backup", str(tmp_path / "backup"), **plain).returncode == 0
        for file in (tmp_path / "data").glob("*.sqlite3*"):
            file.unlink()
        for left in ("platform.sqlite3-wal", "clinic.sqlite3-shm", "sandbox.sqlite3-journal"):
            (tmp_path / "data" / left).write_bytes(b"what was committed last")
            refused = varco("restore", str(tmp_path / "backup"), **plain)
            assert (refused.returncode, left in refused.stderr) == (1, True), refused.stderr
            (tmp_path / "data" / left).unlink()
        assert varco("restore", str(tmp_path / "backup"), **plain).returncode == 0
        with closing(sqlite3.connect(tmp_path / "data/platform.sqlite3")) as database:
            assert database.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 20


@pytest.mark.one_engine
def test_what_is_no_whole_backup_of_ours_is_refused_in_a_line(settings: dict[str, str], tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    assert varco("backup", str(backup), **settings).returncode == 0
    assert "is there already" in varco("backup", str(backup), **settings).stderr
    assert manifest.read(backup)
    whole = json.loads((backup / "manifest.json").read_text("utf-8"))
    clinic = whole["databases"]["clinic"]

    def changed(change: dict[str, Any]) -> None:
        (backup / "manifest.json").write_text(json.dumps(whole | change), "utf-8")

    changes: list[dict[str, Any]] = [{"master_keys": []}, {"databases": {}}, {"at": "soon"}]
    changes += [
        {"databases": whole["databases"] | {"clinic": clinic | broken}} for broken in ({"file": "a\0b"}, {"at": 10**18})
    ]
    for change in changes:
        changed(change)
        with pytest.raises(OperationError) as fault:
            manifest.read(backup)
        assert "\n" not in str(fault.value)
    refused = varco("restore", str(backup), **settings)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr

    other = base64.urlsafe_b64encode(b"another master key of the tests!").decode()
    changed({})
    refused = varco("restore", str(backup), **settings | {"master_keys": other})
    assert "was made under the master key" in refused.stderr
    platform = whole["databases"]["platform"]
    newer = platform | {"migrations": [*platform["migrations"], "grants.9999_of_the_future"]}
    changed({"databases": whole["databases"] | {"platform": newer}})
    assert "install that version" in varco("restore", str(backup), **settings).stderr

    changed({})
    copy = backup / whole["databases"]["sandbox"]["file"]
    copy.write_bytes(copy.read_bytes()[:-1] + b"?")
    with pytest.raises(OperationError, match="is not what was backed up"):
        manifest.read(backup)
    copy.unlink()
    with pytest.raises(OperationError, match="is missing from the backup"):
        manifest.read(backup)
    assert "is no backup" in varco("restore", str(tmp_path), **settings).stderr


def test_no_password_stands_among_the_arguments_and_every_form_of_url_will_do(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "sqlite":  # it has files, and no URLs but that of a path
        plain = {"issuer": "http://localhost:8000", "data_dir": str(tmp_path), "master_keys": MASTER_KEY}
        refused = varco("backup", str(tmp_path / "backup"), **plain)
        assert (refused.returncode, "cannot be copied" in refused.stderr) == (1, True), refused.stderr
        return
    tools = tmp_path / "tools"
    tools.mkdir()
    dump = tools / "pg_dump"
    dump.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nexec /usr/lib/postgresql/15/bin/pg_dump "$@"\n')
    dump.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    server = urlsplit(os.environ["VARCO_TEST_POSTGRES"])
    names = {name: f"backup_{name}_{os.getpid()}" for name in database_templates.NAMES}
    database_templates.copy_postgres(os.environ["VARCO_TEST_POSTGRES"], names)
    at = f"{server.hostname}:{server.port}"
    urls = {
        "platform_database": f"postgresql://{at}/{names['platform']}?user=varco&password=s3cret",
        "clinic_database": f"postgresql://varco:pa%23s3cret@{at}/{names['clinic']}",
        "sandbox_database": f"postgresql:///{names['sandbox']}?host={server.hostname}&port={server.port}&user=varco&password=s3cret",
    }
    plain = {"issuer": "http://localhost:8000", "data_dir": str(tmp_path), "master_keys": MASTER_KEY}
    made = varco("backup", str(tmp_path / "backup"), **plain, **urls)
    assert made.returncode == 0, made.stderr
    arguments = (tmp_path / "arguments").read_text("utf-8")
    assert arguments.count("--dbname=service=varco") == 3
    assert "s3cret" not in arguments
    with PgBouncer(server.port or 0, "transaction") as pooler:
        behind = {f"{name}_database": pooler.url(database) for name, database in names.items()}
        refused = varco("backup", str(tmp_path / "another"), **plain, **behind)
    assert (refused.returncode, "through a pooler" in refused.stderr) == (1, True), refused.stderr
    with Databases(engine, tmp_path) as databases:
        databases._administer(*(f"DROP DATABASE {name} WITH (FORCE)" for name in names.values()))
