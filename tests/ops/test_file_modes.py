"""What Varco writes is its owner's alone, and it does not start on what others can read (S37)."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import MASTER_KEY, Databases, varco
from tests.support.postgres import free_port


def settings(directory: Path) -> dict[str, str]:
    return {
        "issuer": "http://localhost:8000",
        "data_dir": str(directory),
        "master_keys": MASTER_KEY,
        "port": str(free_port()),
    }


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory as `varco migrate` makes it; that what it makes is nobody else's, see `test_commands`."""
    directory = tmp_path_factory.mktemp("modes") / "data"
    with Databases("sqlite", directory, migrated=directory):
        yield directory


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
