"""One run of the tests is on one engine: `pytest --engine sqlite` (the default) or `pytest --engine postgres`.

Django's test databases are real files or a real server, so that the gate's own connections see what the ORM wrote. The
first process starts the one PostgreSQL of a run and tells its address to pytest-xdist's workers in `VARCO_TEST_POSTGRES`.
"""

import base64
import gc
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from tests.support import (
    browser_session,
    budget,
    coverage,
    database_templates,
    distribution,
    flush,
    logging_as_before,
    signing_key_pool,
    temporary,
)
from tests.support.postgres import Cluster
from tests.support.tls import make_certificate

MASTER_KEY = base64.urlsafe_b64encode(b"a master key of the tests only!!").decode()
ISSUER = "http://localhost:8000"
ALIASES = ("default", "clinic", "sandbox")
TESTS = Path(__file__).parent
# Folders whose tests need no Django. A run of these alone does not set it up, which would take longer than they do.
PURE = (TESTS / "protocol",)
# A test that asks for one of these (or is marked django_db) is about a database, and runs on PostgreSQL as well.
DATABASE_FIXTURES = frozenset({"db", "transactional_db", "database_urls", "engine"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--coverage", action="store_true", help="measure how much of varco the run reaches")
    parser.addoption("--engine", choices=["sqlite", "postgres"], default="sqlite", help="database engine of this run")


def _engine(arguments: list[str]) -> str:
    """Read before pytest has read its options, since Django's settings are made on import."""
    for position, argument in enumerate(arguments):
        if argument == "--engine" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--engine="):
            return argument.partition("=")[2]
    return "sqlite"


def _is_pure(arguments: list[str]) -> bool:
    """Whether only tests that need no Django are asked for: by path, since that is known before they are imported."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return "VARCO_TEST_PURE" in os.environ
    paths = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        path = Path(argument.partition("::")[0])
        if not before.startswith("--") and not argument.startswith("-") and path.exists():
            paths.append(path.resolve())
    return bool(paths) and all(any(path.is_relative_to(folder) for folder in PURE) for path in paths)


def _start_cluster() -> Cluster | None:
    if _engine(ARGUMENTS) != "postgres" or "VARCO_TEST_POSTGRES" in os.environ:
        return None
    cluster = Cluster(durable=False).start()
    os.environ["VARCO_TEST_POSTGRES"] = f"postgresql://varco@127.0.0.1:{cluster.port}"
    for alias in ("platform", "clinic", "sandbox", "varco"):
        cluster.create(alias)
    return cluster


def _prepare_environment() -> Path:
    """Set the VARCO_ variables of this process, whatever the shell had, and give it a directory of its own."""
    for name in [name for name in os.environ if name.startswith("VARCO_") and not name.startswith("VARCO_TEST_")]:
        del os.environ[name]
    directory = temporary.directory("varco-tests-")
    # Each new client of httpx reads the authorities it trusts: for those of the whole web, 50 ms. Here nobody asks the web.
    os.environ["SSL_CERT_FILE"] = str(make_certificate(directory)[0])
    os.environ["VARCO_ISSUER"] = ISSUER
    os.environ["VARCO_DATA_DIR"] = str(directory)
    os.environ["VARCO_MASTER_KEYS"] = MASTER_KEY
    os.environ["VARCO_DEMO"] = "true"
    server = os.environ.get("VARCO_TEST_POSTGRES")
    if server:
        for alias in ("platform", "clinic", "sandbox"):
            os.environ[f"VARCO_{alias.upper()}_DATABASE"] = f"{server}/{alias}"
    return directory


TOLD: list[Callable[..., Any]] = []
"""How Django renders templates in tests that look at what they were given."""


def _prepare_django() -> None:
    """Set Django up now, so that conftest files of the folders below may import models."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "varco.portal.settings"
    import django

    django.setup()
    # pytest-django would set Django up in pytest-xdist's workers before they read this file, and so before they measure.
    del os.environ["DJANGO_SETTINGS_MODULE"]
    # The cast signs in thousands of times: the same algorithm and format, at its least cost.
    from varco.accounts.hashers import PasswordHasher

    PasswordHasher.time_cost, PasswordHasher.memory_cost = 1, 8
    # Django would tell each template that is rendered, with a copy of what it was given, to tests that ask: few do (`told_context`).
    from django.template import Template
    from django.test import utils

    TOLD.append(utils.instrumented_test_render)  # type: ignore[attr-defined]
    utils.instrumented_test_render = Template._render  # type: ignore[attr-defined]
    flush.install()
    browser_session.install()


ARGUMENTS = [*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *sys.argv[1:]]
CLUSTER = _start_cluster()
DIRECTORY = _prepare_environment()
if _is_pure(ARGUMENTS):
    os.environ["VARCO_TEST_PURE"] = "yes"  # for pytest-xdist's workers, which are told no paths in time
else:
    os.environ.pop("VARCO_TEST_PURE", None)
    if not distribution.only_gives_out():
        _prepare_django()
# No deadline: two cores are shared. Derandomized in CI, so that a red run is red again.
hypothesis_settings.register_profile("varco", deadline=None, derandomize="CI" in os.environ)
hypothesis_settings.load_profile("varco")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return distribution.ByFile(config, log)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "one_engine: what it shows cannot differ by engine; a run on PostgreSQL leaves it out"
    )
    if coverage.MEASURED:
        config.pluginmanager.register(coverage.MEASURED)
    config.pluginmanager.register(budget.Budget("postgres" if "VARCO_TEST_POSTGRES" in os.environ else "sqlite"))


def pytest_unconfigure(config: pytest.Config) -> None:
    if kept := sys.modules.get("tests.support.kept_gate_loop"):  # not imported by itself: it needs the gate
        kept.end()
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    if CLUSTER:
        CLUSTER.stop()


def _about_a_database(item: pytest.Item) -> bool:
    """Whether the engine may make a difference to a test."""
    return not item.get_closest_marker("either_engine") and _asks_for_a_database(item)


def _asks_for_a_database(item: pytest.Item) -> bool:
    return bool(DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))) or bool(
        item.get_closest_marker("django_db")
    )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """On PostgreSQL folders that know no database are not even read."""
    return True if "VARCO_TEST_POSTGRES" in os.environ and collection_path in PURE else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A database test that names no databases gets all three, and a run on PostgreSQL leaves out what needs none."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if _asks_for_a_database(item) and not (marker and marker.kwargs.get("databases")):
            kwargs = {**(marker.kwargs if marker else {}), "databases": list(ALIASES)}
            item.add_marker(pytest.mark.django_db(*(marker.args if marker else ()), **kwargs), append=False)
    if "VARCO_TEST_POSTGRES" in os.environ:
        left_out = [item for item in items if not _about_a_database(item) or item.get_closest_marker("one_engine")]
        items[:] = [item for item in items if item not in frozenset(left_out)]
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what stands now, Django and all tests, out of every later search for garbage, and search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, worker_id: str) -> None:
    """Connect Django to copies of the migrated databases: pytest-django's fixture, which would migrate."""
    from django.db import connections

    server = os.environ.get("VARCO_TEST_POSTGRES")
    with django_db_blocker.unblock():
        if server:
            names = {name: f"test_{name}_{worker_id}" for name in database_templates.NAMES}
            database_templates.copy_postgres(server, names)
        else:
            files = {name: DIRECTORY / f"test-{name}.sqlite3" for name in database_templates.NAMES}
            database_templates.copy_sqlite(files)
            names = {name: str(file) for name, file in files.items()}
        for name, database in names.items():
            connection = connections["default" if name == "platform" else name]
            connection.close()
            connection.settings_dict["NAME"] = database


@pytest.fixture(scope="session")
def engine() -> str:
    """Engine of this run: `sqlite` or `postgres`."""
    return "postgres" if "VARCO_TEST_POSTGRES" in os.environ else "sqlite"


@pytest.fixture
def told_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers have the `context` that their templates were given."""
    from django.template import Template

    monkeypatch.setattr(Template, "_render", TOLD[0])


@pytest.fixture
def database_urls(transactional_db: None) -> dict[str, str]:
    """URLs of this run's databases, for code that connects by itself: platform, clinic, sandbox."""
    from django.db import connections

    urls = {}
    for alias in ALIASES:
        name = connections[alias].settings_dict["NAME"]
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


@pytest.fixture(autouse=True)
def _leave_nothing_behind() -> Iterator[None]:
    """Give each test all keys of the pool, loggers and umask as they were, and a thread without the language of the page before."""
    mask = os.umask(0o077)
    os.umask(mask)
    with signing_key_pool.for_one_test(), logging_as_before.kept():
        yield
    os.umask(mask)  # every command sets it for itself, also one that ran in this process
    if "django.utils.translation" in sys.modules:
        from django.utils import translation

        translation.deactivate()
