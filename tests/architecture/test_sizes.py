"""Small files and short functions: a folder of many small files beats one that only grows."""

import ast

from tests.support import source

FILE_LINES = 400
FUNCTION_LINES = 60


def test_no_file_is_long() -> None:
    code = (*source.python("varco", "tests", "bench", "tools", "sdk"), *source.files(".html"), *source.files(".css"))
    lengths = {source.name(path): len(path.read_text("utf-8").splitlines()) for path in code}
    long = {name: length for name, length in lengths.items() if length > FILE_LINES}
    assert long == {}


def test_no_function_is_long() -> None:
    long = {}
    for path in source.python("varco", "tests", "bench", "tools", "sdk"):
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    long[f"{source.name(path)}:{node.name}"] = length
    assert long == {}
