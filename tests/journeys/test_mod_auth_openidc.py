"""Debian's libapache2-mod-auth-openidc: an application behind Apache that itself knows nothing of OpenID."""

import json
import time
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.journeys.test_client_libraries import assert_is_luca
from tests.support.apache import Apache
from tests.support.demo_world import Places, World
from tests.support.http_person import Page, Person


@pytest.fixture(scope="module")
def world(secure_world: World) -> World:
    """Behind TLS: the module speaks of introspection to nobody else."""
    return secure_world


@pytest.fixture(scope="module")
def apache(world: World, places: Places) -> Iterator[Apache]:
    server = Apache(world, "web_legacy", places.apache).start()
    yield server
    server.stop()


@pytest.fixture
def luca(world: World, apache: Apache) -> Iterator[Person]:
    with world.person("manager_levante") as luca:
        luca.origins.add(apache.origin)
        yield luca


def shown(page: Page) -> dict[str, str]:
    """What Apache told the application of its person."""
    assert page.heading == "Staff", page.text
    return {str(line["id"]): line.get_text() for line in page.soup.select("p[id]")}


def signed_in(luca: Person, apache: Apache, *, refuse: Collection[str] = ()) -> dict[str, str]:
    return shown(luca.press(luca.sign_in(luca.open(f"{apache.origin}/staff/")), "accept.*", without=refuse))


def callback(apache: Apache, **asked: str) -> str:
    """The module's own address, which answers more than callbacks."""
    return f"{apache.origin}/staff/callback?{urlencode(asked)}"


def status(address: str, token: str, **transport: Any) -> int:
    return httpx.get(address, headers={"Authorization": f"Bearer {token}"}, **transport).status_code


def test_an_application_behind_apache_signs_in_refreshes_and_signs_out(
    world: World, apache: Apache, luca: Person
) -> None:
    staff, userinfo = f"{apache.origin}/staff/", f"{world.api}/v2/userinfo"
    asked = parse_qs(urlsplit(luca.http.get(staff).headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    told = signed_in(luca, apache)
    assert told["REMOTE_USER"] == told["OIDC_CLAIM_email"] == "luca@levante.example"
    assert told["OIDC_CLAIM_sub"].startswith("user-")
    assert_is_luca(json.loads(told["OIDC_userinfo_json"]), world)
    first = told["OIDC_access_token"]
    assert status(userinfo, first, **world.transport) == 200
    refreshed = shown(luca.open(callback(apache, refresh=staff, access_token=first)))
    second = refreshed["OIDC_access_token"]
    assert second != first
    assert refreshed | {"OIDC_access_token": first} == told
    assert status(userinfo, second, **world.transport) == 200
    assert luca.open(callback(apache, logout=f"{apache.origin}/bye/")).heading == "Goodbye"
    assert status(userinfo, second, **world.transport) == 401  # it revokes what it had
    assert luca.open(staff).soup.select("input[type=password]")  # and of Varco he is signed out as well


def test_an_application_behind_apache_is_told_when_its_person_leaves(apache: Apache, luca: Person) -> None:
    """Back-channel logout, as the module understands it: what Varco ends is over at Apache too."""
    staff = f"{apache.origin}/staff/"
    signed_in(luca, apache)
    assert luca.open(staff).heading == "Staff"
    luca.press(luca.open("/account/logout/"), "sign out")
    deadline = time.monotonic() + 30
    while (page := luca.open(staff)).heading == "Staff":
        assert time.monotonic() < deadline, apache.log()
        time.sleep(0.1)
    assert page.soup.select("input[type=password]")


def test_who_refuses_an_application_behind_apache_stays_outside(apache: Apache, luca: Person) -> None:
    """The module takes any answer with `iss` but without a code for a sign-in that another site started, and refuses it
    with an error of its own; the `iss` belongs there (RFC 9207 §2)."""
    page = luca.press(luca.sign_in(luca.open(f"{apache.origin}/staff/")), "refuse.*")
    assert page.url.startswith(f"{callback(apache)}error=access_denied")
    assert page.heading != "Staff"
    assert luca.open(f"{apache.origin}/staff/").heading != "Staff"


def test_an_api_behind_apache_introspects_the_tokens_it_is_brought(world: World, apache: Apache, luca: Person) -> None:
    api, leave = f"{apache.origin}/api/", callback(apache, logout=f"{apache.origin}/bye/")
    assert status(api, "no-token-at-all") == 401
    token = signed_in(luca, apache)["OIDC_access_token"]
    assert status(api, token) == 200
    luca.open(leave)
    assert status(api, token) == 401
    narrow = signed_in(luca, apache, refuse=["giponext.patients"])["OIDC_access_token"]
    assert status(api, narrow) == 401  # alive, without the scope that the configuration requires
