"""`docs/clients.md` names only tests that exist and that use the library of their row."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<library>[^|]+) \| [^|]+ \| `(?P<name>[^`]+)` \| `(?P<test>[^`]+)` \|$", re.MULTILINE)


def test_each_row_names_a_test_that_uses_the_library() -> None:
    text = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
    rows = list(ROW.finditer(text))
    assert len(rows) == sum(line.startswith("| ") for line in text.splitlines()) - 1 > 0
    for row in rows:
        test = ROOT / row["test"]
        assert test.is_file(), row["test"]
        assert row["name"] in test.read_text(encoding="utf-8"), row["library"]
