"""Every link that somebody sees leads somewhere: a walk over the whole portal, as each person of the demo (S37)."""

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest

from tests.support.demo_world import World
from tests.support.http_person import Page, Person, origin

WHO = ["operator", "support", "developer", "manager_aurora", "doctor_aurora", "secretary_aurora", "sandbox_doctor"]
# The mailbox holds everybody's mail, with links for them alone; signing out would end the walk; the links of the documentation
# are the same for everybody, and tests/portal/test_documentation.py follows them.
LEFT_OUT = ("/demo/mailbox/", "/account/logout/", "/docs/")
# Where no link leads, but a form, a mail or a device does.
STARTS = (
    "/", "/help/unsupported", "/device", "/demo/mailbox/", "/account/password/reset/", "/account/password/reset/done/",
    "/account/password/reset/key/done/", "/account/confirm-email/",
)  # fmt: skip
MANY = 600  # pages, which the demo stays far under


LEADING = {"a": "href", "link": "href", "script": "src", "img": "src", "use": "href"}


def links(page: Page) -> Iterator[str]:
    """Addresses of this server that the page names; as `#…`, anchors that it does not have, and links without an address."""
    read = page.soup
    anchors = {element["id"] for element in read.select("[id]")}
    for element in read.select(", ".join(f"{tag}[{name}]" for tag, name in LEADING.items())):
        named = element[LEADING[element.name]]
        address = urljoin(page.url, named)
        here, _, anchor = address.partition("#")
        if not named:
            yield f"#nowhere, {element}"
        elif here == page.url:
            if anchor and anchor not in anchors:
                yield f"#{anchor}"
        elif origin(address) == origin(page.url) and not urlsplit(here).path.startswith(LEFT_OUT):
            yield here


@pytest.mark.parametrize("who", ["", *WHO])
def test_no_link_is_dead(world: World, who: str) -> None:
    somebody = world.person(who) if who else Person(world.issuer)
    with somebody:
        if who:
            somebody.sign_in()
        waiting, seen, dead = list(STARTS), set[str](), list[str]()
        while waiting:
            address = urljoin(world.issuer, waiting.pop())
            if address in seen:
                continue
            seen.add(address)
            page = somebody.open(address)
            if page.status >= 400:
                dead.append(f"{address}: {page.status}")
            if "text/html" in page.headers.get("content-type", ""):
                found = list(links(page))
                dead += [f"{address}: {link}" for link in found if link.startswith("#")]
                waiting += [link for link in found if not link.startswith("#")]
            assert len(seen) < MANY
        assert dead == []
        assert len(seen) > (20 if who else 5)
