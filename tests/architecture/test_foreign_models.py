"""Rows are read and written by the app they belong to: others ask its `queries` and `services`, and name its models as types."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support import source

# The demo writes a past that no act of today could make, row by row, as tests do.
WRITES_ROWS = "varco/ops/demo/"
# What still reads rows of an app by itself. It gets shorter, never longer.
LEFT: set[str] = set()


def models(path: Path) -> Iterator[tuple[str, str]]:
    """App and name of every model of ours that a file imports, wherever in it."""
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "varco" and len(parts) > 2 and parts[1] in source.APPS and parts[2] == "models":
                yield from ((parts[1], alias.asname or alias.name) for alias in node.names)


def foreign_reads(path: Path) -> Iterator[str]:
    """Uses of the manager of a model that belongs to another app than the file."""
    own = path.relative_to(source.ROOT).parts[1]
    foreign = {name for app, name in models(path) if app != own}
    for node in ast.walk(source.tree(path)):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"objects", "_default_manager", "_base_manager"}
            and isinstance(node.value, ast.Name)
            and node.value.id in foreign
        ):
            yield f"{source.name(path)}: {node.value.id}"


def test_no_app_and_no_face_reads_the_rows_of_another_app_by_itself() -> None:
    found = {
        read
        for path in source.python("varco")
        if not source.name(path).startswith(WRITES_ROWS)
        for read in foreign_reads(path)
    }
    assert found == LEFT


def test_no_row_is_fetched_by_its_class_in_a_shortcut() -> None:
    """`get_object_or_404(Model, …)` is the same with another name."""
    found = [
        f"{source.name(path)}: {ast.unparse(call.args[0])}"
        for path in source.python("varco")
        for call in source.calls(path, "get_object_or_404", "get_list_or_404")
        if call.args and isinstance(call.args[0], ast.Name) and call.args[0].id in {name for _app, name in models(path)}
    ]
    assert found == []
