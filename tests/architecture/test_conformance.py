"""docs/conformance: every requirement names a test that is there, or the reason why it has none."""

import ast
import re
from functools import cache
from typing import NamedTuple

import pytest

from tests.support import source

INDEX = "docs/conformance.md"
FOLDER = "docs/conformance"
DOCUMENTS = {
    "rfc6749": "RFC 6749",
    "rfc6750": "RFC 6750",
    "rfc7009": "RFC 7009",
    "rfc7523": "RFC 7523",
    "rfc7636": "RFC 7636",
    "rfc7662": "RFC 7662",
    "rfc8252": "RFC 8252",
    "rfc8414": "RFC 8414",
    "rfc8628": "RFC 8628",
    "rfc8707": "RFC 8707",
    "rfc8935": "RFC 8935",
    "rfc8936": "RFC 8936",
    "rfc9068": "RFC 9068",
    "rfc9126": "RFC 9126",
    "rfc9207": "RFC 9207",
    "rfc9449": "RFC 9449",
    "rfc9700": "RFC 9700",
    "rfc9728": "RFC 9728",
    "oidc-core": "OpenID Connect Core",
    "oidc-discovery": "OpenID Connect Discovery",
    "oidc-rp-initiated-logout": "RP-Initiated Logout",
    "oidc-backchannel-logout": "Back-Channel Logout",
    "openid-ssf": "Shared Signals Framework",
    "fapi2-security-profile": "FAPI 2.0 Security Profile",
    "asvs-v10": "OWASP ASVS",
}
HEADER = ["§", "requirement", "level", "shown by"]
LEVEL = re.compile(r"(?:MUST|SHALL|SHOULD|MAY|REQUIRED|RECOMMENDED|OPTIONAL|NOT RECOMMENDED|L[123])\b.*", re.IGNORECASE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
# `n/a`: the requirement does not meet this server. `differs`: it does, and is deliberately not kept to the letter.
REASON = re.compile(r"(?:n/a|differs): \S.{9,}")


class Row(NamedTuple):
    """One requirement of a document."""

    place: str
    cells: list[str]


def text_of(name: str) -> str:
    path = source.ROOT / FOLDER / f"{name}.md"
    assert path.exists(), f"{FOLDER}/{name}.md is missing"
    return path.read_text("utf-8")


@cache
def rows(name: str) -> tuple[Row, ...]:
    """The rows of every table of a document, without headers and rulers."""
    found = []
    for number, line in enumerate(text_of(name).splitlines(), 1):
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            if cells != HEADER and not set(line) <= set("|-: "):
                found.append(Row(f"{name}.md:{number}", cells))
    return tuple(found)


@cache
def functions_of(path: str) -> frozenset[str]:
    """Names of the test functions of a file."""
    if not (source.ROOT / path).exists():
        return frozenset()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(source.tree(source.ROOT / path)) if isinstance(node, functions))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_requirement_names_its_tests_or_a_reason(name: str) -> None:
    assert len(rows(name)) >= 3
    for place, cells in rows(name):
        assert len(cells) == 4, f"{place}: {len(cells)} cells"
        section, requirement, level, shown = cells
        assert section, place
        assert requirement, place
        assert LEVEL.fullmatch(level), f"{place}: {level}"
        assert TEST.search(shown) or REASON.search(shown), f"{place}: neither a test nor a reason"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_test_that_is_named_is_there(name: str) -> None:
    for place, cells in rows(name):
        for path, test in TEST.findall(cells[-1]):
            assert test.startswith("test_"), f"{place}: {test}"
            assert test in functions_of(path), f"{place}: {path}::{test}"
        assert cells[-1].count("tests/") == len(TEST.findall(cells[-1])), f"{place}: a test that cannot be read"


def test_every_file_has_its_line_in_the_index_and_the_index_no_other() -> None:
    index = source.read(INDEX)
    linked = re.findall(r"\]\(conformance/([\w-]+)\.md\)", index)
    assert sorted(linked) == sorted(DOCUMENTS)
    files = {path.stem for path in source.files(".md") if path.parent == source.ROOT / FOLDER}
    assert files == set(DOCUMENTS)  # each that issue 3 names, and those that come with them
    for name, title in DOCUMENTS.items():
        assert title in text_of(name).partition("\n")[0], name
        assert title in index, name


def test_no_file_is_long() -> None:
    lengths = {name: len(text_of(name).splitlines()) for name in DOCUMENTS}
    assert {name: length for name, length in lengths.items() if length >= 400} == {}
