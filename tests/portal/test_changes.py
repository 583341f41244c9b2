"""The changelog of the API: a page, and feeds that hold to their formats, in both languages, with addresses of this installation."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import deprecations as declared
from tests.support.html import Element, parse
from varco import catalog
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.changes.models import DeprecationNotice
from varco.registry.models import Application

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
ATOM = "{http://www.w3.org/2005/Atom}"
PAGE = "https://login.clinic.example/docs/changes/"


@pytest.fixture(autouse=True)
def _of_a_vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """A vendor that deprecates two operations, at an address of its own."""
    path = declared.catalogue(tmp_path, declared.LIST_PATIENTS, declared.USERINFO)
    monkeypatch.setenv("VARCO_CATALOG", path)
    settings.VARCO = replace(settings.VARCO, catalog=path, issuer="https://login.clinic.example")
    catalog.current.cache_clear()
    yield
    catalog.current.cache_clear()
    catalog.load.cache_clear()


def got(address: str, **headers: str) -> Any:
    answer = Client().get(f"/docs/changes/{address}", headers={"Host": "evil.example", **headers})
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content
    return answer


def article(language: str = "en") -> Element:
    page = parse(got("", **{"Accept-Language": language}).content)
    assert page.one(f"#{declared.CHANGE}").name == "article"
    return page.one(f"#{declared.CHANGE}")


def test_the_page_tells_what_is_deprecated_since_when_and_until_when() -> None:
    entry = article()
    assert entry.one("h2").get_text() == declared.TITLE
    for part in (
        "Deprecated",
        "30 November 2026",
        "Use the newer <list> & pages.",
        f"{declared.USERINFO}: deprecated since 1 December 2026; it may cease to answer on 1 December 2027.",
    ):
        assert part in entry.get_text()
    italian = article("it").get_text()
    for part in ("L'elenco dei pazienti cambierà", "30 novembre 2026", "deprecata dal 1 dicembre 2026"):
        assert part in italian


def test_the_newest_stands_first_and_the_product_s_own_beside_the_vendor_s() -> None:
    page = parse(got("").content)
    dates = [each["datetime"] for each in page.select("article time")]
    assert dates == sorted(dates, reverse=True)
    ids = [each["id"] for each in page.select("article")]
    assert ids[0] == declared.CHANGE
    assert "version-2" in ids


def test_every_page_leads_to_it_and_it_leads_to_its_feeds() -> None:
    footer = parse(Client().get("/help/unsupported").content).one("footer")
    assert "/docs/changes/" in [link["href"] for link in footer.select("a")]
    page = parse(got("", **{"Accept-Language": "it"}).content)
    feeds = {link["type"]: link["href"] for link in page.select("head link[rel=alternate]")}
    assert feeds == {
        "application/atom+xml": f"{PAGE}atom.xml?language=it",
        "application/feed+json": f"{PAGE}feed.json?language=it",
    }


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_atom_feed_has_what_rfc_4287_demands(language: str) -> None:
    # The language is that of the address, whatever the reader's program says of its user's.
    answer = got(f"atom.xml?language={language}", **{"Accept-Language": "it" if language == "en" else "en"})
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert "public" in answer["Cache-Control"]
    feed = ET.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    own = f"{PAGE}atom.xml" + ("?language=it" if language == "it" else "")
    assert links == {"self": own, "alternate": PAGE}
    entries = feed.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries) == len(catalog.current().changes)
    assert all(entry.findtext(f"{ATOM}updated") for entry in entries)
    first = entries[0]
    assert first.findtext(f"{ATOM}title") == (declared.TITLE if language == "en" else "L'elenco dei pazienti cambierà")
    assert first.findtext(f"{ATOM}updated") == "2026-11-30T00:00:00+00:00"
    summary = first.find(f"{ATOM}summary")
    assert summary is not None
    assert summary.get("type") == "html"
    assert "&lt;" in (summary.text or "")  # escaped once more: it is HTML, in which a text stands
    assert declared.USERINFO in (summary.text or "")


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_json_feed_has_what_its_format_demands(language: str) -> None:
    answer = got(f"feed.json?language={language}")
    assert answer["Content-Type"].startswith("application/feed+json")
    feed = json.loads(answer.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["language"], feed["home_page_url"]) == (language, PAGE)
    assert feed["feed_url"].startswith(f"{PAGE}feed.json")
    assert feed["title"]
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])
    first = feed["items"][0]
    assert first["url"] == first["id"] == f"{PAGE}#{declared.CHANGE}"
    assert first["date_published"] == "2026-11-30T00:00:00+00:00"
    assert first["tags"] == ["Deprecated" if language == "en" else "Deprecazione"]
    ending = "may cease to answer on 1 December 2027" if language == "en" else "dal 1 dicembre 2027 può smettere"
    assert ending in first["content_text"]


@pytest.mark.parametrize("asked", ["", "?language=", "?language=xx", "?language=it-IT"])
def test_a_language_that_there_is_not_is_english(asked: str) -> None:
    assert json.loads(got(f"feed.json{asked}").content)["language"] == "en"


def test_the_page_of_an_application_tells_which_of_them_it_uses(
    application: Application, davide: User, as_user: AsUser
) -> None:
    browser, address = as_user(davide), f"/developer/applications/{application.pk}/"
    assert "deprecated" not in parse(browser.get(address).content).get_text()
    told = (
        (declared.USERINFO, declared.CHANGE),
        (declared.LIST_PATIENTS, "another"),
        (declared.AGENDAS, declared.CHANGE),
    )
    for operation, change in told:
        DeprecationNotice.objects.create(application=application, operation=operation, change=change, told_at=1)
    record(Tag.APPLICATION_DEPRECATION_TOLD, Origin(), application=application, change=declared.CHANGE)
    page = parse(browser.get(address).content)
    callout = page.one(".callout:has(code)")
    assert [code.get_text() for code in callout.select("code")] == [declared.USERINFO]
    assert callout.one("a")["href"] == f"/docs/changes/#{declared.CHANGE}"
    assert "1 December 2027" in callout.get_text()
    assert "Told of deprecated operations" in page.one("#timeline").get_text()
