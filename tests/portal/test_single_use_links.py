"""Addresses that open something once: no log holds one, and none can be added without somebody having thought of it."""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support import source
from varco.ops import logs
from varco.protocol.credentials import SINGLE_USE_LINKS

OPENS_NOTHING = {
    "handle": "an authorization that goes on in the browser it began in alone",
    "form": "the end of the name of a picture",
    "request_id": "of a refused request, for those who may read it anyway",
    "client_id": "public",
    "tenant_id": "public",
    "team_id": "of a team, for those who belong to it; told to whoever hands an application over",
    "subject": "the id of a person, for those who may see them anyway",
    "role": "public",
    "alg": "public",
    "kind": "public",
    "key": "which of the users of a sandbox",
    "code": "an error code, which is public",
    "digest": "of a logo, which is public",
    "name": "a page, a picture or a file of the documentation, which is public",
}
"""Parts of addresses by the name of their parameter. Numbers of rows open nothing either: whoever asks must be signed in."""

SAMPLE = "Nobody-Reads-This_1x"
PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>(?:[^()\\]|\\.)*\)")


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern).removeprefix("^").removesuffix("$").replace("\\Z", "")
        if isinstance(entry, URLPattern):
            yield here
        else:
            yield from addresses(entry, here)


WITH_PARTS = [address for address in addresses(get_resolver()) if PARAMETER.search(address)]


@pytest.mark.parametrize("address", WITH_PARTS)
def test_a_part_of_an_address_opens_nothing_or_is_redacted(address: str) -> None:
    for found in PARAMETER.finditer(address):
        if found["converter"] == "int" or (found["name"] or found["group"]) in OPENS_NOTHING:
            continue
        path = PARAMETER.sub("3", address[: found.start()]) + SAMPLE + PARAMETER.sub("3", address[found.end() :])
        assert SAMPLE not in logs.redact(f"GET {path} 404"), (
            f"{address}: add it to SINGLE_USE_LINKS and to the logs of docs/deploy, or say here that it opens nothing"
        )


def test_the_walk_meets_the_links_that_are_known() -> None:
    assert {link for link in SINGLE_USE_LINKS for address in WITH_PARTS if address.startswith(link)} == {
        *SINGLE_USE_LINKS
    }
    assert all("(" not in PARAMETER.sub("", address) for address in WITH_PARTS)


@pytest.mark.parametrize("name", ["nginx.conf", "haproxy.cfg", "Caddyfile"])
def test_the_proxies_know_the_same_links(name: str) -> None:
    text = source.read(f"docs/deploy/{name}")
    for link in SINGLE_USE_LINKS:
        assert link.removeprefix("/account/").strip("/") in text
