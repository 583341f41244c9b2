"""Every address of the portal, opened by everybody, with the objects of either clinic and either developer.

A new address has to get its row in `tests/support/portal_rows.py`; without one, or with another status than the row says,
this fails. Whatever page comes is whole, and Enter decides nothing on it.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.http import urlencode

from tests.conftest import FrozenClock
from tests.support.client_response import ClientResponse
from tests.support.portal_rows import CONFIRM, ON, ROWS, SIGN_IN, Row, Status
from tests.support.portal_world import MIRRORED, PARTS, Viewpoint, viewpoints
from tests.support.whole_page import faults_of_forms, faults_of_page
from varco import clock
from varco.accounts.models import FailedAttempt
from varco.portal.common.page import Page

pytestmark = pytest.mark.django_db


def patterns(
    resolver: URLResolver | None = None, path: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Each pattern with its whole path and its name."""
    for item in (resolver or get_resolver()).url_patterns:
        here = path + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from patterns(item, here, f"{namespace}{item.namespace}:" if item.namespace else namespace)
        else:
            yield here, namespace + (item.name or ""), item


ALL = list(patterns())
# Following a link that confirms somebody else's address signs out, says django-allauth: nobody has anything to open after it.
LAST = "account_confirm_email"


@pytest.mark.either_engine
def test_every_pattern_has_a_row_and_every_row_a_pattern() -> None:
    assert {name for _, name, _ in ALL} == set(ROWS)


@pytest.mark.either_engine
def test_every_view_of_ours_is_declared_with_its_role_and_methods() -> None:
    bare = [
        path
        for path, _, pattern in ALL
        if not isinstance(pattern.callback, Page) and not pattern.callback.__module__.startswith("allauth.")
    ]
    assert bare == []


def status_of(response: ClientResponse) -> Status:
    if response.status_code not in {302, 303}:
        return response.status_code
    to = response["Location"]
    return SIGN_IN if to.startswith("/account/login/") else CONFIRM if to.startswith("/account/reauthenticate/") else ON


def trouble(browser: Client, address: str, expected: Status, *, thorough: bool, nearby: bool) -> list[str]:
    """What is not as it should be at one address for one person.

    `thorough` looks at the forms, at HEAD and at what a POST is answered as well; `nearby` is somebody with the same part
    in another place, to whom nothing of this one may be open, whatever is sent.
    """
    opened = browser.get(address)
    found = [] if status_of(opened) == expected else [f"{status_of(opened)} instead of {expected}"]
    # What may stand in a frame of ours (a mail in the demo's mailbox) is a part of a page.
    whole = opened.headers.get("X-Frame-Options") == "DENY" and not opened.has_header("Location")
    if opened.headers.get("Content-Type", "").startswith("text/html") and whole:
        found += faults_of_page(opened) + (faults_of_forms(opened) if thorough else [])
    if thorough and expected == 200 and (head := browser.head(address)).status_code != 200:
        found.append(f"HEAD is answered {head.status_code}")
    if expected in {404, SIGN_IN} and (thorough or nearby):
        # 405 of a page that only shows: the same for every number, so it tells nothing.
        sent = browser.post(address, {"decision": "approve", "text": "x", "label": "x"})
        refused = sent.status_code in ({404, 405} if expected == 404 else {403, 405}) or status_of(sent) == SIGN_IN
        found += [] if refused else [f"a form is answered {sent.status_code} {sent.get('Location', '')}".rstrip()]
    return found


def address_of(view: Viewpoint, name: str, row: Row) -> str:
    return reverse(name, kwargs=row.arguments(view.side)) + (f"?{urlencode(row.query)}" if row.query else "")


def walked(view: Viewpoint, name: str, row: Row, parts: Iterable[str], *, thoroughly: bool) -> Iterator[str]:
    """What is wrong at an address; `thoroughly` looks closer at the first answer of each status."""
    address = address_of(view, name, row)
    seen: set[Status] = set()
    FailedAttempt.objects.all().delete()  # how often one may come is not the question here
    for part in parts:
        expected = row.status(part)
        nearby, first = part.startswith("other "), thoroughly and expected not in seen
        for fault in trouble(view.browsers[part], address, expected, thorough=first, nearby=nearby):
            yield f"{name}, {part} of {view.side.name}: {fault}"
        seen.add(expected)


def concerned(row: Row) -> list[str]:
    """Whom a row names, and their like at the other side; of a row that names nobody, one person."""
    return [part for part in PARTS if part in row.by or part.removeprefix("other ") in row.by] or ["doctor"]


def everybody(row: Row) -> list[str]:
    """The cast of one side, whoever belongs to none, and of the other side the like of those whom the row names.

    To the rest of that side an object is as foreign as to their like here, to whom it is closed already.
    """
    return [part for part in PARTS if not part.startswith("other ") or part in concerned(row)]


@pytest.fixture
def _no_time_passes() -> Iterator[None]:
    """However slow the machine, a sign-in gets no older while everybody walks: after some minutes more is asked of it."""
    before = clock.install(FrozenClock(time.time_ns() // 1_000_000))
    yield
    clock.install(before)


@pytest.mark.usefixtures("_no_time_passes")
def test_everybody_gets_what_the_row_says_and_whole_pages(settings: Any) -> None:
    """Everybody opens what is one side's; what is the other side's, those whom its row names and their like."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}  # counts no visits
    here, there = viewpoints()
    found: list[str] = []
    for name in sorted(dict.fromkeys(name for _, name, _ in ALL), key=LAST.__eq__):
        row = ROWS[name]
        if address_of(there, name, row) != address_of(here, name, row):
            found += walked(here, name, row, everybody(row), thoroughly=True)
            found += walked(there, name, row, concerned(row), thoroughly=False)
        else:
            # Without an object of a side everybody sees of their own what their like sees over there.
            assert {row.status(part) == row.status(f"other {part}") for part in MIRRORED} == {True}, name
            found += walked(here, name, row, [part for part in PARTS if not part.startswith("other ")], thoroughly=True)
    assert found == []
