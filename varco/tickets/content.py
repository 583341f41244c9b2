"""What may be attached: a short list of types, told by the bytes and held against the name; nothing that a browser would run.

Nothing is unpacked or drawn here. An archive is looked through by its directory alone, so that one which expands without end, or a picture
of impossible size, is refused before it reaches somebody's desk.
"""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from varco import text
from varco.protocol.fault import Fault
from varco.tickets.errors import TicketFault

LONGEST_NAME = 120
MOST_PIXELS = 100_000_000
MOST_MEMBERS = 2_000
MOST_EXPANDED = 200 * 2**20
MOST_TIMES = 200
"""How many times as large an archive may become; what is made of text compresses well, a bomb a thousandfold."""

_MARKUP = re.compile(rb"\s*<(?:!|\?|/?[a-z])", re.IGNORECASE)
_TAGS = re.compile(rb"<\s*/?\s*(?:script|html|svg|iframe|object|embed|body|img|link|meta)\b", re.IGNORECASE)
_SEPARATORS = re.compile(r'[/\\:*?"<>|]')


@dataclass(frozen=True, slots=True)
class ContentType:
    """One type: how it is served, and the endings of its names."""

    media: str
    endings: tuple[str, ...]
    check: Callable[[bytes], Fault | None]


def _begins(*signatures: bytes) -> Callable[[bytes], Fault | None]:
    def check(content: bytes) -> Fault | None:
        return None if content.startswith(signatures) else Fault(TicketFault.FILE_NOT_WHAT_IT_SAYS)

    return check


def _png(content: bytes) -> Fault | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or content[12:16] != b"IHDR" or len(content) < 24:
        return Fault(TicketFault.FILE_NOT_WHAT_IT_SAYS)
    width, height = struct.unpack(">II", content[16:24])
    return Fault(TicketFault.FILE_EXPANDS) if width * height > MOST_PIXELS else None


def _text(content: bytes) -> Fault | None:
    """Text in UTF-8 without control characters; markup is none, whatever it is called."""
    bare = content.removeprefix(b"\xef\xbb\xbf")
    try:
        decoded = bare.decode("utf-8")
    except UnicodeDecodeError:
        return Fault(TicketFault.FILE_NOT_WHAT_IT_SAYS)
    if any(ord(sign) < 32 and sign not in "\n\r\t\f" for sign in decoded):
        return Fault(TicketFault.FILE_NOT_WHAT_IT_SAYS)
    return Fault(TicketFault.FILE_ACTIVE) if _MARKUP.match(bare) or _TAGS.search(bare) else None


def _archive(content: bytes, *members: str) -> Fault | None:
    """An archive by its directory: what it holds, and what it would become."""
    if not content.startswith(b"PK\x03\x04"):
        return Fault(TicketFault.FILE_NOT_WHAT_IT_SAYS)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError, EOFError):
        return Fault(TicketFault.FILE_NOT_WHAT_IT_SAYS)
    names = {item.filename for item in listed}
    if not set(members) <= names:
        return Fault(TicketFault.FILE_NOT_WHAT_IT_SAYS)
    expanded = sum(item.file_size for item in listed)
    if len(listed) > MOST_MEMBERS or expanded > min(MOST_EXPANDED, MOST_TIMES * len(content)):
        return Fault(TicketFault.FILE_EXPANDS)
    if any(_runs(name) for name in names):
        return Fault(TicketFault.FILE_ACTIVE)
    return None


def _runs(name: str) -> bool:
    """Whether a member of an archive is a macro, a program or another archive, or would leave the directory it is unpacked in."""
    low = name.lower()
    active = (".exe", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".scr", ".jar", ".htm", ".html", ".svg", ".hta", ".zip")
    return low.endswith(active) or "vbaproject.bin" in low or ".." in low.split("/") or low.startswith(("/", "\\"))


def _office(part: str) -> Callable[[bytes], Fault | None]:
    return lambda content: _archive(content, "[Content_Types].xml", part)


TYPES: Mapping[str, ContentType] = {
    "pdf": ContentType("application/pdf", ("pdf",), _begins(b"%PDF-")),
    "png": ContentType("image/png", ("png",), _png),
    "jpeg": ContentType("image/jpeg", ("jpg", "jpeg"), _begins(b"\xff\xd8\xff")),
    "text": ContentType("text/plain; charset=utf-8", ("txt", "log", "csv", "json"), _text),
    "docx": ContentType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",), _office("word/document.xml")
    ),
    "xlsx": ContentType(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",), _office("xl/workbook.xml")
    ),
    "odt": ContentType(
        "application/vnd.oasis.opendocument.text", ("odt",), lambda content: _archive(content, "mimetype", "content.xml")
    ),
    "zip": ContentType("application/zip", ("zip",), _archive),
}  # fmt: skip
"""Every type that there is; which of them are taken, a setting says."""


def type_of(name: str) -> str:
    """The type that a name promises; empty for none of ours."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return next((key for key, each in TYPES.items() if ending in each.endings), "")


def fault_of(name: str, content: bytes, allowed: tuple[str, ...]) -> Fault | None:
    """Why a file is not taken; None for one that is. `allowed` are keys of `TYPES`."""
    if not name or len(name) > LONGEST_NAME or text.one_line(name) or _SEPARATORS.search(name) or name.startswith("."):
        return Fault(TicketFault.FILE_NAME)
    kind = type_of(name)
    if kind not in allowed:
        endings = ", ".join(ending for key in allowed for ending in TYPES[key].endings)
        return Fault(TicketFault.FILE_TYPE, {"endings": endings})
    if not content:
        return Fault(TicketFault.FILE_EMPTY)
    return TYPES[kind].check(content)
