"""`docs/clients.md` says where each library signs in: that place is there, and uses it."""

import re
from pathlib import Path

from tests.support import source

ROW = re.compile(
    r"^\| (?P<library>[^|]+?) \| [^|]+ \| [^|]+ \| [^|]+ \| `(?P<where>(?:tests|examples)/[^`]+)` \|$", re.MULTILINE
)
NAMES = {
    "requests-oauthlib": "requests_oauthlib", "mod_auth_openidc": "mod-auth-openidc", "oic (pyoidc)": "oic",
    "Flask-pyoidc": "flask_pyoidc", "social-auth-core": "social_core", "httpx-oauth": "httpx_oauth",
}  # fmt: skip
"""What a program calls a library that is listed under another name."""


def programs(where: Path) -> str:
    """The programs of a place: of a test those in other languages, too, that stand beside it."""
    if where.is_dir():
        return "\n".join(file.read_text("utf-8") for file in where.glob("client.*"))
    beside = [source.ROOT / name for name in re.findall(r"[\w./-]+\.(?:mjs|html)", where.read_text("utf-8"))]
    beside += (source.ROOT / "tests/journeys/node").glob("*.mjs")
    return where.read_text("utf-8") + "\n".join(file.read_text("utf-8") for file in beside if file.is_file())


def test_each_row_names_a_place_that_uses_the_library() -> None:
    text = source.read("docs/clients.md")
    rows = [(row["library"], source.ROOT / row["where"]) for row in ROW.finditer(text)]
    assert len(rows) == sum(line.startswith("| ") for line in text.splitlines()) - 1
    assert len(rows) >= 25
    assert [library for library, where in rows if not where.exists()] == []
    unused = [library for library, where in rows if NAMES.get(library, library).lower() not in programs(where).lower()]
    assert unused == []


def test_every_example_has_its_row() -> None:
    listed = set(re.findall(r"`(examples/clients/[^`/]+)`", source.read("docs/clients.md")))
    there = {path.parent for path in source.files() if path.parent.parent == source.ROOT / "examples/clients"}
    assert {source.name(path) for path in there} == listed
