"""The tests' own house: what a run of some tests does not pay for, and the page that says where their helpers are."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest
from tests.support import source

PROBE = """
import sys
def pytest_unconfigure(config):
    print("DJANGO", "django.apps" in sys.modules and __import__("django.apps").apps.apps.ready)
"""


@pytest.mark.parametrize(
    ("arguments", "pure"),
    [
        (["-q", "tests/protocol/test_pkce.py"], True),
        (["tests/protocol/test_pkce.py::test_a_verifier", "-x"], True),
        (["tests/protocol", "--ignore", "tests/registry", "-k", "test_pkce"], True),
        (["tests/registry", "--ignore", "tests/protocol"], False),
        (["tests/protocol/test_pkce.py", "tests/registry"], False),
        ([], False),
    ],
)
def test_what_is_asked_for_decides_whether_django_is_needed(
    arguments: list[str], pure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.chdir(source.ROOT)
    assert conftest._is_pure(arguments) == pure


@pytest.mark.parametrize(("also", "set_up"), [([], False), (["tests/registry/test_lifecycle.py"], True)])
def test_only_runs_that_need_django_set_it_up(also: list[str], set_up: bool, tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(PROBE, "utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("VARCO_", "PYTEST_", "DJANGO_"))}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "probe", "tests/protocol/test_pkce.py", *also],
        cwd=source.ROOT,
        env=clean | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{source.ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"DJANGO {set_up}" in run.stdout


def test_the_page_of_the_tests_names_every_folder_and_every_helper() -> None:
    page = source.read("tests/README.md")
    folders = {
        path.relative_to(source.ROOT).parts[1]
        for path in source.python("tests")
        if len(path.relative_to(source.ROOT).parts) > 2
    }
    assert set(re.findall(r"`(\w+)/`", page.split("## Rules")[0])) == folders - {"support"}
    helpers = {path.name for path in source.python("tests") if path.parent.name == "support"}
    rows = re.findall(r"^\| (`\w+\.py`.*?) \|", page, re.MULTILINE)
    assert set(re.findall(r"\w+\.py", "\n".join(rows))) == helpers
