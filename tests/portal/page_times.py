"""What each page costs where everything is there ten thousand times (200 of what one application has): `make bench`; not among the tests, which assert no times.

Prints milliseconds of wall clock, the median of some, for the pages that cost most: Django's client, the view, its statements.
"""

import statistics
import time
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse

from tests.portal.test_growth import ELSEWHERE, readers
from tests.support import crowd
from tests.support.portal_rows import ROWS
from tests.support.portal_world import viewpoints

pytestmark = pytest.mark.django_db
ROWS_OF_EACH, OF_ONE, TURNS, SHOWN, AIM = 10_000, 200, 5, 12, 50.0


def test_pages_among_ten_thousand_of_everything(engine: str) -> None:
    view = viewpoints()[0]
    crowd.grow(view.side, ROWS_OF_EACH, of_one=OF_ONE)  # more clinics than that are not taken
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found: list[tuple[float, str]] = []
    for name, row in ROWS.items():
        if name in ELSEWHERE:
            continue
        query = f"?{urlencode(row.query)}" if row.query else ""
        address = reverse(name, kwargs=row.arguments(view.side)) + query
        for part in readers(name):
            took = []
            for _ in range(TURNS):
                began = time.perf_counter()
                view.browsers[part].get(address)
                took.append((time.perf_counter() - began) * 1000)
            found.append((statistics.median(took), f"{address} ({part})"))
    found.sort(reverse=True)
    print(f"\n| page, {engine} | ms |\n|---|---|")
    for milliseconds, page in found[:SHOWN]:
        print(f"| {page} | {milliseconds:.1f} |")
    above = sum(milliseconds > AIM for milliseconds, _ in found)
    print(
        f"{len(found)} pages, {above} of more than {AIM:g} ms; median {statistics.median(took for took, _ in found):.1f} ms"
    )
