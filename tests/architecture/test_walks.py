"""The walks that ARCHITECTURE.md tells, a list of files each, are the way the code goes: every file is imported by one before it."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support import source

ITEM = re.compile(r"^\d+\. `(varco/[\w/]+\.py)`")


def walks() -> dict[str, list[str]]:
    """The files of each walk, by its heading."""
    section = (source.ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("\n## Walks\n")[2].partition("\n## ")[0]
    found: dict[str, list[str]] = {}
    for line in section.splitlines():
        if line.startswith("### "):
            files = found[line.removeprefix("### ")] = []
        elif item := ITEM.match(line):
            files.append(item[1])
    return found


def imports(name: str) -> Iterator[str]:
    """Every module a file names: in an import anywhere in it, or as text, as Django's addresses do."""
    for node in ast.walk(source.tree(source.ROOT / name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("varco."):
            yield from (node.value, node.value.rpartition(".")[0])


def modules(name: str) -> set[str]:
    """What a file may be imported as: itself, or the packages that hand on what stands in it."""
    module = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    package = module.rpartition(".")[0]
    initial = source.ROOT / package.replace(".", "/") / "__init__.py"
    handed_on = initial.exists() and module in set(imports(source.name(initial)))
    return {module, package} if handed_on else {module}


@pytest.mark.parametrize("walk", walks())
def test_each_file_of_a_walk_is_imported_by_one_before_it(walk: str) -> None:
    files = walks()[walk]
    assert len(files) > 5
    lost = [
        name
        for position, name in enumerate(files)
        if position and not modules(name) & {module for before in files[:position] for module in imports(before)}
    ]
    assert lost == []


def test_six_walks_are_told() -> None:
    assert len(walks()) >= 6
