# ruff: noqa: INP001 - a script beside the catalogue it builds, not a package
"""Make `it/LC_MESSAGES/django.po` and `django.mo` of the lists in `it/areas`: `python varco/portal/locale/build.py`.

One list an area keeps the work of several people apart; Django wants one catalogue. No tool is needed but Python.
"""

import ast
import struct
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
AREAS = HERE / "it" / "areas"
TARGET = HERE / "it" / "LC_MESSAGES" / "django.po"
HEADER = (
    "Project-Id-Version: Varco\nLanguage: it\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
)


class CatalogueError(ValueError):
    """A list cannot be read, or two lists translate one text differently."""


class Entry(NamedTuple):
    """One text: its context (or empty), its English, the English plural (or empty), and the Italian of each form."""

    context: str
    english: str
    plural: str
    italian: tuple[str, ...]


def entries(path: Path) -> list[Entry]:
    """The entries of one list, without its header. Raises `CatalogueError` naming the line at fault."""
    found: list[Entry] = []
    fields: dict[str, str] = {}
    current = ""
    for number, raw in enumerate([*path.read_text("utf-8").splitlines(), ""], 1):
        line = raw.strip()
        if line.startswith("#"):
            continue
        keyword, _, rest = line.partition(" ")
        if line.startswith('"'):
            keyword, rest = current, line
        elif not line or keyword in fields or (keyword in {"msgid", "msgctxt"} and "msgstr" in str(list(fields))):
            _add(found, fields)
            fields = {}
        if not line:
            continue
        try:
            fields[keyword] = fields.get(keyword, "") + str(ast.literal_eval(rest))
        except (SyntaxError, ValueError):
            raise CatalogueError(f"{path.name}:{number}: {raw}") from None
        current = keyword
    return found


def _add(found: list[Entry], fields: dict[str, str]) -> None:
    if fields.get("msgid"):
        italian = tuple(text for name, text in fields.items() if name.startswith("msgstr"))
        found.append(Entry(fields.get("msgctxt", ""), fields["msgid"], fields.get("msgid_plural", ""), italian))


def merged() -> list[Entry]:
    """All lists as one, by their English. Raises `CatalogueError` for a text with two translations, or none."""
    known: dict[tuple[str, str], Entry] = {}
    faults = []
    for path in sorted(AREAS.glob("*.po")):
        for entry in entries(path):
            key = entry.context, entry.english
            before = known.setdefault(key, entry)
            if before.italian != entry.italian and len(before.italian) == len(entry.italian):
                faults.append(f"{path.name}: {entry.english!r} is {entry.italian}, elsewhere {before.italian}")
            if len(entry.italian) > len(before.italian):
                known[key] = entry
            if not all(entry.italian) or (entry.plural and len(entry.italian) != 2):
                faults.append(f"{path.name}: {entry.english!r} has no Italian")
    if faults:
        raise CatalogueError("\n".join(faults))
    return sorted(known.values())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def po(catalogue: list[Entry]) -> str:
    """The catalogue as Django's tools write it."""
    lines = ['msgid ""', 'msgstr ""', *(_quoted(line + "\n") for line in HEADER.splitlines()), ""]
    for entry in catalogue:
        lines += [f"msgctxt {_quoted(entry.context)}"] if entry.context else []
        lines += [f"msgid {_quoted(entry.english)}"]
        if entry.plural:
            lines += [f"msgid_plural {_quoted(entry.plural)}"]
            lines += [f"msgstr[{number}] {_quoted(text)}" for number, text in enumerate(entry.italian)]
        else:
            lines += [f"msgstr {_quoted(entry.italian[0])}"]
        lines.append("")
    return "\n".join(lines)


def mo(catalogue: list[Entry]) -> bytes:
    """The catalogue as gettext reads it (GNU gettext manual, "The Format of GNU MO Files")."""
    texts = {b"": HEADER.encode()}
    for entry in catalogue:
        key = (f"{entry.context}\x04" if entry.context else "") + entry.english
        key += f"\0{entry.plural}" if entry.plural else ""
        texts[key.encode()] = "\0".join(entry.italian).encode()
    keys = sorted(texts)
    blob = b""
    tables: tuple[list[int], list[int]] = ([], [])
    start = 28 + 16 * len(keys)
    for table, strings in zip(tables, (keys, [texts[key] for key in keys]), strict=True):
        for string in strings:
            table += [len(string), start + len(blob)]
            blob += string + b"\0"
    count = len(keys)
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return head + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + blob


def build() -> int:
    """Write both files; the number of texts."""
    catalogue = merged()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(po(catalogue), "utf-8")
    TARGET.with_suffix(".mo").write_bytes(mo(catalogue))
    return len(catalogue)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{build()} texts in Italian\n")
    except CatalogueError as fault:
        sys.exit(str(fault))
