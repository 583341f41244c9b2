"""`varco makemigrations`: a developer's command, which asks for nothing to be set up."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.commands import ROOT, varco


def test_every_model_of_this_checkout_has_its_migration() -> None:
    run = varco("makemigrations", "--check")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("No changes detected")


def test_a_migration_that_lacks_is_told_and_then_written(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "varco", tmp_path / "varco")  # as compiled: the times of the files are copied, too
    migration = tmp_path / "varco" / "upkeep" / "migrations" / "0001_initial.py"
    for one in migration.parent.glob("0*.py"):
        one.unlink()

    def makemigrations(*arguments: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("VARCO_")}
        return subprocess.run(
            [sys.executable, "-m", "varco.ops", "makemigrations", *arguments],
            cwd=tmp_path,
            env=clean | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    lacking = makemigrations("--check")
    assert lacking.returncode == 1, lacking.stderr
    assert not migration.exists()
    written = makemigrations("upkeep", "--name", "initial")
    assert written.returncode == 0, written.stderr
    assert "CreateModel" in migration.read_text("utf-8")
    assert makemigrations("--check").returncode == 0


def test_an_empty_migration_is_of_one_app() -> None:
    run = varco("makemigrations", "--empty")
    assert (run.returncode, run.stderr) == (1, "varco: --empty needs the app that the migration is for\n")
