"""Attachments: what is taken and what is not, where files stand, and that none is ever shown in a browser."""

import io
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.support import people, tickets
from tests.support.authorization_pages import signed_in
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.registry.errors import Invalid
from varco.tickets import content, files, queries, services
from varco.tickets.errors import TicketFault
from varco.tickets.models import Attachment, Ticket
from varco.tickets.services import Upload, attaching

pytestmark = pytest.mark.django_db

ALL = tuple(content.TYPES)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.fixture(autouse=True)
def _data(settings: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    settings.VARCO = replace(settings.VARCO, data_dir=tmp_path)


def png(width: int, height: int) -> bytes:
    return PNG + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x06\x00\x00\x00"


def archive(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, value in members.items():
            made.writestr(name.replace("__", "/"), value)
    return held.getvalue()


def docx(**more: bytes) -> bytes:
    return archive(**{"[Content_Types].xml": b"<x/>", "word__document.xml": b"<x/>"}, **more)


def lying_about_its_size() -> bytes:
    """An archive whose directory says that a member of some bytes becomes four gigabytes."""
    made = archive(**{"a.txt": b"x" * 50})
    at = made.rindex(b"PK\x01\x02")
    return made[: at + 24] + (2**32 - 2).to_bytes(4, "little") + made[at + 28 :]


SOUND = {
    "referto.pdf": tickets.PDF,
    "schermata.PNG": png(1920, 1080),
    "foto.jpeg": b"\xff\xd8\xff\xe0rest",
    "perché no.txt": "Il telefono è caduto.\nDue volte.\n".encode(),
    "elenco.csv": "\ufeffnome;ora\nAda;9\n".encode(),
    "lettera.docx": docx(),
    "lettera.odt": archive(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<x/>"}),
    "tutto.zip": archive(**{"a.txt": b"a"}),
}
HOSTILE = {
    "page.html": (b"<html><script>alert(1)</script>", TicketFault.FILE_TYPE),
    "picture.svg": (b"<svg onload='x()'/>", TicketFault.FILE_TYPE),
    "invoice.pdf.exe": (b"MZ", TicketFault.FILE_TYPE),
    "noending": (b"x", TicketFault.FILE_TYPE),
    "page.txt": (b"  \n<!DOCTYPE html><body>", TicketFault.FILE_ACTIVE),
    "later.txt": (b"Dear all,\nsee <SCRIPT src=//evil.example>", TicketFault.FILE_ACTIVE),
    "mark.csv": (b"\xef\xbb\xbf<svg>", TicketFault.FILE_ACTIVE),
    "binary.txt": (b"a\x00b", TicketFault.FILE_NOT_WHAT_IT_SAYS),
    "latin.txt": (b"perch\xe9", TicketFault.FILE_NOT_WHAT_IT_SAYS),
    "page.pdf": (b"<html>%PDF-1.7", TicketFault.FILE_NOT_WHAT_IT_SAYS),
    "page.png": (b"\x89PNG\r\n\x1a\n<script>", TicketFault.FILE_NOT_WHAT_IT_SAYS),
    "huge.png": (png(100_000, 100_000), TicketFault.FILE_EXPANDS),
    "page.jpg": (tickets.PDF, TicketFault.FILE_NOT_WHAT_IT_SAYS),
    "empty.pdf": (b"", TicketFault.FILE_EMPTY),
    "bomb.docx": (docx(word__x=b"\0" * 30_000_000), TicketFault.FILE_EXPANDS),
    "many.zip": (archive(**{f"f{number}": b"" for number in range(2001)}), TicketFault.FILE_EXPANDS),
    "lies.zip": (lying_about_its_size(), TicketFault.FILE_EXPANDS),
    "inner.zip": (archive(**{"more.zip": b"PK"}), TicketFault.FILE_ACTIVE),
    "slip.zip": (archive(**{"..__..__etc__passwd": b"x"}), TicketFault.FILE_ACTIVE),
    "macro.docx": (docx(word__vbaProject=b"", **{"word__vbaProject.bin": b"x"}), TicketFault.FILE_ACTIVE),
    "plain.docx": (archive(**{"a.txt": b"a"}), TicketFault.FILE_NOT_WHAT_IT_SAYS),
    "broken.docx": (b"PK\x03\x04" + b"\xff" * 60, TicketFault.FILE_NOT_WHAT_IT_SAYS),
    "../../etc/passwd.txt": (b"x", TicketFault.FILE_NAME),
    "a\\b.txt": (b"x", TicketFault.FILE_NAME),
    ".hidden.txt": (b"x", TicketFault.FILE_NAME),
    "cod\u202etxt.pdf": (tickets.PDF, TicketFault.FILE_NAME),
    "a\0.pdf": (tickets.PDF, TicketFault.FILE_NAME),
    'a".pdf': (tickets.PDF, TicketFault.FILE_NAME),
    "a\r\nSet-Cookie: x.pdf": (tickets.PDF, TicketFault.FILE_NAME),
    f"{'n' * 120}.pdf": (tickets.PDF, TicketFault.FILE_NAME),
    "": (tickets.PDF, TicketFault.FILE_NAME),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_people_attach_is_taken(name: str) -> None:
    assert content.fault_of(name, SOUND[name], ALL) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_run_expand_or_pretend_is_refused(name: str) -> None:
    body, code = HOSTILE[name]
    fault = content.fault_of(name, body, ALL)
    assert fault
    assert fault.code == code


def test_types_that_the_setting_leaves_out_are_refused() -> None:
    fault = content.fault_of("tutto.zip", SOUND["tutto.zip"], ("pdf", "png"))
    assert fault
    assert (fault.code, fault.parameters) == (TicketFault.FILE_TYPE, {"endings": "pdf, png"})


def test_a_file_stands_under_a_random_name_for_its_owner_alone(tmp_path: Path) -> None:
    ticket = tickets.opened(people.silvia(), "question", Upload("referto.pdf", tickets.PDF))
    row = Attachment.objects.get(ticket=ticket)
    (path,) = (tmp_path / files.DIRECTORY).glob("*/*")
    assert (path.name, path.read_bytes(), row.size, len(row.sha256)) == (row.stored, tickets.PDF, len(tickets.PDF), 64)
    assert "referto" not in str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_is_refused_leaves_nothing_but_its_record(tmp_path: Path) -> None:
    silvia = people.silvia()
    with pytest.raises(Invalid) as refused:
        tickets.opened(silvia, "question", Upload("a.pdf", tickets.PDF), Upload("b.html", b"<html>"))
    assert [fault.value for fault in refused.value.faults["files"]] == ["b.html"]
    assert not Ticket.objects.exists()
    assert not list(tmp_path.rglob("*.*"))
    event = Event.objects.get(tag="ticket.attachment_refused")
    assert (event.actor, event.detail["why"]) == (silvia.public_id, ["ticket_file_type"])


def test_a_file_whose_row_never_came_goes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(attaching, "enter", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        tickets.opened(people.silvia(), "question", Upload("a.pdf", tickets.PDF))
    assert not list(tmp_path.glob("attachments/*/*"))


def test_limits_of_size_and_number() -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question")

    def code(*sent: Upload) -> object:
        with pytest.raises(Invalid) as refused:
            services.reply(ticket, Origin(silvia), text="See.", uploads=sent)
        return refused.value.faults["files"][0].code

    small = Upload("a.pdf", tickets.PDF)
    half = Upload("b.pdf", tickets.PDF + b"0" * (3 * 2**20))
    assert code(half, half) == TicketFault.FILE_TOO_LARGE
    assert code(*[small] * 6) == TicketFault.FILES_TOO_MANY
    for _ in range(6):
        services.reply(ticket, Origin(silvia), text="See.", uploads=[small] * 5)
    assert code(small) == TicketFault.FILES_TOO_MANY


def test_files_without_a_row_are_swept_once_they_are_old(tmp_path: Path) -> None:
    import os
    import time

    ticket = tickets.opened(people.silvia(), "question", Upload("a.pdf", tickets.PDF))
    kept = files.path_of(Attachment.objects.get(ticket=ticket).stored)
    young, old, half = (files.path_of(files.keep(b"x")[0]) for _ in range(3))
    half = half.rename(half.with_name(f"{half.name}.partial"))
    long_ago = time.time() - 2 * 86400
    for path in (kept, old, half):
        os.utime(path, (long_ago, long_ago))
    assert files.sweep(queries.stored_names()) == 2
    assert sorted(tmp_path.glob("attachments/*/*")) == sorted([kept, young])


def sent(browser: Client, ticket: Ticket, row: Attachment) -> Any:
    return browser.get(f"/tickets/{ticket.number}/files/{row.pk}/")


def test_a_file_is_saved_and_never_shown() -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question", Upload("perché “no”.txt", b"Just words."))
    row = Attachment.objects.get(ticket=ticket)
    answer = sent(signed_in(silvia), ticket, row)
    assert (answer.status_code, answer.content) == (200, b"Just words.")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''perch%C3%A9")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    event = Event.objects.get(tag="ticket.attachment_read")
    assert (event.actor, event.detail) == (silvia.public_id, {"number": ticket.number, "file": row.pk})


def test_files_of_notes_of_others_and_of_other_tickets_do_not_exist() -> None:
    silvia, dario, sara = people.silvia(), people.dario(), people.sara()
    ticket = tickets.opened(silvia, "question", Upload("a.pdf", tickets.PDF))
    other = tickets.opened(dario, "question", Upload("b.pdf", tickets.PDF))
    mine, theirs = (Attachment.objects.get(ticket=each) for each in (ticket, other))
    silvias, darios, saras = signed_in(silvia), signed_in(dario), signed_in(sara)
    assert [sent(browser, ticket, mine).status_code for browser in (silvias, darios, saras)] == [200, 404, 404]
    assert sent(silvias, ticket, theirs).status_code == 404
    assert saras.get(f"/support/{ticket.number}/files/{mine.pk}/").status_code == 200
    assert silvias.get(f"/support/{ticket.number}/files/{mine.pk}/").status_code == 404
    mine.entry.sort = "note"
    mine.entry.save()
    assert sent(silvias, ticket, mine).status_code == 404
    assert silvias.get(f"/tickets/{ticket.number}/files/{2**70}/").status_code == 404


def test_a_file_that_was_changed_on_the_disk_is_not_handed_out() -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question", Upload("a.pdf", tickets.PDF))
    row = Attachment.objects.get(ticket=ticket)
    files.path_of(row.stored).write_bytes(b"%PDF-something else")
    browser = signed_in(silvia)
    assert sent(browser, ticket, row).status_code == 404
    files.path_of(row.stored).unlink()
    assert sent(browser, ticket, row).status_code == 404
