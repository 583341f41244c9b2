"""What the tests of the store share. Every module of the gate is imported, and with it every statement there is."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scratch_store import Scratch
from varco import config, gate
from varco.config import Settings

for found in pkgutil.walk_packages(gate.__path__, "varco.gate."):
    importlib.import_module(found.name)


def settings_of(database_urls: dict[str, str]) -> Settings:
    """Settings with this run's databases."""
    environment = {"VARCO_ISSUER": "http://localhost:8000"}
    return config.load(environment | {f"VARCO_{alias.upper()}_DATABASE": url for alias, url in database_urls.items()})


@pytest.fixture
def scratch(engine: str, tmp_path: Path) -> Iterator[Scratch]:
    """A database of the engine of this run, with the tables of `scratch_store`."""
    made = Scratch(engine, tmp_path).create()
    yield made
    made.drop()
