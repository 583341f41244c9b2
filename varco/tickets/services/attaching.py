"""Attachments of an entry: looked at, written to the disk, and entered as rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.protocol.fault import Fault
from varco.registry.errors import Invalid
from varco.tickets import content, files
from varco.tickets.errors import TicketFault
from varco.tickets.models import Attachment, Entry, Ticket

MOST_AT_ONCE = 5
MOST_OF_A_TICKET = 30
FIELD = "files"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes


def check(uploads: Sequence[Upload], origin: Origin, ticket: Ticket | None = None) -> None:
    """Refuse what may not be attached, and record that somebody tried. Call it before the transaction. Raises `Invalid`."""
    faults = list(_faults(uploads, ticket))
    if not faults:
        return
    with transaction.atomic():
        codes = sorted({str(fault.code) for fault in faults})
        record(Tag.TICKET_ATTACHMENT_REFUSED, origin, number=ticket.number if ticket else None, why=codes)
    raise Invalid({FIELD: faults})


def _faults(uploads: Sequence[Upload], ticket: Ticket | None) -> Iterator[Fault]:
    limit = settings.VARCO.attachment_limit
    if sum(len(upload.content) for upload in uploads) > limit:
        yield Fault(TicketFault.FILE_TOO_LARGE, {"limit": limit // 1024})
        return
    there = Attachment.objects.filter(ticket=ticket).count() if ticket and uploads else 0
    if len(uploads) > MOST_AT_ONCE or there + len(uploads) > MOST_OF_A_TICKET:
        yield Fault(TicketFault.FILES_TOO_MANY, {"limit": MOST_AT_ONCE, "most": MOST_OF_A_TICKET})
        return
    for upload in uploads:
        fault = content.fault_of(upload.name, upload.content, settings.VARCO.attachable)
        if fault:
            yield Fault(fault.code, fault.parameters, value=_printable(upload.name))


def _printable(name: str) -> str:
    """A name as a page may repeat it: short, and without what cannot be seen."""
    return "".join(sign if sign.isprintable() else "�" for sign in name)[:60]


@contextmanager
def kept(uploads: Sequence[Upload]) -> Iterator[list[tuple[Upload, str, str]]]:
    """Write the files before the transaction that enters them; if it fails, they go again."""
    written: list[tuple[Upload, str, str]] = []
    try:
        for upload in uploads:
            written.append((upload, *files.keep(upload.content)))  # noqa: PERF401 - what is written so far must be known
        yield written
    except BaseException:
        for _upload, stored, _sha256 in written:
            files.forget(stored)
        raise


def enter(entry: Entry, written: Sequence[tuple[Upload, str, str]]) -> None:
    """Add the rows of files that stand on the disk."""
    Attachment.objects.bulk_create(
        Attachment(
            ticket=entry.ticket, entry=entry, name=upload.name, type=content.type_of(upload.name),
            size=len(upload.content), sha256=sha256, stored=stored,
        )
        for upload, stored, sha256 in written
    )  # fmt: skip
