"""What each error code means, read from the tables of docs/errors.md."""

from dataclasses import dataclass
from functools import cache

from varco.documentation import pages


@dataclass(frozen=True, slots=True)
class Meaning:
    """A code as one part of the product answers it: `where` is the heading of its table; `text` is HTML."""

    where: str
    status: str
    html: str


@cache
def meanings() -> dict[str, tuple[Meaning, ...]]:
    """Every code with its meanings, of which it has one for each part that answers it."""
    found: dict[str, tuple[Meaning, ...]] = {}
    page = pages.document("errors")
    assert page, "a distribution without its documentation"  # noqa: S101 - a test looks at what a distribution carries
    where, lines = "", page.source.splitlines()
    for line in lines:
        if line.startswith("## "):
            where = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) == 3:
            code = cells[0].strip("| `")
            meaning = Meaning(where, cells[1], pages.inline(cells[2].rstrip(" |"), "errors"))
            found[code] = (*found.get(code, ()), meaning)
    return found
