"""One demo and one Chromium for all browser tests of a run, in one of pytest-xdist's workers (`tests/support/distribution.py`)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.support.browser import Chromium, launch
from tests.support.browser_words import Words
from tests.support.demo_server import Demo
from tests.support.demo_world import World

HERE = Path(__file__).parent
OWN_BYE = "example.agenda.desktop:/bye"  # where the native application wants people back after signing out


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    demo = Demo(clients={"native": {"post_logout_redirect_uris": [OWN_BYE]}}).start()
    yield World(demo)
    demo.stop()


@pytest.fixture
def say() -> Words:
    """The language in which people in a story read: Italian.

    There every word that a story looks for is held to the catalogue, and a page or a mail that speaks English fails. English is
    what programs say by themselves; its pages are opened one by one (`test_every_page`), and the other tests click in them.
    """
    return Words("it")


_RUNNING: list[tuple[Chromium, Playwright]] = []


@pytest.fixture
def chromium(world: World) -> Chromium:
    if not _RUNNING:
        playwright = sync_playwright().start()
        _RUNNING.append((Chromium(world, launch(playwright)), playwright))
    return _RUNNING[0][0]


# Playwright's event loop lives as long as it does, and Django refuses its ORM to a thread with one: so it ends before a
# test of another kind follows in the same worker.
@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if _RUNNING and (nextitem is None or HERE not in nextitem.path.parents):
        running, playwright = _RUNNING.pop()
        running.browser.close()
        playwright.stop()
