"""What Varco writes is its owner's alone, and it does not start on what others can read (S37)."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import MASTER_KEY, ROOT, environment, varco
from tests.support.postgres import free_port

SQLITE = ("platform.sqlite3", "clinic.sqlite3", "sandbox.sqlite3")


def modes(directory: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in [directory, *directory.iterdir()]}


def settings(directory: Path) -> dict[str, str]:
    return {
        "issuer": "http://localhost:8000",
        "data_dir": str(directory),
        "master_keys": MASTER_KEY,
        "port": str(free_port()),
    }


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory made by `varco migrate`, started as most shells are set up."""
    directory = tmp_path_factory.mktemp("modes") / "data"
    subprocess.run(
        [sys.executable, "-m", "varco.ops", "migrate"],
        cwd=ROOT,
        env=environment(**settings(directory)),
        umask=0o022,
        check=True,
        capture_output=True,
    )
    return directory


def test_what_is_made_is_readable_by_its_owner_only_whatever_the_umask(migrated: Path) -> None:
    found = modes(migrated)
    assert set(SQLITE) < set(found)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}


@pytest.mark.parametrize(
    ("opened", "what"),
    [
        (".", "all"),
        ("platform.sqlite3", "gate"),
        ("clinic.sqlite3", "portal"),
        ("sandbox.sqlite3", "all"),
        ("clinic.sqlite3.migrating", "all"),
        ("platform.sqlite3-wal", "all"),
    ],
)
def test_a_server_does_not_start_on_what_others_can_read(migrated: Path, opened: str, what: str) -> None:
    path = (migrated / opened).resolve()
    if not path.exists():
        path.touch()
    before = path.stat().st_mode
    path.chmod(before & ~0o077 | stat.S_IRGRP)
    run = varco("serve", what, **settings(migrated))
    path.chmod(before & ~0o077)
    assert run.returncode == 2
    assert run.stderr == f"varco: {path} can be read by others; run: chmod {700 if path.is_dir() else 600} {path}\n"


def test_a_demo_is_refused_alike(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    directory.mkdir(mode=0o755)
    directory.chmod(0o755)
    run = varco("demo", "--data", str(directory), "--port", str(free_port()))
    assert (run.returncode, [path.name for path in directory.iterdir()]) == (2, ["master.key"])
    assert f"chmod 700 {directory}" in run.stderr
