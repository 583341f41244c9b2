"""`varco worker`: the upkeep as a process of its own, beside a server that leaves it alone."""

import contextlib
import dataclasses
import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.support.commands import MASTER_KEY as KEY
from tests.support.commands import ROOT, Databases, environment, varco
from varco import config
from varco.ops import maintenance, server


def _begun(settings: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "varco.ops", "worker"],
            cwd=ROOT, env=environment(**settings), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip


def _until(log: Path, words: str, count: int = 1) -> None:
    deadline = time.monotonic() + 60
    while log.read_text("utf-8").count(words) < count:
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.1)


def _steps(databases: Databases) -> set[str]:
    """The steps of the upkeep that were noted as done."""
    statement = "SELECT name FROM upkeep_step WHERE last_fault = ''"
    if url := databases.settings.get("platform_database"):
        with psycopg.connect(url) as server:
            return {row[0] for row in server.execute(statement)}
    with contextlib.closing(sqlite3.connect(databases.directory / "data" / "platform.sqlite3")) as file:
        return {row[0] for row in file.execute(statement)}


EVERY_STEP = {"mail", "logout", "signals", "keys", "sweep", "dates", "connections", "link", "chains"}


def test_workers_beside_each_other_do_every_step_link_the_audit_end_when_told_and_may_be_killed(
    engine: str, tmp_path: Path
) -> None:
    with Databases(engine, tmp_path, migrated=tmp_path / "data") as databases:
        settings = databases.settings | {
            "issuer": "http://localhost:8000", "data_dir": str(tmp_path / "data"), "master_keys": KEY,
        }  # fmt: skip
        for command in (["keys", "ensure"], ["account", "create", "olga@varco.example", "--role", "operator"]):
            assert varco(*command, **settings).returncode == 0
        log = tmp_path / "log"
        log.touch()
        first, second = _begun(settings, log), _begun(settings, log)
        try:
            _until(log, " works", 2)
            first.kill()
            deadline = time.monotonic() + 60
            while not _steps(databases) >= EVERY_STEP:
                assert time.monotonic() < deadline, (_steps(databases), log.read_text("utf-8"))
                time.sleep(0.1)
            second.terminate()
            assert (first.wait(30), second.wait(30)) == (-9, 0)
        finally:
            first.kill()
            second.kill()
        assert "Traceback" not in log.read_text("utf-8")
        told = json.loads(varco("audit", "verify", "--json", **settings).stdout)
    assert [(told[0]["stream"], told[0]["not_linked_yet"], told[0]["fault"])] == [("platform", 0, None)]
    assert told[0]["rows"] >= 1
    assert told[0]["heads"] == 1


@pytest.mark.parametrize(("upkeep", "begun"), [(True, 1), (False, 0)])
def test_a_server_does_the_upkeep_unless_it_is_left_to_workers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, upkeep: bool, begun: int
) -> None:
    made: list[object] = []
    monkeypatch.setattr(maintenance, "Maintenance", made.append)
    settings = dataclasses.replace(config.load(), upkeep=upkeep, demo=False, metrics="")
    server.application("portal", settings, tmp_path)
    assert len(made) == begun
