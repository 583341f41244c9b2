"""Test budget: what each folder of tests costs, printed at the end of a run and held against what it may cost.

Costs are CPU seconds, user and system, of the process that runs the tests and of everything it has started: servers,
browsers, databases. The wall clock says little on a machine that does something else beside.
"""

import os
import resource
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent.parent
TICKS = os.sysconf("SC_CLK_TCK")

BUDGET: dict[str, dict[str, int]] = {
    "sqlite": {
        "architecture": 30,
        "browser": 285,
        "deploy": 30,
        "gate": 120,
        "journeys": 195,
        "ops": 205,
        "portal": 240,
        "protocol": 30,
        "store": 30,
    },
    "postgres": {"deploy": 50, "journeys": 55, "ops": 90, "portal": 285, "store": 40},
}
"""CPU seconds that a whole run may spend on a folder, for each engine. More than this is said, not refused: a slow machine is no fault."""


@dataclass(slots=True)
class Cost:
    tests: int = 0
    wall: float = 0
    cpu: float = 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread that ended a moment ago
            found += map(int, (task / "children").read_text("ascii").split())
    return found


def _ticks_below(pid: int) -> int:
    """Clock ticks of the processes below one that still live, with those of their own that have ended."""
    ticks = 0
    with suppress(OSError):  # a process that ended a moment ago: counted by the one that waits for it
        for child in _children(pid):
            fields = Path(f"/proc/{child}/stat").read_text("utf-8").rpartition(") ")[2].split()
            ticks += sum(map(int, fields[11:15])) + _ticks_below(child)
    return ticks


def cpu_seconds() -> float:
    """CPU time so far of this process and of all that it started."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + _ticks_below(os.getpid()) / TICKS


class Budget:
    """Pytest plugin: adds the cost of each test to its last report, and up what pytest-xdist's workers report."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.began = time.monotonic()
        self.costs: dict[str, Cost] = defaultdict(Cost)
        self._spent = 0.0

    def pytest_runtestloop(self) -> None:
        self._spent = cpu_seconds()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
        report = yield
        report.cpu = 0.0
        if report.when == "teardown":  # once a test: looking costs as much as a small one
            before, self._spent = self._spent, cpu_seconds()
            report.cpu = max(0.0, self._spent - before)
        report.part = item.path.relative_to(TESTS).parts[0]
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        cost = self.costs[report.part]
        cost.tests += report.when == "call"
        cost.wall += report.duration
        cost.cpu += report.cpu

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if len(self.costs) < 2 and config.option.verbose < 1:
            return
        write = terminalreporter.write_line
        terminalreporter.section(f"CPU by folder, {self.engine}")
        write(f"{'':14}{'tests':>7}{'wall s':>9}{'CPU s':>9}{'budget':>9}")
        for part, cost in sorted(self.costs.items()):
            allowed = BUDGET[self.engine].get(part)
            over = " over" if allowed and cost.cpu > allowed else ""
            write(f"{part:14}{cost.tests:7}{cost.wall:9.1f}{cost.cpu:9.1f}{allowed or '-':>9}{over}")
        measured = sum(cost.cpu for cost in self.costs.values())
        # pytest-xdist's workers have ended by now, so theirs is in it; what a killed process had started is not.
        every = max(cpu_seconds(), measured)
        write(f"{'around them':14}{'':16}{every - measured:9.1f}")
        write(
            f"{'all':14}{sum(cost.tests for cost in self.costs.values()):7}{time.monotonic() - self.began:9.1f}{every:9.1f}"
        )
