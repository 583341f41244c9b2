"""The arrows of ARCHITECTURE.md, as import-linter's contracts in pyproject.toml."""

import ast

import pytest
from importlinter import cli

from tests.support import source


def test_imports_go_one_way(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(source.ROOT)
    assert cli.lint_imports(no_cache=True) == 0, capsys.readouterr().out


def test_the_gate_and_the_protocol_load_without_django() -> None:
    import subprocess
    import sys

    program = (
        "import sys, pkgutil, importlib\n"
        "for name in ('varco.gate', 'varco.protocol'):\n"
        "    package = importlib.import_module(name)\n"
        "    for module in pkgutil.walk_packages(package.__path__, name + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in {'django', 'allauth'}))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=source.ROOT)
    assert run.stdout.strip() == "[]"


def test_the_protocol_reads_no_clock_and_no_randomness_on_its_own() -> None:
    impure = {
        "time",
        "random",
        "secrets",
        "os",
        "socket",
        "datetime",
        "uuid",
        "pathlib",
        "asyncio",
        "sqlite3",
        "logging",
    }
    # Making a key is randomness by its nature; it happens in one function that says so.
    found = [
        f"{source.name(path)}: {imported}"
        for path in source.python("varco")
        if "protocol" in path.parts
        for node in ast.walk(source.tree(path))
        for imported in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if imported.split(".")[0] in impure
    ]
    assert found == []
