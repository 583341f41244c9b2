"""What nobody types: every form and every search of the portal, filled with what breaks programs, is answered with a page."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve
from django.utils.http import urlencode

from tests.portal.test_every_address import ALL, address_of
from tests.support import portal_world
from tests.support.html import parse
from tests.support.portal_rows import ROWS
from tests.support.portal_world import Viewpoint, viewpoints

pytestmark = pytest.mark.django_db

HOSTILE = ("\0", "9" * 40, "²", "x" * 5000 + "\r\nBcc: all@example.org", "0001-01-01", "9999-12-31")
"""A NUL, a number beyond every column, a digit that is none, too much and a second header, the first and the last day there are."""
RAW = b"%ff=%fe&%00=%00&text=%ed%a0%80" + b"&=&;=" * 300


def whoever_sees(view: Viewpoint, name: str) -> Client | None:
    row = ROWS[name]
    parts = [part for part in portal_world.PARTS if row.status(part) == 200]
    return view.browsers[parts[-1]] if parts else None


def names_of(content: bytes) -> tuple[set[str], set[str]]:
    """The fields of forms that are sent by POST and by GET."""
    page = parse(content)
    found: tuple[set[str], set[str]] = (set(), set())
    for form in page.select("form"):
        into = found[0 if form.get("method").lower() == "post" else 1]
        into.update(each["name"] for each in form.select("[name]") if each.get("name") != "csrfmiddlewaretoken")
    return found


def attempts(view: Viewpoint, name: str) -> Iterator[str]:
    browser, address = whoever_sees(view, name), address_of(view, name, ROWS[name])
    if browser is None:
        return
    browser.raise_request_exception = False
    methods = getattr(resolve(address.partition("?")[0]).func, "methods", ("GET", "POST"))
    opened = browser.get(address)
    sent, asked = names_of(opened.content) if not opened.streaming else (set(), set())
    asked |= {"page", "next", "before", "token", "words", "state"}
    status = browser.get(f"{address}{'&' if '?' in address else '?'}{urlencode(hostile(asked))}").status_code
    yield from [f"{name}: {status}"] if status >= 500 else []
    if "POST" in methods:
        yield from tried(browser, name, address, hostile(sent))
        yield from tried(browser, name, address, RAW, content_type="multipart/form-data; boundary=x")


def hostile(names: set[str]) -> dict[str, str]:
    """A value for each field; each gets others on other pages."""
    return {name: HOSTILE[(number + len(names)) % len(HOSTILE)] for number, name in enumerate(sorted(names))}


def tried(browser: Client, name: str, address: str, data: Any, **more: Any) -> Iterator[str]:
    """Send it, and take back what it has done."""
    with transaction.atomic():
        status = browser.post(address, data, **more).status_code
        transaction.set_rollback(True)
    if status >= 500:
        yield f"POST {name} {data!r:.60} {more}: {status}"


def test_whatever_is_sent_is_answered(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        portal_world, "signed_in_before", lambda browser: browser
    )  # so that nothing asks for a proof first
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    here, _there = viewpoints()
    areas = ("clinic:", "tickets:", "support:", "records:", "incident:", "administration:", "account:")
    names = [name for _, name, _ in ALL if name.startswith(areas) and name != "account:sign_out_everywhere"]
    assert len(names) > 60
    found = [fault for name in names for fault in attempts(here, name)]
    assert not found, "\n".join(found)
