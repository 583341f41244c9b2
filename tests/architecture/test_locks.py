"""Locks pin by content, and name no place to fetch from: that is the business of the machine that installs."""

import json
import re

import pytest

from tests.support import source


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_python_locks_pin_every_package_by_hash_and_name_no_host(lock: str) -> None:
    text = source.read(lock)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", text)
    pins = re.split(r"\n(?=[a-z0-9])", text[text.index("\na") :].strip())
    assert len(pins) > 20
    assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_what_runs_is_what_is_tested() -> None:
    def pinned(lock: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", source.read(lock), re.MULTILINE))

    assert pinned("requirements.lock").items() <= pinned("requirements-dev.lock").items()


def test_node_locks_pin_by_integrity_and_name_no_host() -> None:
    locks = source.files("package-lock.json")
    assert locks
    for path in locks:
        packages = json.loads(path.read_text("utf-8"))["packages"]
        for name, package in packages.items():
            assert "resolved" not in package, f"{source.name(path)}: {name}"
            assert not name or package.get("integrity", "").startswith("sha512-"), f"{source.name(path)}: {name}"


def test_dependencies_that_are_declared_are_locked() -> None:
    import tomllib

    project = tomllib.loads(source.read("pyproject.toml"))["project"]
    for lock, requirements in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["dependencies"] + project["optional-dependencies"]["dev"]),
    ):
        text = source.read(lock).lower()
        for requirement in requirements:
            package = re.match(r"[A-Za-z0-9._-]+", requirement)
            assert package
            assert f"\n{package[0].lower().replace('_', '-')}==" in text, (
                f"{package[0]} is not in {lock}: run `make locks`"
            )
