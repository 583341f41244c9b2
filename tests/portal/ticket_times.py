"""What lists and searches cost among 50,000 tickets: `make bench`; not among the tests, which assert no times.

Prints milliseconds of wall clock, the median of some: Django's client, the view, its statements.
"""

import statistics
import time
from urllib.parse import urlencode

import pytest
from django.db import connection

from bench import tickets
from tests.support import people
from tests.support.authorization_pages import signed_in
from varco.tenants.models import Tenant

pytestmark = pytest.mark.django_db
SIZE, TURNS = 50_000, 9
SEARCHES: tuple[dict[str, str], ...] = (
    {},
    {"state": "all"},
    {"state": "all", "page": "300"},
    {"state": "closed", "kind": "sandbox"},
    {"state": "all", "assignee": "me"},
    {"state": "all", "assignee": "nobody"},
    {"state": "all", "words": "ada"},
    {"state": "all", "words": "telephone"},
    {"state": "all", "words": "te pa th"},
    {"state": "all", "words": "t"},
    {"state": "all", "words": "ref4711"},
    {"state": "all", "words": "carla77 company77"},
    {"state": "all", "words": "10000"},
    {"state": "closed", "words": "invoices", "kind": "question"},
    {"words": "telephone"},
)


def test_lists_and_searches_among_fifty_thousand_tickets(engine: str) -> None:
    sara, olga, marta, silvia = people.sara(), people.olga(), people.marta(), people.silvia()
    others = [people.person("Pia", f"Person{number}") for number in range(40)]
    clinics = [people.tenant("Aurora")] + [
        Tenant.objects.create(name=f"Clinic {number}", kind="production", database="clinic") for number in range(200)
    ]
    tickets.seed(SIZE, [marta, silvia, *others], clinics, [sara, olga])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    desk = signed_in(sara)
    pages = [(desk, f"/support/?{urlencode(query)}") for query in SEARCHES]
    for browser in (signed_in(marta), signed_in(silvia)):
        pages += [(browser, "/tickets/"), (browser, "/tickets/?words=telephone"), (browser, "/tickets/?words=zzz")]
    print(f"\n| list of tickets, {engine} | ms |\n|---|---|")
    for browser, address in pages:
        took = []
        for _ in range(TURNS):
            began = time.perf_counter()
            assert browser.get(address).status_code == 200
            took.append((time.perf_counter() - began) * 1000)
        print(f"| {address} | {statistics.median(took):.1f} |")
