"""Names are those that a reader who knows OAuth guesses: the nouns of the RFCs, and none that were coined here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support import source

COINED = {
    "ask": "request",
    "asked": "requested",
    "asking": "request",
    "case": "state, input",
    "endings": "grant_end",
    "face": "response, application",
    "faces": "error_responses",
    "foreign": "client_jwt",
    "held": "by what it is",
    "journal": "audit",
    "latecomer": "signed_in",
    "latecomers": "signed_in",
    "leaving": "logout, session_end",
    "nearby": "client_network",
    "patience": "body_timeout",
    "plate": "client_id",
    "presented": "token_lookup",
    "redeem": "exchange",
    "settle": "issue, record",
    "settled": "recorded",
    "shown": "proof",
    "situation": "state",
    "told": "response",
    "vocabulary": "catalog",
    "wish": "request",
}
"""Words that no specification uses for what they once named here, and what to write instead."""

COINED_MODULES = {
    "once": "replay",
    "rows": "write_queue",
    "core": "context",
    "trace": "refusal_log",
    "hints": "id_token_hint",
}
"""Words that say nothing as the name of a module."""

ELSEWHERE = {
    ("varco/portal/templatetags/ui.py", "plate"): "the component that shows a client_id as a number plate",
    ("tests/support/authorization_pages.py", "ask"): "a browser asks",
    ("tests/support/authorization_pages.py", "ask_raw"): "a browser asks",
}

FILES = [*source.python("varco"), *source.python("tests/support")]


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def names(path: Path) -> Iterator[tuple[str, int]]:
    """The names of a module, its classes and its functions, with their lines."""
    yield path.stem, 1
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno


def test_no_module_class_or_function_has_a_coined_name() -> None:
    found = {
        f"{source.name(path)}:{line} {name}": f"write {COINED[word]}"
        for path in FILES
        for name, line in names(path)
        for word in words(name) & COINED.keys()
        if (source.name(path), name) not in ELSEWHERE
    }
    assert found == {}
    assert [source.name(path) for path in FILES if path.stem in COINED_MODULES] == []


def test_a_coined_word_is_found_wherever_it_stands_in_a_name() -> None:
    assert [
        name for name in ("_Case", "must_ask", "RequestAsked", "lowercase", "database") if words(name) & COINED.keys()
    ] == [
        "_Case",
        "must_ask",
        "RequestAsked",
    ]
