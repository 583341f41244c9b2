"""Which of pytest-xdist's workers runs which tests: those of a file together, those of some folders, too.

Given out one by one, as pytest-xdist would, a file's tests go to every worker, and each of them makes the file's fixtures, its servers
among them; and whenever a test ends it looks through all tests that it has given out, which for thousands takes longer than they do.
The order is that in which they were found: at the end come small files, so no worker waits long for the other.
"""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser/", "tests/journeys/")
"""Folders whose files share what is costly: a browser and its tabs, served demos."""


def only_gives_out() -> bool:
    """Whether this process only gives tests out, as `pytest -n …` does: it needs neither Django nor probes of the coverage.

    Asked for some paths alone it reads their conftest files, which may want both.
    """
    following = dict(zip(sys.argv, sys.argv[1:], strict=False))
    paths = any(Path(argument.partition("::")[0]).exists() for argument in sys.argv[1:])
    return "PYTEST_XDIST_WORKER" not in os.environ and following.get("-n", "0") != "0" and not paths


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """A unit of work is a file, or a folder of those above."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.partition("::")[0])
