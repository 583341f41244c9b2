# ruff: noqa: INP001 - a script beside the catalogue it builds, not a package
"""Make `it/LC_MESSAGES/django.po` and `django.mo` of the lists in `it/areas`: `python varco/portal/locale/build.py`.

One list an area keeps the work of several people apart; Django wants one catalogue. Both files are committed, so nobody who
installs Varco needs polib.
"""

import sys
from pathlib import Path

import polib

HERE = Path(__file__).parent
AREAS = HERE / "it" / "areas"
TARGET = HERE / "it" / "LC_MESSAGES" / "django.po"
METADATA = {
    "Project-Id-Version": "Varco",
    "Language": "it",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


class CatalogueError(ValueError):
    """A list cannot be read, or two lists translate one text differently."""


def entries(path: Path) -> polib.POFile:
    """Read one list. Raises `CatalogueError` naming the line at fault."""
    # polib takes a text that nobody closed for one that ends a letter earlier.
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#") and not line.rstrip().endswith('"'):
            raise CatalogueError(f"{path.name}:{number}: {line}")
    try:
        return polib.pofile(str(path), encoding="utf-8")
    except OSError as fault:
        raise CatalogueError(str(fault)) from None


def italian(entry: polib.POEntry) -> tuple[str, ...]:
    """The Italian of each form of a text."""
    return tuple(entry.msgstr_plural.values()) if entry.msgid_plural else (entry.msgstr,)


def merged() -> polib.POFile:
    """Merge all lists, by their English. Raises `CatalogueError` for a text with two translations, or none."""
    known: dict[tuple[str, str], polib.POEntry] = {}
    faults = []
    for path in sorted(AREAS.glob("*.po")):
        for entry in entries(path):
            key = entry.msgctxt or "", entry.msgid
            before, after = italian(known.setdefault(key, entry)), italian(entry)
            if before != after and len(before) == len(after):
                faults.append(f"{path.name}: {entry.msgid!r} is {after}, elsewhere {before}")
            if len(after) > len(before):
                known[key] = entry
            if not all(after) or (entry.msgid_plural and len(after) != 2):
                faults.append(f"{path.name}: {entry.msgid!r} has no Italian")
    if faults:
        raise CatalogueError("\n".join(faults))
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = METADATA
    for key in sorted(known):
        entry = known[key]
        entry.flags, entry.comment, entry.tcomment = [], "", ""  # those stay with the lists
        catalogue.append(entry)
    return catalogue


def po(catalogue: polib.POFile) -> str:
    """Write the catalogue as Django's tools do."""
    return str(catalogue).removeprefix("#\n")


def build() -> int:
    """Write both files; the number of texts."""
    catalogue = merged()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(po(catalogue), "utf-8")
    TARGET.with_suffix(".mo").write_bytes(catalogue.to_binary())
    return len(catalogue)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{build()} texts in Italian\n")
    except CatalogueError as fault:
        sys.exit(str(fault))
