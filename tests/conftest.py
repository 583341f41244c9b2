"""One run of the tests is on one engine: `pytest --engine sqlite` (the default) or `pytest --engine postgres`.

Django's test databases are real files or a real server, so that the gate's own connections see what the ORM wrote.
"""

import base64
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster

MASTER_KEY = base64.urlsafe_b64encode(b"a master key of the tests only!!").decode()
ISSUER = "http://localhost:8000"
ALIASES = ("default", "clinic", "sandbox")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["sqlite", "postgres"], default="sqlite", help="database engine of this run")






def _prepare_environment() -> Path:
    """Set the VARCO_ variables of this process; xdist workers inherit the engine's address from their parent."""
    for name in [name for name in os.environ if name.startswith("VARCO_") and not name.startswith("VARCO_TEST_")]:
        del os.environ[name]
    directory = Path(tempfile.mkdtemp(prefix="varco-tests-"))
    os.environ["VARCO_ISSUER"] = ISSUER
    os.environ["VARCO_DATA_DIR"] = str(directory)
    os.environ["VARCO_MASTER_KEYS"] = MASTER_KEY
    os.environ["VARCO_DEMO"] = "true"
    server = os.environ.get("VARCO_TEST_POSTGRES")
    if server:
        for alias in ("platform", "clinic", "sandbox"):
            os.environ[f"VARCO_{alias.upper()}_DATABASE"] = f"{server}/{alias}"
    return directory


def _engine(arguments: list[str]) -> str:
    for position, argument in enumerate(arguments):
        if argument == "--engine" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--engine="):
            return argument.partition("=")[2]
    return "sqlite"


def _start() -> tuple[Cluster | None, Path]:
    import sys

    cluster = None
    if _engine(sys.argv) == "postgres" and "VARCO_TEST_POSTGRES" not in os.environ:
        cluster = Cluster().start()
        os.environ["VARCO_TEST_POSTGRES"] = f"postgresql://varco@127.0.0.1:{cluster.port}"
        for alias in ("platform", "clinic", "sandbox", "varco"):
            cluster.create(alias)
    return cluster, _prepare_environment()


CLUSTER, DIRECTORY = _start()


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    for alias, database in settings.DATABASES.items():
        if database["ENGINE"].endswith("sqlite3"):
            database["TEST"] = {"NAME": str(DIRECTORY / f"test-{alias}.sqlite3")}


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    if CLUSTER:
        CLUSTER.stop()


@pytest.fixture(scope="session")
def engine() -> str:
    """Engine of this run: `sqlite` or `postgres`."""
    return "postgres" if "VARCO_TEST_POSTGRES" in os.environ else "sqlite"


@pytest.fixture
def database_urls(transactional_db: None) -> dict[str, str]:
    """URLs of this run's databases, for code that connects by itself: platform, clinic, sandbox."""
    from django.db import connections

    urls = {}
    for alias in ALIASES:
        settings = connections[alias].settings_dict
        name = settings["NAME"]
        server = os.environ.get("VARCO_TEST_POSTGRES")
        urls["platform" if alias == "default" else alias] = f"{server}/{name}" if server else f"sqlite:///{name}"
    return urls


class FrozenClock:
    """A clock that stands still until told; installed for the portal by the fixture `frozen`, handed to the gate."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def __call__(self) -> int:
        return self.milliseconds

    @property
    def seconds(self) -> int:
        return self.milliseconds // 1000

    def advance(self, seconds: float) -> None:
        self.milliseconds += int(seconds * 1000)


@pytest.fixture
def frozen() -> Iterator[FrozenClock]:
    """A standing clock, installed in `varco.clock`; `frozen.advance(seconds)` moves it."""
    from varco import clock

    standing = FrozenClock(1_800_000_000_000)
    before = clock.install(standing)
    yield standing
    clock.install(before)
