"""Coverage of `varco` by the tests: which lines and branches a run has reached, and whether it is no less than the floor.

SlipCover writes its probes into the code as it is imported and takes each away when it was passed, so that measuring costs a
run almost nothing, where a trace function doubles it. What other processes run, a server that a test starts, is not seen.
"""

import json
import os
import shutil
import sys
import tempfile
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import slipcover

from tests.support import distribution

ROOT = Path(__file__).parents[2]
DIRECTORY = "VARCO_TEST_COVERAGE"
"""Environment variable: where the processes of a run leave what each has reached."""


class Coverage:
    """Pytest plugin: measures what is imported from its construction on."""

    def __init__(self) -> None:
        with (ROOT / "pyproject.toml").open("rb") as file:
            self._settings = tomllib.load(file)["tool"]["varco"]["coverage"]
        os.environ.setdefault(DIRECTORY, tempfile.mkdtemp(prefix="varco-coverage-"))
        self._measuring = None if distribution.only_gives_out() else self._measure()  # writing probes takes seconds

    def _measure(self) -> slipcover.Slipcover:
        sources, omitted = [str(ROOT / "varco")], [str(ROOT / pattern) for pattern in self._settings["omit"]]
        measuring = slipcover.Slipcover(
            branch=True, source=sources, omit=omitted, exclude_also=self._settings["exclude"]
        )
        slipcover.ImportManager(
            measuring, slipcover.FileMatcher(sources=sources, omit=omitted)
        ).__enter__()  # for good: the process ends with the run
        return measuring

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave what this process has reached to the one that began the run."""
        if self._measuring:
            found = Path(os.environ[DIRECTORY]) / f"{os.getpid()}.json"
            found.write_text(json.dumps(self._measuring.get_coverage()), encoding="ascii")
        whole = "PYTEST_XDIST_WORKER" not in os.environ and session.exitstatus == pytest.ExitCode.OK
        if whole and self._percent() < self._settings["floor"]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was not reached."""
        percent, floor = self._percent(), self._settings["floor"]
        terminalreporter.section("coverage")
        for name, file in sorted(self._all["files"].items()):
            if file["missing_lines"] or file.get("missing_branches"):
                lines = " ".join(map(str, file["missing_lines"][:30]))
                terminalreporter.line(f"{file['summary']['percent_covered']:6.1f}  {name}  {lines}")
        verdict = "at least" if percent >= floor else "LESS THAN"
        terminalreporter.line(f"{percent:6.2f}  all, {verdict} the {floor} that pyproject.toml asks for")

    @pytest.hookimpl
    def pytest_unconfigure(self) -> None:
        """Leave nothing in the machine's temporary directory."""
        if "PYTEST_XDIST_WORKER" not in os.environ:
            shutil.rmtree(os.environ.pop(DIRECTORY), ignore_errors=True)

    def _percent(self) -> float:
        return float(self._all["summary"]["percent_covered"])

    @cached_property
    def _all(self) -> dict[str, Any]:
        """What all processes have reached together, when the last has ended."""
        first, *others = sorted(Path(os.environ[DIRECTORY]).glob("*.json"))
        merged: dict[str, Any] = json.loads(first.read_text("ascii"))
        for other in others:
            slipcover.merge_coverage(merged, json.loads(other.read_text("ascii")))
        return merged


# Made on import, and so before other helpers import anything of varco.
MEASURED = Coverage() if "--coverage" in sys.argv or DIRECTORY in os.environ else None
