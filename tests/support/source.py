"""The tree under test, as files and as syntax."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
APPS = (
    "accounts",
    "audit",
    "changes",
    "clinical",
    "grants",
    "keys",
    "mail",
    "people",
    "registry",
    "signals",
    "status",
    "tenants",
    "tickets",
)
"""Apps below the faces."""

# A checkout without git history still has its files.
SKIPPED = {".git", ".venv", ".cache", "node_modules", "__pycache__", "demo-data", "data", ".mypy_cache", ".ruff_cache"}


@lru_cache
def files(suffix: str = "") -> tuple[Path, ...]:
    """Files that are, or are about to be, committed, whose names end with `suffix`."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        found = [ROOT / name for name in listing.stdout.splitlines()]
    else:
        found = [path for path in ROOT.rglob("*") if not SKIPPED.intersection(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in found if path.is_file() and path.name.endswith(suffix)))


def name(path: Path) -> str:
    """Path as a person would type it from the root of the checkout."""
    return path.relative_to(ROOT).as_posix()


def python(*folders: str) -> tuple[Path, ...]:
    """Python files of these folders, migrations aside: those are written by Django."""
    return tuple(
        path for path in files(".py") if path.relative_to(ROOT).parts[0] in folders and "migrations" not in path.parts
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """Calls in a file of functions or classes with one of these names, however they were imported."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names:
                yield node


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions that stand at the top of a file."""
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def read(relative: str) -> str:
    return (ROOT / relative).read_text("utf-8")


def _imports(path: Path) -> set[str]:
    """Modules of varco.protocol that a file imports."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module == "varco.protocol":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("varco.protocol."):
            found.add((node.module or "").split(".")[2])
    return found


@cache
def _protocol_in_use() -> frozenset[str]:
    waiting = [path for path in python("varco") if path.parent.name != "protocol"]
    used: set[str] = set()
    while waiting:
        new = _imports(waiting.pop()) - used
        used |= new
        waiting += [path for path in python("varco") if path.parent.name == "protocol" and path.stem in new]
    return frozenset(used)


def is_imported(path: Path) -> bool:
    """Whether a module of the protocol is in use by a face, directly or through another."""
    return path.stem in _protocol_in_use()
