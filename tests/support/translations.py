"""Every text of the pages that is marked for translation, and the lists that translate them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.utils.translation.template import templatize

VARCO = Path(__file__).parent.parent.parent / "varco"
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}  # what it is of stands before the text
# What `templatize` makes of a template is Python-like calls among filler.
_LITERAL = r"""[ur]{0,2}('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(?:gettext|_)\(\s*{_LITERAL}\s*\)")
_NCALL = re.compile(rf"\bngettext\(\s*{_LITERAL}\s*,\s*{_LITERAL}")


def of_template(path: Path) -> Iterator[str]:
    source = templatize(path.read_text("utf-8"))
    for match in _CALL.finditer(source):
        yield ast.literal_eval(match[1])
    for match in _NCALL.finditer(source):
        yield ast.literal_eval(match[1])


def of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        position = 1 if name in CONTEXT else 0
        text = node.args[position] if len(node.args) > position else None
        if name in SINGULAR | PLURAL | CONTEXT and isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value


@cache
def texts() -> dict[str, str]:
    """Text → the file it stands in, for every marked text of templates and code."""
    found: dict[str, str] = {}
    for path in sorted([*VARCO.rglob("templates/**/*.html"), *VARCO.rglob("templates/**/*.txt")]):
        found |= {text: path.relative_to(VARCO).as_posix() for text in of_template(path)}
    for path in sorted(VARCO.rglob("*.py")):
        found |= {text: path.relative_to(VARCO).as_posix() for text in of_python(path)}
    return found
