"""An integrator access that ends by the clock, in a demo whose clock is moved: the days left, the warnings, the last call, the end at midnight.

The manager reads Italian and the integrator English: each has pages and mails in their own language.
"""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import letter, link_in
from tests.support.browser_words import Words
from tests.support.demo_clock import DemoClock
from tests.support.demo_server import Demo
from tests.support.demo_world import World
from varco.ops.demo.integrators import INES, LEFT

SCOPE = "openid giponext.patients"
AURORA = "Centro Medico Aurora"


@pytest.fixture
def own_chromium(chromium: Chromium) -> Iterator[Chromium]:
    demo = Demo().start()
    yield Chromium(World(demo), chromium.browser)
    demo.stop()


def in_mailbox(reader: Visitor, to: str, subject: str) -> str:
    """The text of a mail that the workers, who look every few seconds, send when it is due."""
    expect_row = reader.page.locator("main a.way", has_text=subject).first
    for _ in range(60):
        reader.open(f"/demo/mailbox/?to={to}")
        if expect_row.count():
            break
        reader.page.wait_for_timeout(500)
    return letter(reader, to, subject)


def test_the_days_run_out_and_midnight_ends_it(own_chromium: Chromium, say: Words) -> None:
    world, other = own_chromium.world, Words("en")
    clock, managed_by = DemoClock(world.demo), world.account("manager_aurora")["email"]
    with (
        own_chromium.visitor("manager_aurora", language=say.language) as marta,
        own_chromium.visitor("integrator_aurora", language=other.language) as ines,
    ):
        ines.open("/")
        expect(ines.page.locator(".countdown")).to_contain_text(f"{LEFT}")
        clock.move_to(LEFT, 8, 1)
        for words, to in ((say, managed_by), (other, INES.email)):
            subject = words("Access to %(name)s ends today", name=AURORA)
            assert "23:59:59" in in_mailbox(marta, to, subject)
        ines.open("/")
        today = other("Temporary access to %(name)s: it ends today at 23:59:59.", name=AURORA)
        expect(ines.page.locator(".countdown")).to_contain_text(today)
        assert ines.violations() == []

        clock.move_to(LEFT, 23, 54)
        token = world.tokens("integrator_aurora", scope=SCOPE)["access_token"]
        patients = world.address(f"/v2/tenants/{world.tenant('aurora')}/patients")
        bearer = {"Authorization": f"Bearer {token}"}
        assert httpx.get(patients, headers=bearer).status_code == 200
        clock.move_to(LEFT + 1, 0, 0)
        assert httpx.get(patients, headers=bearer).status_code == 401
        told = in_mailbox(marta, managed_by, say("Integrator access ended: %(email)s", email=INES.email))
        ines.open("/account/")
        expect(ines.page.locator("input[type=password]")).to_be_visible()  # signed out
        marta.open("/")
        if marta.page.locator("input[type=password]").count():
            marta.sign_in("manager_aurora")
        marta.open(link_in(told, "/report/"))
        expect(marta.page.get_by_role("heading", level=1)).to_contain_text(say("What was done with the access"))
        expect(marta.page.locator("tbody tr").first).to_contain_text(world.client("web")["name"])
        assert marta.violations() == []
