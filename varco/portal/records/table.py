"""Tables for other programs: CSV (RFC 4180), written while it is read, in which no cell is a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from django.http import StreamingHttpResponse

# What makes a spreadsheet count, in the wide letters too that some take for the same; at the beginning, and after what another
# program takes for the end of a cell: where commas stand in numbers, as in Italy, it is the semicolon, and quotes are no wall then.
_FORMULA = re.compile(r"(?:^|[;\t\r\n])(?=[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])")
_LINES = 200  # that are sent at once


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """What was written."""
        return text


def cell(value: object) -> str:
    """A value as text that a spreadsheet takes for text, whatever somebody called themselves (OWASP, CSV injection)."""
    return _FORMULA.sub(r"\g<0>'", str(value))


def moment(at_ms: int) -> str:
    """A moment in UTC, for programs."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def lines(heading: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The file in parts; it begins with the mark by which spreadsheets know that it is UTF-8."""
    writer = csv.writer(_Echo())
    part = ["\ufeff", str(writer.writerow([cell(value) for value in heading]))]
    for row in rows:
        part.append(str(writer.writerow([cell(value) for value in row])))
        if len(part) >= _LINES:
            yield "".join(part).encode()
            part = []
    yield "".join(part).encode()


def answer(name: str, heading: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A download of that name."""
    response = StreamingHttpResponse(lines(heading, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
