"""One demo server for all journeys of a run; pytest-xdist keeps them in one worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.server import Demo
from tests.journeys.world import World

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.fixture(scope="session")
def world(engine: str) -> Iterator[World]:
    """The demo on the engine of this run. Journeys share it, so each uses people or applications of its own."""
    demo = Demo(engine=engine).start()
    yield World(demo)
    demo.stop()
