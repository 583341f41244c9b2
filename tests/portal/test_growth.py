"""No page grows with the data: as many statements for many rows as for few, and no longer a page for twice as many.

Walks every address that answers somebody with a page, so a new list is held to it as soon as it has its row in
`tests/support/portal_rows.py` and its rows in `tests/support/crowd.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from tests.support import crowd
from tests.support.portal_rows import ROWS
from tests.support.portal_world import Viewpoint, viewpoints

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
MANY = 55
"""More than any page shows."""
LARGEST = 47_000
"""Bytes of any page: with styles, script and icons it stays under 60 kB on the first visit."""
STATEMENTS = {
    "staff:review": 24,
    "developer:client": 27,
    "staff:all": 8,
    "staff:queue": 7,
    "developer:list": 7,
    "developer:step": 14,
}
MOST_STATEMENTS = 26
"""Of the pages that take most, and of any other one, session and account included. They may fall."""
SLACK = 400
"""Bytes: numbers are longer, and a page has a way to the next one."""


@dataclass(frozen=True)
class Measured:
    statements: int
    size: int


PEOPLE = ("doctor", "manager", "developer", "operator")
"""Whose lists grow."""
ELSEWHERE = {
    "account_confirm_email", "device_qr", "documentation:picture", "records:export", "records:answer_csv", "records:answer_pdf", "records:evidence_export",
}  # fmt: skip
"""Signs out whoever opens it; images; files that hold everything."""


def readers(name: str) -> list[str]:
    """Who opens a page: the first of the cast to whom it is open, everybody where it is another page for each."""
    parts = [part for part in (*PEOPLE, "anonymous", "other doctor") if ROWS[name].status(part) == 200]
    return parts[:4] if name == "home" else parts[:1]


def measured(view: Viewpoint, only: Collection[tuple[str, str]] = ()) -> dict[tuple[str, str], Measured]:
    """Every page as its readers see it, or `only` some of them."""
    found = {}
    for page in only or [(name, part) for name in ROWS if name not in ELSEWHERE for part in readers(name)]:
        name, part = page
        row = ROWS[name]
        address = reverse(name, kwargs=row.arguments(view.side)) + (f"?{urlencode(row.query)}" if row.query else "")
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            response = view.browsers[part].get(address)
        assert response.status_code == 200, name
        found[page] = Measured(len(captured), len(response.content))
    return found


def test_no_page_takes_more_statements_or_grows_with_the_data() -> None:
    view = viewpoints()[0]
    crowd.grow(view.side, 4)  # one in each state
    for part in PEOPLE:
        view.browsers[part].get("/")  # what is noted once in a while is noted
    few = measured(view)
    crowd.grow(view.side, MANY)
    many = measured(view)
    assert len(few) > 50
    assert {page: (few[page].statements, many[page].statements) for page in few
            if few[page].statements != many[page].statements} == {}  # fmt: skip
    assert {page: measure.statements for page, measure in many.items()
            if measure.statements > STATEMENTS.get(page[0], MOST_STATEMENTS)} == {}  # fmt: skip
    assert {page: measure.size for page, measure in many.items() if measure.size > LARGEST} == {}
    longer = [page for page in few if many[page].size > few[page].size + SLACK]
    assert len(longer) > 5
    crowd.grow(view.side, MANY)
    assert {page: (many[page].size, measure.size) for page, measure in measured(view, longer).items()
            if measure.size > many[page].size + SLACK} == {}  # fmt: skip
