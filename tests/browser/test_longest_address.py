"""The pages of others on which a person's confirmed e-mail address stands: the longest one breaks none."""

import re
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.test_longest import LONG_EMAIL, LONGEST, NAMES, decide, register, sideways
from tests.support.browser import Chromium, Visitor
from tests.support.demo_world import World

ADDRESS = LONG_EMAIL.replace("aaaa", "dddd")


def varco(world: World, *arguments: str) -> str:
    """What a command of the operator's prints."""
    done = world.demo.varco(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def newcomer(chromium: Chromium, world: World) -> Iterator[Visitor]:
    """Somebody with that address who writes software and works at a clinic, signed in."""
    told = varco(world, "account", "create", ADDRESS, "--role", "developer", "--print-link")
    varco(world, "member", "add", ADDRESS, "--tenant", world.tenant("aurora"), "--role", "doctor")
    link = re.search(r"http://\S+", told)
    assert link
    with chromium.visitor() as visitor:
        address = urlsplit(link.group())
        visitor.open(f"{address.path}?{address.query}")
        assert sideways(visitor) == []
        for field, value in zip(("given_name", "family_name"), NAMES, strict=True):
            visitor.page.locator(f"input[name={field}]").fill(value)
        password = secrets.token_urlsafe(20)
        for field in ("password1", "password2"):
            visitor.page.locator(f"input[name={field}]").fill(password)
        visitor.page.locator("main form:has(input[name=password1]) button[type=submit]").click()
        yield visitor
    varco(world, "member", "remove", ADDRESS)
    varco(world, "account", "deactivate", ADDRESS)


def test_it_breaks_no_page_of_others(chromium: Chromium, world: World, newcomer: Visitor) -> None:
    name, *rest = LONGEST
    values = ("V" + name[1:], *rest)
    number = register(newcomer, (values[0], values[1], values[2], values[3]))
    newcomer.open(world.request("web", scope="openid profile"))
    newcomer.answer("http", newcomer.page.get_by_role("button", name="Accept").click)
    with chromium.visitor("operator") as olga:
        decide(olga, values[0])
        assert sideways(olga, "/staff/applications/all/", f"/staff/applications/{number}/") == []
        olga.open(f"/staff/applications/{number}/")
        assert ADDRESS in olga.page.locator("main").inner_text()
    with chromium.visitor("manager_aurora") as marta:
        page = f"/clinic/applications/{world.client('web')['client_id']}/"
        assert sideways(marta, page) == []
        assert ADDRESS in marta.page.locator("main").inner_text()
    newcomer.open(f"/developer/applications/{number}/retire/")
    newcomer.page.locator("main form button:visible").first.click()
