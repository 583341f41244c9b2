"""The documentation in the product: every page and link of it, the search, error codes, samples with the reader's own values, and where errors lead."""

import re

import pytest
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.html import Element, parse
from varco.documentation import errors, pages, searching
from varco.documentation.searching import search

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]


def opened(address: str, browser: Client | None = None) -> Element:
    answer = (browser or Client()).get(address)
    assert answer.status_code == 200, address
    return parse(answer.content)


def test_every_page_is_served_and_none_of_its_links_is_dead() -> None:
    browser, looked_at = Client(), set[str]()
    for name in pages.names():
        page = opened(pages.address(name), browser)
        ids = {each["id"] for each in page.select("[id]")}
        for link in page.select("article a[href], article img[src]"):
            target = str(link.get("href") or link.get("src"))
            if target.startswith("#"):
                assert target[1:] in ids, f"{name} → {target}"
            if not target.startswith("/") or (target := target.partition("#")[0]) in looked_at:
                continue
            looked_at.add(target)
            assert browser.get(target).status_code in {200, 302}, f"{name} → {target}"
    assert len(pages.names()) > 80
    assert any("pictures" in target for target in looked_at)


def test_links_to_a_heading_find_it() -> None:
    anchors = {
        name: set(re.findall(r'id="([^"]+)"', page.html)) for name in pages.names() if (page := pages.document(name))
    }
    for name in pages.names():
        page = pages.document(name)
        assert page
        for target, anchor in re.findall(r'href="/docs/([^"#]+)/#([^"]+)"', page.html):
            assert anchor in anchors[target], f"{name} → {target}#{anchor}"


@pytest.mark.parametrize(
    "name", ["nothing", "../ARCHITECTURE", "api/../../README", "API", "pictures/x", "index.md", "%2e%2e/x"]
)
def test_what_is_no_page_is_not_there(name: str) -> None:
    for address in (
        f"/docs/{name}/",
        f"/docs/{name}.md",
        f"/docs/files/{name}",
        f"/docs/pictures/{name}",
        f"/docs/errors/{name}/",
    ):
        assert Client().get(address, follow=True).status_code == 404, address


def kept() -> int:
    """How much all of the documentation's caches hold."""
    found = [value for module in (pages, searching, errors) for value in vars(module).values()]
    return sum(value.cache_info().currsize for value in found if hasattr(value, "cache_info"))


def test_what_anybody_asks_for_besides_is_not_kept() -> None:
    """Or strangers could fill the memory with names that are no pages."""
    opened("/docs/api/")
    before = kept()
    assert before
    for number in range(20):
        for address in (
            f"/docs/x{number}/",
            f"/docs/files/x{number}",
            f"/docs/pictures/x{number}",
            f"/docs/errors/x{number}/",
        ):
            assert Client().get(address).status_code == 404
    assert kept() - before <= 1  # what each code means, which was asked for the first time


def test_the_index_lists_pages_by_their_readers() -> None:
    page = opened("/docs/")
    assert "For those who write an application" in [each.get_text() for each in page.select("h2")]
    assert page.select_one('a[href="/docs/signing-in/"]')


def test_a_search_finds_sections_whatever_the_order_of_its_words() -> None:
    found = search("slash redirect END")
    assert found
    assert "/docs/signing-in/" in found[0].section.path
    assert search("zzzqqq") == search("!?") == search("") == []
    page = opened("/docs/?words=slash+redirect+end")
    assert page.select_one('a[href^="/docs/signing-in/"]')
    assert "Try fewer" in opened("/docs/?words=zzzqqq").get_text()
    opened(f"/docs/?words={'x%00' * 500}")


def test_each_error_code_has_a_page_and_says_what_it_means() -> None:
    for code in errors.meanings():
        assert opened(f"/docs/errors/{code}/").one("h1").get_text().strip() == code
    text = opened("/docs/errors/invalid_grant/").get_text()
    assert "redirect URI, PKCE verifier" in text
    assert "400" in text


def test_samples_have_the_addresses_of_the_installation_and_the_readers_own_application(as_user: AsUser) -> None:
    anybody = opened("/docs/signing-in/").one("article").get_text()
    assert "YOUR_CLIENT_ID" in anybody
    assert "login.example.org" not in anybody
    davide, other = people.davide(), people.person("Bea", "Boxes")
    first, second = people.application(davide), people.application(davide, name="Another")
    foreign = people.application(other, name="Of somebody else")
    browser = as_user(davide)
    shown = opened(f"/docs/signing-in/?client_id={second.client_id}", browser).one("article").get_text()
    assert second.client_id in shown
    assert "YOUR_CLIENT_ID" not in shown
    other_names = opened("/docs/logout/", browser).one("article").get_text()
    assert 'aud={"value": CLIENT_ID}' in other_names  # a name in a program, which nobody fills in
    shown = opened(f"/docs/signing-in/?client_id={foreign.client_id}", browser).get_text()
    assert foreign.client_id not in shown
    assert first.client_id in shown or second.client_id in shown


def test_the_page_as_markdown_is_what_its_author_wrote() -> None:
    answer = Client().get("/docs/signing-in.md")
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.content.decode().startswith("# Signing people in")
