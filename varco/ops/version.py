"""`varco version`: which code this is, to say in a report and to compare two machines by."""

import hashlib
import json
import os
import platform
import re
import sqlite3
import ssl
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import varco

PACKAGE = Path(varco.__file__).parent
_NAME = re.compile(r"[\w.-]+")


@cache
def build_id() -> str:
    """Twelve hexadecimal digits of a hash over every file of the package: equal where, and only where, the code is."""
    found = hashlib.sha256()
    for file in sorted(_files()):
        found.update(f"{file.relative_to(PACKAGE).as_posix()}\0".encode())
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:12]


def _files() -> Iterator[Path]:
    """Every file of the package, through links: what a checkout links to, such as its documentation, a distribution carries along."""
    for directory, below, names in os.walk(PACKAGE, followlinks=True):
        below[:] = [name for name in below if name != "__pycache__"]
        yield from (Path(directory, name) for name in names)


def facts() -> dict[str, object]:
    """What `--json` tells: version, build, what it runs on, and the last migration of each app."""
    return {
        "version": varco.__version__,
        "build": build_id(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "openssl": ssl.OPENSSL_VERSION,
        "sqlite": sqlite3.sqlite_version,
        "dependencies": _dependencies(),
        "migrations": {
            folder.parent.name: max(file.stem for file in folder.glob("[0-9]*.py"))
            for folder in sorted(PACKAGE.glob("*/migrations"))
        },
    }


def show(*, as_json: bool) -> None:
    """Print it."""
    print(json.dumps(facts(), indent=2) if as_json else f"varco {varco.__version__} (build {build_id()})")


def _dependencies() -> dict[str, str]:
    """What the package asks for directly, and which versions are there."""
    found: dict[str, str] = {}
    for line in requires("varco") or []:
        name = _NAME.match(line)
        if name and "extra ==" not in line:
            try:
                found[name.group()] = version(name.group())
            except PackageNotFoundError:
                found[name.group()] = "missing"
    return dict(sorted(found.items()))
