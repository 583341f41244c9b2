"""The answer to a patient's question as a PDF: a letter's enclosure that anybody can read and print."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.fonts import FontFace

from varco.clinical.access.records import Wanted
from varco.clinical.models import PatientQuestion
from varco.portal.records import words
from varco.tenants.models import Tenant

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
HEADING = FontFace(emphasis="", fill_color=(235, 238, 242))
LISTED = 1000
"""Accesses that are listed one by one; of more the document says that the table (CSV) has them all."""

_SUMMARY = (44, 40, 42, 14, 25, 25)  # mm
_EACH = (34, 46, 46, 64)  # mm


def answer(tenant: Tenant, question: PatientQuestion, summary: Sequence[Mapping[str, Any]], wanted: Wanted) -> bytes:
    """The document."""
    document = _document(_("Who has seen the data of patient %(number)s") % {"number": question.patient_id})
    _paragraph(document, tenant.name, size=16)
    _paragraph(document, _("Who has seen the data of patient %(number)s") % {"number": question.patient_id}, size=13)
    _paragraph(
        document,
        _("Asked on %(asked)s. Made on %(made)s from the centre’s access records.")
        % {"asked": _day(question.asked_on), "made": timezone.localtime().strftime("%d/%m/%Y %H:%M")},
    )
    _paragraph(
        document,
        _(
            "Each line is a person who, through an application connected to the centre’s system, saw or changed the data. "
            "The records say who, through what and when; they do not hold what was shown."
        ),
    )
    if not summary:
        _paragraph(
            document, _("Nobody has seen the data of this patient through an application, as far as records are kept.")
        )
        return bytes(document.output())
    heading = [_("Person"), _("Application"), _("What"), _("Number"), _("First"), _("Last")]
    _table(document, _SUMMARY, heading, ([
        f"{words.who(row)} ({words.kind(row['person_kind'])})", row["application_name"],
        words.operation(row["operation"]), row["number"], _moment(row["first"]), _moment(row["last"]),
    ] for row in summary))  # fmt: skip
    total = sum(row["number"] for row in summary)
    _paragraph(document, _("Each time"), size=13)
    if total > LISTED:
        _paragraph(
            document,
            _("The first %(listed)s of %(total)s; the table that comes with this document has them all.")
            % {"listed": LISTED, "total": total},
        )
    _table(document, _EACH, [_("When"), _("Person"), _("Application"), _("What")], _each(wanted))
    return bytes(document.output())


def _each(wanted: Wanted) -> Iterator[Sequence[object]]:
    columns = ("at", "person_name", "person", "application_name", "operation")
    for at, name, person, application, operation in islice(wanted.in_parts(columns), LISTED):
        yield [_moment(at, seconds=True), name or person, application, words.operation(operation)]


def _document(title: str) -> FPDF:
    document = FPDF(format="A4")
    document.set_title(title)
    document.set_lang(get_language() or "en")
    document.add_font("DejaVu", fname=FONT)
    document.set_font("DejaVu", size=10)
    document.set_margin(10)
    document.set_auto_page_break(True, margin=15)
    document.add_page()
    return document


def _paragraph(document: FPDF, text: str, size: int = 10) -> None:
    document.set_font("DejaVu", size=size)
    document.multi_cell(0, text=_plain(text), new_x="LMARGIN", new_y="NEXT")
    document.ln(3)


def _table(document: FPDF, widths: tuple[int, ...], heading: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    document.set_font("DejaVu", size=8)
    with document.table(
        col_widths=widths, text_align="LEFT", borders_layout="HORIZONTAL_LINES", headings_style=HEADING
    ) as table:
        for cells in (heading, *rows):
            row = table.row()
            for value in cells:
                row.cell(_plain(str(value)))
    document.ln(5)


def _plain(text: str) -> str:
    """Words as the font has them; the rest of the world's scripts becomes a mark, and the table (CSV) has them."""
    return "".join(
        character if character.isprintable() and ord(character) < 0x10000 else "\ufffd" for character in text
    )


def _day(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, timezone.get_current_timezone()).strftime("%d/%m/%Y")


def _moment(at_ms: int, *, seconds: bool = False) -> str:
    form = "%d/%m/%Y %H:%M:%S" if seconds else "%d/%m/%Y %H:%M"
    return dt.datetime.fromtimestamp(at_ms // 1000, timezone.get_current_timezone()).strftime(form)
